"""Find a source's files and know them by their content."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ingestion.stat_cache import StatCache, signature

_HIDDEN = (".", "_")


@dataclass(frozen=True)
class FoundFile:
    """One file under a source's root.

    Attributes:
        name: Path relative to the root, with `/` between its parts.
        root: The source's root.
        size: Bytes.
        sha256: Digest of its content.
    """

    name: str
    root: Path
    size: int
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.root / self.name


def list_names(root: Path) -> list[str]:
    """Return the relative paths of all files under a root, sorted; hidden and `_…` ones excluded.

    One walk serves every table of the source: a glob for each would walk the tree again.
    """
    return sorted(_walk(str(root), ""))


def matching(names: Sequence[str], globs: Sequence[str]) -> list[str]:
    """Return the names that match one of the globs, `**/` standing for any depth."""
    pattern = re.compile("|".join(_regex(glob) for glob in globs))
    return [name for name in names if pattern.fullmatch(name)]


def digest_files(root: Path, names: Sequence[str], cache: StatCache) -> Iterator[FoundFile]:
    """Yield files with their digests, in the order given; those that changed are read.

    Args:
        root: The source's root.
        names: Relative paths.
        cache: What is known of the files; told what was read.
    """
    # Tens of thousands of files: a text is joined ten times as fast as a path.
    stats = {name: signature(os.stat(f"{root}/{name}")) for name in names}  # noqa: PTH116
    known = {name: cache.get(name, stat) for name, stat in stats.items()}
    unknown = [name for name, digest in known.items() if digest is None]
    with ThreadPoolExecutor() as pool:
        read = pool.map(lambda name: _digest(root, name, cache), unknown)
        for name in names:
            digest = known[name]
            if digest is None:
                yield next(read)
            else:
                yield FoundFile(name, root, stats[name][0], digest)


def _walk(folder: str, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_HIDDEN):
                continue
            if entry.is_dir():
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
            else:
                yield f"{prefix}{entry.name}"


def _regex(glob: str) -> str:
    parts = glob.split("/")
    regex = ""
    for place, part in enumerate(parts):
        if part == "**":
            regex += "(?:[^/]+/)*" if place < len(parts) - 1 else ".*"
        else:
            regex += _part(part) + ("/" if place < len(parts) - 1 else "")
    return regex


def _part(glob: str) -> str:
    """Return the expression of a path's part, in which `*` and `?` stay inside the part."""
    pieces = re.split(r"(\*+|\?|\[!?\]?[^]]*\])", glob)
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    if piece.startswith("*"):
        return "[^/]*"
    if piece == "?":
        return "[^/]"
    if len(piece) > 1 and piece.startswith("["):
        is_negated = piece.startswith("[!")
        inside = re.sub(r"([\\^\[\]&~|])", r"\\\1", piece[2 if is_negated else 1 : -1])
        return f"[^/{inside}]" if is_negated else f"[{inside}]"
    return re.escape(piece)


def _digest(root: Path, name: str, cache: StatCache) -> FoundFile:
    path = root / name
    with path.open("rb") as content:
        before = signature(os.fstat(content.fileno()))
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        size = content.tell()
        after = signature(os.fstat(content.fileno()))
    if before == after:
        cache.put(name, after, digest)
    return FoundFile(name=name, root=root, size=size, sha256=digest)
