"""Make files survive a loss of power, many in one go.

Telling the disk of each file took ten times as long as writing it: a landing writes one file per
received date, thousands of them for a history.
"""

import ctypes
import os
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Protocol

_FEW = 8
"""Up to so many files are told one by one: a flush of the whole disk also waits for others'."""


class _SyncFileSystem(Protocol):
    def __call__(self, descriptor: int, /) -> int:
        """Flush the file system of an open file; 0 if it went well."""


def make_durable(files: Collection[Path]) -> None:
    """Return when files are on disk, with their names and their folders' names.

    Args:
        files: Closed files of one file system.

    Raises:
        OSError: The disk could not take them.
    """
    flush = _sync_file_system()
    if flush is None or len(files) <= _FEW:
        folders = {file.parent for file in files}
        for path in (*files, *folders, *{folder.parent for folder in folders}):
            sync(path)
        return
    descriptor = os.open(next(iter(files)), os.O_RDONLY)
    try:
        if flush(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), "the disk under the lake")
    finally:
        os.close(descriptor)


def sync(path: Path) -> None:
    """Return when a file's content, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@cache
def _sync_file_system() -> _SyncFileSystem | None:
    """Find Linux's `syncfs`; other systems have none that waits."""
    try:
        found: _SyncFileSystem = ctypes.CDLL(None, use_errno=True).syncfs
    except (AttributeError, OSError, TypeError):
        return None
    return found
