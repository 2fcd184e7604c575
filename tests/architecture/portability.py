"""Search SQL sources, before macros expand, for what the two engines read differently."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_RULES = Path(__file__).with_name("portable_sql.yml")
_TOKEN = re.compile(
    r"""(?P<remark>\{\#.*?\#\}|--[^\n]*|/\*.*?\*/)
      | (?P<jinja>\{\{.*?\}\}|\{%.*?%\})
      | (?P<literal>'(?:\{\{.*?\}\}|''|[^'])*')
      | (?P<symbols>.)""",
    re.DOTALL | re.VERBOSE,
)
_JINJA_TEXT = re.compile(r"""(?P<quote>['"])(?P<text>.*?)(?P=quote)""", re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """One construct that is not portable, and the sources that prove its pattern."""

    name: str
    pattern: str
    why: str
    instead: str
    catches: Sequence[str]
    spares: Sequence[str]
    where: str = "code"


def load_rules() -> tuple[Rule, ...]:
    """Read the deny-list."""
    entries: list[dict[str, Any]] = yaml.safe_load(_RULES.read_text())
    return tuple(Rule(**entry) for entry in entries)


def findings(source: str, rules: tuple[Rule, ...]) -> Iterator[tuple[int, Rule]]:
    """Yield the line (from 1) and the rule of each construct found.

    Args:
        source: SQL with Jinja, as written.
        rules: What to search for.
    """
    views = _views(source)
    for rule in rules:
        for match in re.finditer(rule.pattern, views[rule.where], re.IGNORECASE):
            yield source.count("\n", 0, match.start()) + 1, rule


def _views(source: str) -> dict[str, str]:
    """Split a source into views of its own length, each blank where another view is meant."""
    symbols, literals, jinja, arguments = [], [], [], []
    for token in _TOKEN.finditer(source):
        text, kind = token.group(), token.lastgroup
        symbols.append(_symbols(text, kind))
        literals.append(text if kind == "literal" else _jinja_texts(text, kind))
        jinja.append(
            _JINJA_TEXT.sub(lambda m: _blank(m.group()), text) if kind == "jinja" else _blank(text)
        )
        arguments.append(_jinja_texts(text, kind))
    overlaid = (
        b if a.isspace() else a for a, b in zip("".join(symbols), "".join(arguments), strict=True)
    )
    return {
        "symbols": "".join(symbols),
        "code": "".join(overlaid),
        "literals": "".join(literals),
        "jinja": "".join(jinja),
    }


def _symbols(text: str, kind: str | None) -> str:
    match kind:
        case "symbols":
            return text
        case "literal":
            return f"'{_blank(text[1:-1])}'"
        case _:
            return _blank(text)


def _jinja_texts(text: str, kind: str | None) -> str:
    """Keep only what is quoted inside a Jinja token: macros are given SQL as text."""
    if kind != "jinja":
        return _blank(text)
    kept = list(_blank(text))
    for match in _JINJA_TEXT.finditer(text):
        kept[match.start("text") : match.end("text")] = match["text"]
    return "".join(kept)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
