"""Resolve the paths of `trustlift.yml`: environment variables and the file's own folder."""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic_core import PydanticCustomError

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


def resolve_path(text: object, *, base: Path, environ: Mapping[str, str], cwd: Path) -> Path:
    """Turn a configured path into an absolute one.

    A relative path is meant from the configuration file. One that comes from an environment
    variable is meant from where the command runs, as in every shell.

    Args:
        text: The configured value; `${NAME}` and `${NAME:-default}` are replaced.
        base: Folder of the configuration file.
        environ: The environment.
        cwd: Folder the command runs in.

    Raises:
        PydanticCustomError: The value is no text, is empty, or names a variable that is not set.
    """
    if isinstance(text, Path):
        return text
    if not isinstance(text, str) or not text.strip():
        raise PydanticCustomError(
            "path", "must be a path", {"remedy": "write a folder or file name as text"}
        )
    root = cwd if _starts_with_set_variable(text, environ) else base
    return (root / _VARIABLE.sub(lambda match: _value(match, environ), text)).resolve()


def _starts_with_set_variable(text: str, environ: Mapping[str, str]) -> bool:
    match = _VARIABLE.match(text)
    return match is not None and bool(environ.get(match["name"]))


def _value(match: re.Match[str], environ: Mapping[str, str]) -> str:
    value = environ.get(match["name"]) or match["default"]
    if value is None:
        raise PydanticCustomError(
            "path_variable",
            "must name an environment variable that is set",
            {"remedy": f"set {match['name']}, or write ${{{match['name']}:-a/default/path}}"},
        )
    return value
