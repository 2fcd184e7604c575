"""What a company's landing left, read without the warehouse."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml

PROJECT = Path(__file__).parents[2]
BATCH = ["source_name", "table_name", "received_date"]
_DATE = "regexp_extract(filename, 'received_date=([0-9-]+)', 1)"
_LINEAGE = ["_file_no", "_line", "_event_at", "_received_at"]


@dataclass(frozen=True)
class Lake:
    """What a company's landing left.

    Attributes:
        folder: The lake.
        truth: The folder of the simulator's truth.
    """

    folder: Path
    truth: Path

    @property
    def tables(self) -> list[tuple[str, str]]:
        """Every table with landed rows."""
        found = (path for path in self.folder.glob("[!_]*/*") if path.is_dir())
        return sorted((path.parent.name, path.name) for path in found)

    def rows(self, source: str, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Read a table's landed rows: the columns, their lineage and `received_date`."""
        names = ", ".join(f'"{name}"' for name in dict.fromkeys([*columns, *_LINEAGE]))
        files = self.folder / source / table / "*" / "*.parquet"
        return _read(f"select {names}, {_DATE} as received_date", files)

    def judged(self, source: str, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Read a table's landed rows with the reason that each deserves, as `expected_reason`."""
        manifest = json.loads((self.folder / "_manifest" / source / f"{table}.json").read_text())
        paths = {file["file_no"]: file["path"] for file in manifest["files"]}
        rows = self.rows(source, table, columns)
        rows["source_file"] = rows["_file_no"].map(paths)
        known = self._received
        known = known[(known["source_name"] == source) & (known["table_name"] == table)]
        places = ["source_file", "line_number"]
        judged = rows.rename(columns={"_line": "line_number"}).merge(
            known[[*places, "expected_reason"]], on=places, validate="one_to_one"
        )
        assert len(judged) == len(rows)
        return judged

    @cached_property
    def landed(self) -> pd.DataFrame:
        """Every landed row's times: source_name, table_name, received_date, event_at, received_at.

        `missing` and `expected` count the fields that its contract requires or expects.
        """
        frames = []
        for source, table in self.tables:
            names = [
                name
                for name, field in contract(source)["tables"][table]["fields"].items()
                if field.get("expected") or field.get("required")
            ]
            rows = self.rows(source, table, names)
            frames.append(
                rows[["received_date", "_event_at", "_received_at"]].assign(
                    source_name=source,
                    table_name=table,
                    missing=rows[names].isna().sum(axis=1),
                    expected=len(names),
                )
            )
        return pd.concat(frames).rename(
            columns={"_event_at": "event_at", "_received_at": "received_at"}
        )

    @cached_property
    def quarantined(self) -> pd.DataFrame:
        """Source and moment of receipt of every row that is not read."""
        files = self.folder / "_quarantine" / "*" / "*" / "*" / "*.parquet"
        source = "split_part(split_part(filename, '/_quarantine/', 2), '/', 1)"
        return _read(f"select {source} as source_name, _received_at as received_at", files)

    @cached_property
    def _received(self) -> pd.DataFrame:
        rows = pd.read_parquet(self.truth / "received_rows.parquet")
        texts = ["source_name", "table_name", "source_file", "expected_reason"]
        return rows.astype(dict.fromkeys(texts, str))


def _read(select: str, files: Path) -> pd.DataFrame:
    """Read Parquet files, whatever their folders are called."""
    with duckdb.connect() as connection:
        rows: pd.DataFrame = connection.execute(
            f"{select} from read_parquet('{files}', filename = true, hive_partitioning = false)"
        ).df()
    return rows


def contract(source: str) -> Any:
    """Read a source's contract as it is written; `custom` brings canonical tables."""
    name = "canonical" if source == "custom" else source
    return yaml.safe_load((PROJECT / f"ingestion/contracts/{name}.yml").read_text())
