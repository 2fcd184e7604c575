"""Quote names and values for SQL that is composed from contracts."""

import glob
from pathlib import Path


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """Quote the path of one file: DuckDB would take `[1]` in it for a pattern."""
    return literal(glob.escape(str(path)))
