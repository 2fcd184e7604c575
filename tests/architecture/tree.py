"""The repository's files as the architecture tests see them: everything git would keep."""

import os
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]


def repository_files(root: Path) -> list[Path]:
    """List what a folder's `.gitignore` does not name, relative to the folder, sorted.

    Works on a checkout and on an unpacked archive alike, so it does not ask git.

    Args:
        root: A folder with a `.gitignore` of plain names and globs (`data/`, `*.egg-info/`).
    """
    ignored = [".git", *(line.strip().rstrip("/") for line in _lines(root / ".gitignore"))]

    def is_kept(name: str) -> bool:
        return not any(fnmatch(name, pattern) for pattern in ignored)

    found: list[Path] = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if is_kept(name)]
        found += [Path(folder, name).relative_to(root) for name in files if is_kept(name)]
    return sorted(found)


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
