"""The one operation under way in a lake, so that the next call can finish or undo it.

A landing is undone when its manifest was not committed and cleaned up when it was. A set-aside
or a restore is only renames: it is always finished.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ingestion.durable import sync
from ingestion.lake import MANIFEST, remove, table_folders, write_atomically
from ingestion.manifest import read_manifest
from ingestion.rejections import Rejection, write_rejections


class Landing(BaseModel):
    """A landing under way.

    Attributes:
        source: Source of the table.
        table: Table.
        landing: Number that the names of all its files begin with.
        obsolete: Files, relative to the lake, that its commit makes obsolete.
        moves: (from, to) of drafts of files outside the lake, relative to it, that its commit puts
            in their place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["landing"] = "landing"
    source: str
    table: str
    landing: int
    obsolete: tuple[str, ...] = ()
    moves: tuple[tuple[str, str], ...] = ()


class Moves(BaseModel):
    """A set-aside or a restore under way.

    Attributes:
        moves: (from, to) of each file, relative to the lake.
        rejections: The register of set-aside batches afterwards.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["moves"] = "moves"
    moves: tuple[tuple[str, str], ...]
    rejections: tuple[Rejection, ...]


class _Journal(BaseModel):
    operation: Annotated[Landing | Moves, Field(discriminator="kind")]


def begin(lake: Path, operation: Landing | Moves) -> None:
    """Write down what is about to happen."""
    write_atomically(_path(lake), _Journal(operation=operation).model_dump_json().encode())


def recover(lake: Path) -> None:
    """Finish or undo what a killed process left behind; do nothing in a lake at rest."""
    path = _path(lake)
    if not path.exists():
        return
    operation = _Journal.model_validate_json(path.read_bytes()).operation
    if isinstance(operation, Moves):
        _finish_moves(lake, operation)
    elif operation.landing in read_manifest(lake, operation.source, operation.table).landings:
        _move(lake, operation.moves)
        for name in operation.obsolete:
            remove(lake / name)
    else:
        for draft in drafts_folder(lake).glob(f"{file_prefix(operation.landing)}*"):
            remove(draft)
        for folder in table_folders(lake, operation.source, operation.table):
            for leftover in folder.glob(f"received_date=*/{file_prefix(operation.landing)}*"):
                remove(leftover)
    path.unlink()
    sync(path.parent)


def file_prefix(landing: int) -> str:
    """Return what the names of a landing's files begin with."""
    return f"{landing:08d}-"


def drafts_folder(lake: Path) -> Path:
    """Return the folder of drafts of files outside the lake."""
    return lake / MANIFEST / "drafts"


def _finish_moves(lake: Path, operation: Moves) -> None:
    _move(lake, operation.moves)
    write_rejections(lake, operation.rejections)


def _move(lake: Path, moves: Iterable[tuple[str, str]]) -> None:
    for source, target in moves:
        if (lake / source).exists():
            (lake / target).parent.mkdir(parents=True, exist_ok=True)
            (lake / source).rename(lake / target)
            sync((lake / target).parent)
            remove(lake / source)


def _path(lake: Path) -> Path:
    return lake / MANIFEST / "journal.json"
