"""What readers take and give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_GROUP_FILES = 1_000
GROUP_BYTES = 192 * 2**20
"""Bytes in memory that are read at a time."""

_GZIP_RATIO = 12


@dataclass(frozen=True)
class InputFile:
    """One file to be read.

    Attributes:
        file_no: Its number in the lake.
        path: Where it is.
        name: Its path relative to the source's root, as the manifest knows it.
        size: Bytes on disk.
    """

    file_no: int
    path: Path
    name: str
    size: int

    @property
    def weight(self) -> int:
        """Bytes that it is expected to take in memory."""
        return self.size * (_GZIP_RATIO if self.path.suffix == ".gz" else 1)


@dataclass(frozen=True)
class Unreadable:
    """A file that can't be read at all.

    Attributes:
        file: The file.
        problem: Kind of the failure, never content.
    """

    file: InputFile
    problem: str


def unknown_columns(
    found: Sequence[str], columns: Sequence[str], known: Sequence[str] | None
) -> list[str]:
    """Return the columns found that are neither wanted nor known; none if any may be there."""
    if known is None:
        return []
    return [name for name in dict.fromkeys(found) if name not in columns and name not in known]


def in_groups(
    files: Sequence[InputFile],
    *,
    files_at_most: int = _GROUP_FILES,
    bytes_at_most: int = GROUP_BYTES,
) -> Iterator[list[InputFile]]:
    """Yield files in their order, as many together as fit; a larger one comes alone."""
    group: list[InputFile] = []
    weight = 0
    for file in files:
        if group and (len(group) == files_at_most or weight + file.weight > bytes_at_most):
            yield group
            group, weight = [], 0
        group.append(file)
        weight += file.weight
    if group:
        yield group
