"""A small world of exports and a lake, for the tests of ingestion."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.contracts import SourceContract
from ingestion.landing import LandingSummary, land
from ingestion.mapping import CustomInput
from ingestion.sources import SourceFiles
from warehouse import connect

FIRST_DAY = "2025-09-01"


def event(number: int, *, day: str = FIRST_DAY, **changes: object) -> dict[str, Any]:
    """One Amplitude event as the vendor writes it."""
    time = f"{day} 10:00:{number % 60:02d}.000000"
    return {
        "uuid": f"u{number}",
        "$insert_id": f"i{number}",
        "app": 187520,
        "device_id": "d1",
        "session_id": 1_700_000_000_000,
        "event_type": "app_opened",
        "event_properties": {"session_origin": "direct"},
        "client_event_time": time,
        "client_upload_time": time,
        "server_received_time": time,
        "server_upload_time": time,
        "event_time": time,
        "platform": "iOS",
    } | changes


def json_lines(records: Sequence[object]) -> bytes:
    texts = [r if isinstance(r, str) else json.dumps(r) for r in records]
    return "".join(f"{text}\n" for text in texts).encode()


@dataclass
class World:
    """Exports and a lake in a temporary folder."""

    folder: Path
    contracts: Mapping[str, SourceContract]

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    def write(self, name: str, content: bytes) -> Path:
        path = self.folder / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def write_events(
        self, records: Sequence[object], *, day: str = FIRST_DAY, hour: int = 10
    ) -> Path:
        name = f"amplitude/187520_{day}_{hour}#0.json.gz"
        return self.write(name, gzip.compress(json_lines(records), mtime=0))

    def land(self, *sources: str, inputs: Sequence[CustomInput] | None = None) -> LandingSummary:
        given = [
            SourceFiles(
                name,
                self.folder / "exports" / name,
                tuple(inputs) if inputs is not None and name == "custom" else None,
            )
            for name in sources or ("amplitude",)
        ]
        return land(given, self.lake, contracts=self.contracts)

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Rows of `source/table` in the lake (or below `_quarantine`), by row id."""
        files = sorted((self.lake / table).glob("received_date=*/*.parquet"))
        if not files:
            return []
        listed = ", ".join(f"'{path}'" for path in files)
        with connect(None) as connection:
            return connection.execute(
                f"select {columns} from read_parquet([{listed}], hive_partitioning = true, "
                "hive_types = {'received_date': date}) order by _row_id"
            ).fetchall()

    def quarantined(self, table: str, columns: str = "_line, reason") -> list[tuple[Any, ...]]:
        return self.rows(f"_quarantine/{table}", columns)

    def content(self) -> dict[str, str]:
        """Digest of every file in the lake but the caches."""
        return {
            path.relative_to(self.lake).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.lake.rglob("*"))
            if path.is_file() and "_cache" not in path.parts
        }
