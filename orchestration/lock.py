"""Let one process at a time write: command line, schedule and user interface alike."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from orchestration.exits import CommandError

WAIT_FOREVER = -1.0
# Longer than the moment for which `current_holder` tries the lock.
NO_WAIT = 1.0


@contextmanager
def hold_writer_lock(path: Path, *, now: datetime, wait: bool = False) -> Iterator[None]:
    """Hold the writer's lock, and note who holds it.

    The lock is the operating system's: it goes when the process dies, however it dies. Within one
    process it may be taken again, so that a command and the run inside it share it.

    Args:
        path: The lock file; the holder's note lies beside it.
        now: When the holder started (UTC), for those who wait.
        wait: Wait for the holder instead of failing.

    Raises:
        CommandError: Another process holds the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, is_singleton=True, thread_local=False)
    already_ours = lock.is_locked
    try:
        lock.acquire(timeout=WAIT_FOREVER if wait else NO_WAIT)
    except Timeout as error:
        raise CommandError(
            f"Another run is writing: {describe_holder(path)}.",
            remedy="Wait for it to end, or start with --wait.",
        ) from error
    try:
        if not already_ours:
            _note_path(path).write_text(
                json.dumps({"pid": os.getpid(), "started_at": now.isoformat(timespec="seconds")}),
                encoding="utf-8",
            )
        yield
    finally:
        if not already_ours:
            _note_path(path).unlink(missing_ok=True)
        lock.release()


def describe_holder(path: Path) -> str:
    """Say which process holds the lock and since when, as far as it noted it."""
    with suppress(OSError, ValueError, KeyError):
        note = json.loads(_note_path(path).read_text(encoding="utf-8"))
        return f"process {note['pid']}, since {note['started_at']}"
    return "a process that left no note"


def current_holder(path: Path) -> str | None:
    """Say which process is writing now, or None."""
    if not path.exists():
        return None
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return describe_holder(path)
    lock.release()
    return None


def _note_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
