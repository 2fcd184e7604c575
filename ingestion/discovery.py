"""Find a source's files and know them by their content."""

import fnmatch
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_HIDDEN = (".", "_")


@dataclass(frozen=True)
class FoundFile:
    """One file under a source's root.

    Attributes:
        name: Path relative to the root, with `/` between its parts.
        path: Where it is.
        size: Bytes.
        sha256: Digest of its content.
    """

    name: str
    path: Path
    size: int
    sha256: str


def list_names(root: Path) -> list[str]:
    """Return the relative paths of all files under a root, sorted; hidden and `_…` ones excluded.

    One walk serves every table of the source: a glob for each would walk the tree again.
    """
    return sorted(_walk(str(root), ""))


def matching(names: Sequence[str], globs: Sequence[str]) -> list[str]:
    """Return the names that match one of the globs, `**/` standing for any depth."""
    pattern = re.compile("|".join(_regex(glob) for glob in globs))
    return [name for name in names if pattern.fullmatch(name)]


def digest_files(root: Path, names: Sequence[str]) -> Iterator[FoundFile]:
    """Read files and yield them with their digests, in the order given."""
    with ThreadPoolExecutor() as pool:
        yield from pool.map(lambda name: _digest(root, name), names)


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
            # fnmatch ends its expression with an anchor and lets `*` run across folders.
            inner = fnmatch.translate(part).removesuffix(r"\Z").replace(".*", "[^/]*")
            regex += inner + ("/" if place < len(parts) - 1 else "")
    return regex


def _digest(root: Path, name: str) -> FoundFile:
    path = root / name
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        size = content.tell()
    return FoundFile(name=name, path=path, size=size, sha256=digest)
