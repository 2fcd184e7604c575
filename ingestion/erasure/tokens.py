"""The texts by which a value of a row may name a person: the same for who asks and for what lands.

A distinctive value, such as an e-mail address or a long id, names the person wherever it stands. A
short or purely numeric one is also an amount or somebody else's id: it counts only in a field that
the contract says to hold this type of identifier, and in the text of rows that are not read, where
one that is blanked by chance loses no count.
"""

import re
from dataclasses import dataclass

from ingestion.sql import literal

PHONES = frozenset({"phone", "phone_spelling"})
OF_VENDORS = frozenset({"profile_id", "participant_id"})
"""Vendors' own ids, known as `<source>:<id>`."""

_PREFIXED = OF_VENDORS | {"wallet"}
TEXT = "text"
"""Kind of what may stand anywhere in a text."""

_WORD = r"""[^\s",;:/(){}\[\]<>=&|\\]+"""
_PUNCTUATION = ".!?-_*#%+`'"
_LONGEST = 256
_SHORTEST = 8
_SHORTEST_WORD = 3
_DIGIT, _LETTER = re.compile("[0-9]"), re.compile("[a-z]")
_IS_DISTINCTIVE = (
    f"contains(word, '@') or (length(word) >= {_SHORTEST} "
    "and regexp_matches(word, '[0-9]') and regexp_matches(word, '[a-z]'))"
)
# A time such as 2025-09-01 10:00 has the digits of some phone number.
_DATE = "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}"
_NUMBERS = (r"[+(]?[0-9][-0-9 ().]{6,}[0-9]", r"[+(]?[0-9][-0-9().]{6,}[0-9]")


@dataclass(frozen=True)
class Identifier:
    """One identifier of a person.

    Attributes:
        type: Its type.
        value: Its value, in the one spelling that identity knows.
        comes_back: A person brings it along, such as an address: after the erasure it may belong to
            a new beginning.
    """

    type: str
    value: str
    comes_back: bool


def row_tokens(identifier: Identifier) -> frozenset[str]:
    """Return the tokens of rows that name the identifier."""
    word = _bare(identifier)
    if identifier.type in PHONES:
        return frozenset({f"phone {word}"} if word else ())
    if is_distinctive(word):
        return frozenset({f"word {word}"})
    return frozenset({f"{identifier.type} {identifier.value.strip()}"})


def text_tokens(identifier: Identifier) -> frozenset[str]:
    """Return the tokens of texts, of rows that are not read, that name the identifier."""
    word = _bare(identifier)
    others = {f"any {word}"} if len(word) >= _SHORTEST_WORD else set()
    return row_tokens(identifier) | others


def is_distinctive(word: str) -> bool:
    """Say whether a word in lower case is enough to name somebody wherever it stands."""
    has_both = _DIGIT.search(word) and _LETTER.search(word)
    return "@" in word or bool(len(word) >= _SHORTEST and has_both)


def tokens_sql(kind: str, cell: str) -> str:
    """Return SQL of the list of tokens of a value.

    Args:
        kind: SQL of `text`, or of the type of identifier that the value is.
        cell: SQL of the value, a text.
    """
    text = _opened(cell)
    whole = f"case when length({cell}) <= {_LONGEST} then lower(trim({cell})) end"
    named = (
        f"list_transform(list_filter(list_append({_words_sql(text)}, {whole}), "
        f"lambda word: {_IS_DISTINCTIVE}), lambda word: 'word ' || word)"
    )
    numbers = ", ".join(f"regexp_extract_all({text}, {literal(one)})" for one in _NUMBERS)
    phones = (
        f"list_transform(list_filter(flatten([{numbers}]), "
        f"lambda number: not regexp_matches(number, {literal(_DATE)})), "
        "lambda number: 'phone ' || ltrim(regexp_replace(number, '[^0-9]', '', 'g'), '0'))"
    )
    typed = f"[{kind} || ' ' || trim({cell})]"
    return f"case when {kind} = '{TEXT}' then list_concat({named}, {phones}) else {typed} end"


def any_tokens_sql(cell: str) -> str:
    """Return SQL of the list of tokens of a text in which any word may name the person."""
    words = f"list_transform({_words_sql(_opened(cell))}, lambda word: 'any ' || word)"
    return f"list_concat({tokens_sql(literal(TEXT), cell)}, {words})"


def _opened(cell: str) -> str:
    """Return SQL of a text with what is written in it as in a link or in JSON read as well."""
    at = f"replace({cell}, '\\u0040', '@')"
    decoded = f"coalesce(try(url_decode({at})), '')"
    return f"case when contains({cell}, '%') then {at} || ' ' || {decoded} else {at} end"


def _words_sql(text: str) -> str:
    return (
        f"list_transform(regexp_extract_all(lower({text}), {literal(_WORD)}), "
        f"lambda word: trim(word, {literal(_PUNCTUATION)}))"
    )


def _bare(identifier: Identifier) -> str:
    """Return an identifier as it stands in texts.

    A number is its digits; a wallet is written without its chain, a vendor's id without the vendor.
    """
    value = identifier.value.strip().lower()
    if identifier.type in PHONES:
        return "".join(filter(str.isdigit, value)).lstrip("0")
    return value.rpartition(":")[2] if identifier.type in _PREFIXED else value
