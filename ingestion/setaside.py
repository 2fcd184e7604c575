"""Set a batch aside and bring it back: a person's answer to a gate that blocks.

A batch is what one table received on one date. Its files move by rename, so that a batch brought
back is the same to the byte.
"""

import difflib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import pyarrow.parquet as pq

from ingestion.journal import Moves, begin, recover
from ingestion.lake import dated_files, quarantine_folder, rejected_folder, table_folder
from ingestion.manifest import read_manifests
from ingestion.rejections import Rejection, read_rejections
from ingestion.withdrawal import ERASED, SUPERSEDED

__all__ = ["Rejection", "SetAsideError", "reject", "restore"]

_NAMED = 3
_UNJUDGED = (ERASED, SUPERSEDED)


class SetAsideError(ValueError):
    """A batch can't be set aside or brought back."""


def reject(lake: Path, batch_id: str, *, reason: str, now: datetime) -> Rejection:
    """Set a batch aside: its rows leave the lake and are counted as quarantined.

    Its malformed rows, in quarantine already, are no longer held against it either.

    Args:
        lake: Root of the lake.
        batch_id: `<source>/<table>/<received_date>`.
        reason: Why, for whoever asks later.
        now: The time to note. Aware.

    Returns:
        The entry in the register; of a batch that grew since it was set aside, the whole.

    Raises:
        SetAsideError: The lake has no such batch; the nearest ones are named.
    """
    recover(lake)
    source, table, received_date = _parts(batch_id)
    live = table_folder(lake, source, table)
    paths = _files_of(live, received_date)
    register = {rejection.batch_id: rejection for rejection in read_rejections(lake)}
    malformed = _malformed_rows(lake, batch_id, after=register.get(batch_id))
    if not paths and not malformed:
        if batch_id in register:
            raise SetAsideError(
                f"batch {batch_id!r} is set aside already "
                f"(since {register[batch_id].rejected_at:%Y-%m-%d %H:%M} UTC). "
                f"Bring it back with `trustlift restore {batch_id}`."
            )
        raise _unknown(batch_id, _batches(lake), "in the lake")
    before = register[batch_id].rows if batch_id in register else 0
    rows = before + malformed + sum(pq.read_metadata(path).num_rows for path in paths)
    files = [file.file_no for manifest in read_manifests(lake).values() for file in manifest.files]
    entry = Rejection(
        batch_id=batch_id, reason=reason, rejected_at=now, rows=rows, last_file_no=max(files)
    )
    target = rejected_folder(lake, source, table)
    _move(lake, paths, target=target, register=(register | {batch_id: entry}).values())
    return entry


def restore(lake: Path, batch_id: str) -> Rejection:
    """Bring a batch back that was set aside.

    Returns:
        The entry that the register had of it.

    Raises:
        SetAsideError: No such batch is set aside; the nearest ones are named.
    """
    recover(lake)
    source, table, received_date = _parts(batch_id)
    register = {rejection.batch_id: rejection for rejection in read_rejections(lake)}
    if batch_id not in register:
        raise _unknown(batch_id, list(register), "set aside")
    entry = register.pop(batch_id)
    paths = _files_of(rejected_folder(lake, source, table), received_date)
    target = table_folder(lake, source, table)
    _move(lake, paths, target=target, register=register.values())
    return entry


def _move(
    lake: Path, paths: Sequence[Path], *, target: Path, register: Iterable[Rejection]
) -> None:
    moves = tuple(
        (
            path.relative_to(lake).as_posix(),
            (target / path.parent.name / path.name).relative_to(lake).as_posix(),
        )
        for path in paths
    )
    begin(lake, Moves(moves=moves, rejections=tuple(register)))
    recover(lake)


def _parts(batch_id: str) -> tuple[str, str, str]:
    parts = batch_id.split("/")
    if len(parts) == 3 and all(parts) and _is_date(parts[2]):
        return parts[0], parts[1], parts[2]
    raise SetAsideError(
        f"batch {batch_id!r} must be <source>/<table>/<received_date>, "
        "such as amplitude/events/2026-03-01. Take it from `trustlift status`."
    )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _malformed_rows(lake: Path, batch_id: str, *, after: Rejection | None) -> int:
    source, table, received_date = _parts(batch_id)
    paths = _files_of(quarantine_folder(lake, source, table), received_date)
    known = after.last_file_no if after else 0
    rows = [
        row
        for path in paths
        for row in pq.read_table(path, columns=["_file_no", "reason"]).to_pylist()
    ]
    return sum(row["_file_no"] > known and row["reason"] not in _UNJUDGED for row in rows)


def _files_of(folder: Path, received_date: str) -> list[Path]:
    return sorted((folder / f"received_date={received_date}").glob("*.parquet"))


def _batches(lake: Path) -> list[str]:
    return [
        f"{source}/{table}/{received_date}"
        for source, table in read_manifests(lake)
        for received_date in sorted(
            {
                received_date
                for folder in (
                    table_folder(lake, source, table),
                    quarantine_folder(lake, source, table),
                )
                for received_date, _ in dated_files(folder)
            }
        )
    ]


def _unknown(batch_id: str, known: Sequence[str], where: str) -> SetAsideError:
    nearest = difflib.get_close_matches(batch_id, known, n=_NAMED, cutoff=0.0)
    named = f"The nearest known: {', '.join(nearest)}." if nearest else "There is none."
    return SetAsideError(f"batch {batch_id!r} must be one that is {where}. {named}")
