"""Say what is wrong with a configuration file: one line a fault, naming the remedy."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from pydantic_core import ErrorDetails

from orchestration.exits import CommandError, Exit

_SECRET_KEY = re.compile(
    r"pass|secret|token|credential|api_?key|private|dsn|url_env", re.IGNORECASE
)
# Whoever knows the URL of a webhook can write to its channel.
_SINK_URL = re.compile(r"alerts\.sinks\.\d+\.url")
_OUR_CLASSES = re.compile(r"a valid dictionary or instance of \w+")
_REMEDIES = {
    "missing": "add it",
    "string_type": "write text, in quotes if it looks like a number",
    "bool_type": "write true or false",
    "int_type": "write a whole number, without quotes",
    "float_type": "write a number, without quotes",
    "dict_type": "write a block of `key: value` lines",
    "model_type": "write a block of `key: value` lines",
    "tuple_type": "write a list, one `- item` a line",
    "list_type": "write a list, one `- item` a line",
    "greater_than_equal": "write {ge} or more",
    "greater_than": "write more than {gt}",
    "less_than_equal": "write {le} or less",
    "less_than": "write less than {lt}",
    "model_attributes_type": "write a block of `key: value` lines",
    "literal_error": "write one of: {expected}",
    "too_short": "add at least {min_length}",
}
_KIND_FAULTS = frozenset({"union_tag_invalid", "union_tag_not_found"})


class ConfigError(CommandError):
    """A configuration file that cannot be used; `lines` holds one fault each."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(
            "\n".join(lines), remedy="Correct the file and run again.", code=Exit.USAGE
        )
        self.lines = tuple(lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def describe_errors(
    errors: Iterable[ErrorDetails], *, file: Path, known_keys: Iterable[str]
) -> list[str]:
    """Turn pydantic's errors into one line each.

    Args:
        errors: `ValidationError.errors()`.
        file: The file, for the reader.
        known_keys: Every key the file may hold, to find what a misspelt one meant.
    """
    known = sorted(set(known_keys))
    return [describe_error(error, file=file, known_keys=known) for error in errors]


def describe_error(error: ErrorDetails, *, file: Path, known_keys: Sequence[str]) -> str:
    """Say one fault as `file: key = value: rule. Remedy`."""
    context: Mapping[str, object] = error.get("ctx", {})
    is_unknown = error["type"] == "extra_forbidden"
    location = _without_branches(error["loc"], [*known_keys, *error["loc"][-1:] * is_unknown])
    if error["type"] in _KIND_FAULTS:
        key = dotted_key((*location, str(context["discriminator"]).strip("'")))
        kinds = context.get("expected_tags", "see docs/operations.md")
        given = f" = {context['tag']!r}" if "tag" in context else ""
        return f"{file.name}: {key}{given}: must name a kind. Write one of: {kinds}."
    key = dotted_key(location)
    if is_unknown:
        rule, remedy = "is no known key", _remedy_for_unknown(key, known_keys)
    else:
        rule = _rule(error["msg"])
        template = str(context.get("remedy", _REMEDIES.get(error["type"], "correct it")))
        remedy = template if "remedy" in context else template.format_map(dict(context))
    return f"{file.name}: {key}{_value(error, key)}: {rule}. {remedy[:1].upper()}{remedy[1:]}."


def _without_branches(
    location: Sequence[int | str], known_keys: Sequence[int | str]
) -> Sequence[int | str]:
    """Drop what pydantic adds to say which kind of list item it read; the file has no such key."""
    return [
        part
        for place, part in enumerate(location)
        if not place or not isinstance(location[place - 1], int) or part in known_keys
    ]


def dotted_key(location: Sequence[int | str]) -> str:
    """Join a location as the reader would write it, e.g. `alerts.sinks.0.path`."""
    return ".".join(str(part) for part in location) or "(the whole file)"


def _value(error: ErrorDetails, key: str) -> str:
    if error["type"] == "missing":
        return ""
    if _is_secret(key) or error.get("ctx", {}).get("is_secret"):
        return " = (not shown)"
    value = error["input"]
    shown = str(value) if isinstance(value, date) else repr(value)
    return f" = {shown[:60]}" if not isinstance(value, dict | list) else ""


def _rule(message: str) -> str:
    text = message.removeprefix("Input ").removeprefix("Value error, ")
    text = _OUR_CLASSES.sub("a block of keys", text)
    return "is required" if message == "Field required" else text.rstrip(".")


def _is_secret(key: str) -> bool:
    return bool(_SECRET_KEY.search(key) or _SINK_URL.fullmatch(key))


def _remedy_for_unknown(key: str, known_keys: Sequence[str]) -> str:
    if _SINK_URL.fullmatch(key):
        return "write `url_env` with the name of an environment variable that holds the URL"
    if _is_secret(key):
        return "remove it: secrets never belong in this file, set an environment variable"
    word = key.rsplit(".", 1)[-1]
    # A word that is known elsewhere is no correction of itself.
    return closest(word, [known for known in known_keys if known != word]) or "remove it"


def closest(word: str, known: Sequence[str]) -> str:
    """Say which known word a misspelt one may mean; empty if none is near."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"Write {close[0]!r} if that is meant, or remove it" if close else ""
