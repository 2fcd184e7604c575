"""What is known of customers between runs: ids can't be made again from the data, so they are kept.

One file holds the graph of the last publish, how it was resolved, whose each identifier is and was.
It holds numbers and digests only. A run writes a candidate; it becomes the state when the run
publishes, so a blocked run advances no id. The states before it are kept beside it.
"""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from identity.audit import Audit, Gone, Past
from identity.graph import IdentityGraph, empty_graph
from identity.reviews import Refusals
from identity.state_file import read_arrays, write_arrays
from identity.tiers import Resolution, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from identity.graph import Integers

KEPT_BACKUPS = 5
"""A publish a day or a few: whoever looks on the next working day still finds the state before."""

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class State:
    """The last publish.

    Attributes:
        graph: identifiers, edges, guards.
        resolution: how they were resolved.
        numbers: number of each identifier's customer; shape (identifiers,).
        since: microseconds since 1970 UTC from when on it is that one's; shape (identifiers,).
        gone: identifiers that have left the data, and whose they were last, so that a batch set
            aside and restored finds its customers again.
        past: whose identifiers were before.
        audit: every merge, split and move of customers, with its cause.
        next_number: smallest number never given; no number is given twice.
    """

    graph: IdentityGraph = field(default_factory=empty_graph)
    resolution: Resolution = field(default_factory=lambda: resolve(empty_graph()))
    numbers: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    since: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    gone: Gone = field(default_factory=Gone.empty)
    past: Past = field(default_factory=Past.empty)
    audit: Audit = field(default_factory=Audit.empty)
    next_number: int = 1


def read_state(path: Path) -> State:
    """Read the state; the empty one where there is no file yet.

    Args:
        path: the state file.

    Raises:
        ValueError: the file is there and can't be read as a state. Ids would be given anew, so
            nothing is guessed.
    """
    if not path.exists():
        return State()
    try:
        columns = read_arrays(path)
        resolution = {
            one.name: columns[f"resolution.{one.name}"]
            for one in fields(Resolution)
            if one.name != "refusals"
        }
        return State(
            graph=_part(IdentityGraph, "graph", columns),
            resolution=Resolution(**resolution, refusals=_part(Refusals, "refusals", columns)),
            numbers=columns["numbers"],
            since=columns["since"],
            gone=_part(Gone, "gone", columns),
            past=_part(Past, "past", columns),
            audit=_part(Audit, "audit", columns),
            next_number=int(columns["next_number"]),
        )
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} is no state of customer ids ({error}): put the last good copy back from "
            f"{_backups(path)}, or remove it and accept that every customer gets a new id"
        ) from error


def write_state(path: Path, state: State) -> None:
    """Write a state file whose bytes depend on the state only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns: dict[str, Any] = {
        "next_number": np.array(state.next_number, dtype=np.int64),
        "numbers": state.numbers,
        "since": state.since,
    }
    parts = {
        "graph": state.graph,
        "resolution": state.resolution,
        "refusals": state.resolution.refusals,
        "gone": state.gone,
        "past": state.past,
        "audit": state.audit,
    }
    for name, part in parts.items():
        for one in fields(part):  # type: ignore[arg-type]
            column = getattr(part, one.name)
            if isinstance(column, np.ndarray):
                columns[f"{name}.{one.name}"] = column
    write_arrays(path, columns)


def commit_state(candidate: Path, state: Path) -> None:
    """Make the candidate the state, at once and wholly; call it when the run publishes.

    Args:
        candidate: written by the run.
        state: replaced; the last ones stay in the folder `backups` beside it.

    Raises:
        FileNotFoundError: there is no candidate.
    """
    if not candidate.exists():
        raise FileNotFoundError(
            f"{candidate} is not there: a state commits once, after the run that wrote it; "
            "run again"
        )
    state.parent.mkdir(parents=True, exist_ok=True)
    if state.exists():
        _back_up(state)
    candidate.replace(state)


def _back_up(state: Path) -> None:
    """Keep the state under the next number; it is linked, so that it costs nothing."""
    folder = _backups(state)
    folder.mkdir(exist_ok=True)
    kept = sorted(folder.glob(f"*{state.suffix}"))
    number = 1 + max((int(path.stem) for path in kept), default=0)
    if not (kept and kept[-1].samefile(state)):
        os.link(state, folder / f"{number:08d}{state.suffix}")
    for old in sorted(folder.glob(f"*{state.suffix}"))[:-KEPT_BACKUPS]:
        old.unlink()


def _backups(state: Path) -> Path:
    return state.parent / "backups"


def _part(kind: type[_Part], name: str, columns: Mapping[str, NDArray[Any]]) -> _Part:
    return kind(**{one.name: columns[f"{name}.{one.name}"] for one in fields(kind)})  # type: ignore[arg-type]
