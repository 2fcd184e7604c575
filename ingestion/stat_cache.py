"""What is known of files that were hashed before, so that a run does not read all of history again.

As in git's index, a file is the same if its size, times and inode are. One that was changed so
shortly before the cache was written that a later change could bear the same times is not trusted:
it is hashed again, and the cache written again.
"""

import os
from pathlib import Path

import orjson

from ingestion.lake import write_atomically

Stat = tuple[int, int, int, int]
"""Size, modification time, change time (nanoseconds) and inode."""

_RACY_NANOSECONDS = 2 * 10**9
"""The coarsest clock of a file system in use."""


def signature(status: os.stat_result) -> Stat:
    """Return what tells whether a file changed."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


class StatCache:
    """Digests of one source's files by name, valid while their stat is the same."""

    def __init__(self, path: Path) -> None:
        """Read the cache; one that is missing or damaged is empty.

        Args:
            path: Its file.
        """
        self._path = path
        self._known: dict[str, tuple[Stat, str]] = {}
        self._fresh: dict[str, tuple[Stat, str]] = {}
        self._trusted_before = 0
        try:
            content = orjson.loads(path.read_bytes())
            self._known = {name: (tuple(stat), digest) for name, stat, digest in content}
            self._trusted_before = path.stat().st_mtime_ns - _RACY_NANOSECONDS
        except (OSError, ValueError, TypeError):
            self._known = {}

    def get(self, name: str, stat: Stat) -> str | None:
        """Return the digest of a file that did not change, None if that is not certain."""
        known = self._known.get(name)
        if known is None or known[0] != stat or max(stat[1], stat[2]) >= self._trusted_before:
            return None
        self._fresh[name] = known
        return known[1]

    def put(self, name: str, stat: Stat, digest: str) -> None:
        """Remember the digest of a file that had this stat before and after it was read."""
        self._fresh[name] = (stat, digest)

    def save(self) -> None:
        """Write what was asked for since; files that are gone are forgotten."""
        if self._fresh == self._known and self._is_settled():
            return
        content = [[name, stat, digest] for name, (stat, digest) in sorted(self._fresh.items())]
        write_atomically(self._path, orjson.dumps(content))

    def _is_settled(self) -> bool:
        newest = max((max(s[1], s[2]) for s, _ in self._fresh.values()), default=0)
        return newest < self._trusted_before
