"""What has landed: one manifest per table, committed as the last act of every landing."""

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ingestion.drift import Drift
from ingestion.lake import MANIFEST, write_atomically
from ingestion.stat_cache import Stat, signature

Key = tuple[str, str]
"""Source and table."""


class LandedFile(BaseModel):
    """One file that was read.

    Attributes:
        file_no: Its durable number, unique in the lake.
        path: Where it lay, relative to the source's root.
        digest: Of its content, with what its path says of its rows.
        size: Bytes.
        reading: How often the table reads this file (0 for the first mapping of it).
        layout: Digest of the contract or mapping that it was read with.
        landing: Number of the landing that brought its rows.
        landed_rows: Rows in the lake.
        quarantined_rows: Rows in quarantine.
        drift: How it differs from its contract.
        state: `superseded` when other content came at its path.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file_no: int
    path: str
    digest: str
    size: int
    reading: int
    layout: str
    landing: int
    landed_rows: int
    quarantined_rows: int
    drift: tuple[Drift, ...] = ()
    state: Literal["landed", "superseded"] = "landed"


class TableManifest(BaseModel):
    """Every landing and file of one table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    landings: tuple[int, ...] = ()
    files: tuple[LandedFile, ...] = ()

    @property
    def active(self) -> tuple[LandedFile, ...]:
        """Files whose rows count."""
        return tuple(file for file in self.files if file.state == "landed")

    def after(self, landing: int, changed: Iterable[LandedFile]) -> "TableManifest":
        """Return the manifest after a landing: changed files replace those of the same number."""
        files = {file.file_no: file for file in self.files}
        files.update({file.file_no: file for file in changed})
        return TableManifest(
            landings=(*self.landings, landing),
            files=tuple(files[number] for number in sorted(files)),
        )


def read_manifest(lake: Path, source: str, table: str) -> TableManifest:
    """Return a table's manifest, an empty one when nothing has landed."""
    path = _path(lake, source, table)
    if not path.exists():
        return TableManifest()
    return _read(path, signature(path.stat()))


def read_manifests(lake: Path) -> Mapping[Key, TableManifest]:
    """Return the manifest of every table that has one."""
    paths = sorted((lake / MANIFEST).glob("*/*.json"))
    return {
        (path.parent.name, path.stem): read_manifest(lake, path.parent.name, path.stem)
        for path in paths
    }


def commit_manifest(lake: Path, source: str, table: str, manifest: TableManifest) -> None:
    """Replace a table's manifest: what it names is landed from now on."""
    write_atomically(_path(lake, source, table), manifest.model_dump_json().encode())


@functools.lru_cache(maxsize=1024)
def _read(path: Path, stat: Stat) -> TableManifest:
    """Read a manifest once for as long as it is the same: a run asks for it many times."""
    del stat
    return TableManifest.model_validate_json(path.read_bytes())


def _path(lake: Path, source: str, table: str) -> Path:
    return lake / MANIFEST / source / f"{table}.json"
