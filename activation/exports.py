"""Write what is due to a file for the sending system, each follow-up once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from activation.follow_ups import braze_line
from activation.store import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from activation.follow_ups import FollowUp


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What an export did.

    Attributes:
        files: The files written, those that a killed export had left to write first.
        follow_ups: How many are in them.
        before: How many of those due had left before.
        unknown: How many are of customers whom the sending system cannot know.
    """

    files: tuple[Path, ...]
    follow_ups: int
    before: int
    unknown: int


def export(
    due: Iterable[FollowUp],
    addresses: Mapping[str, str],
    *,
    store: Path,
    folder: Path,
    now: datetime,
) -> Exported:
    """Write the follow-ups that have not left yet, as JSON lines.

    Args:
        due: What is owed now.
        addresses: By flow instance, whom the sending system knows the customer as.
        store: The file that remembers what has left.
        folder: Where the sending system looks.
        now: The moment of the export (aware UTC), for the file's name.

    Raises:
        StoreError: The memory cannot be read or written.
    """
    owed = list(due)
    reachable = [one for one in owed if one.flow_instance_id in addresses]
    new = _note(reachable, addresses, store=store, now=now)
    files, count = _write_noted(store, folder)
    return Exported(
        files=files,
        follow_ups=count,
        before=len(reachable) - new,
        unknown=len(owed) - len(reachable),
    )


def _note(
    reachable: list[FollowUp], addresses: Mapping[str, str], *, store: Path, now: datetime
) -> int:
    """Note what leaves now; say how much that is."""
    with transaction(store) as connection:
        gone = {row[0] for row in connection.execute("select flow_instance_id from exports")}
        new = [one for one in reachable if one.flow_instance_id not in gone]
        if not new:
            return 0
        lines = [f"{braze_line(one, addresses[one.flow_instance_id])}\n" for one in new]
        number = connection.execute(
            "insert into batches (exported_at, content) values (?, ?)",
            [now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"), "".join(lines)],
        ).lastrowid
        connection.executemany(
            "insert into exports values (?, ?)", [(one.flow_instance_id, number) for one in new]
        )
    return len(new)


def _write_noted(store: Path, folder: Path) -> tuple[tuple[Path, ...], int]:
    """Write every batch that is noted and not written, then forget what was in it."""
    files: list[Path] = []
    count = 0
    with transaction(store) as connection:
        noted = connection.execute(
            "select number, exported_at, content from batches "
            "where content is not null order by number"
        ).fetchall()
        for number, exported_at, content in noted:
            path = folder / f"follow_ups-{exported_at}-{number:06d}.jsonl"
            _write_whole(path, content)
            connection.execute("update batches set content = null where number = ?", [number])
            files.append(path)
            count += content.count("\n")
    return tuple(files), count


def _write_whole(path: Path, content: str) -> None:
    """Write a file that is there as a whole or not at all, and for good."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
