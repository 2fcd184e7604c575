"""Which pairs of records are worth comparing: of all there are, next to none.

A pair holds one of the rules, whichever side it is read from, and none of what tells two people
apart; all other pairs are taken for two people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.matching.comparisons import NEAR, SIMILAR, alike, is_day_for_month

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

# A household shares mailbox, number, last name and town. Two people of it differ in first name and
# in birthday; what is not known may be the same.
_MAY_BE_ONE_PERSON = " or ".join(
    (
        alike("l.first_name", "r.first_name", SIMILAR),
        "l.first_name = r.last_name",
        "l.last_name = r.first_name",
        "hamming(l.date_of_birth, r.date_of_birth) <= 2",
        is_day_for_month("l.date_of_birth", "r.date_of_birth"),
    )
)
# Namesakes share name and town: something must agree that is meant to tell people apart.
_TELLS_APART = " or ".join(
    (
        "hamming(l.date_of_birth, r.date_of_birth) <= 2",
        is_day_for_month("l.date_of_birth", "r.date_of_birth"),
        "l.email_user = r.email_user",
        alike("l.email_user", "r.email_user", NEAR),
        "l.phone = r.phone",
    )
)


def _same(*expressions: str) -> str:
    """Return the condition that expressions of `{}`, the record, are the same on both sides."""
    return " and ".join(f"{one.format('l')} = {one.format('r')}" for one in expressions)


_FIRST, _LAST, _BORN, _CITY = "{0}.first_name", "{0}.last_name", "{0}.date_of_birth", "{0}.city"
_YEAR, _YEAR_AND_MONTH = "substr({0}.date_of_birth, 1, 4)", "substr({0}.date_of_birth, 1, 7)"
_MONTH_AND_DAY = "substr({0}.date_of_birth, 6, 5)"
_FIRST_INITIAL, _LAST_INITIAL = "substr({0}.first_name, 1, 1)", "substr({0}.last_name, 1, 1)"
_FIRST_BEGINS, _LAST_BEGINS = "substr({0}.first_name, 1, 3)", "substr({0}.last_name, 1, 3)"

_BLOCKING_RULES = (
    _same(_BORN),
    _same("{0}.email"),
    _same("{0}.email_user"),
    _same("{0}.phone"),
    "l.first_name = r.last_name and l.last_name = r.first_name",
    _same(_FIRST_BEGINS, _LAST_BEGINS),
    _same(_LAST, _FIRST_INITIAL),
    _same(_LAST, _YEAR),
    _same(_LAST, _CITY),
    _same(_FIRST, _LAST_INITIAL),
    _same(_FIRST, _YEAR),
    _same(_FIRST_INITIAL, _YEAR_AND_MONTH),
    _same(_LAST_INITIAL, _YEAR_AND_MONTH),
    _same(_FIRST_INITIAL, _MONTH_AND_DAY),
    _same(_LAST_INITIAL, _MONTH_AND_DAY),
)

CERTAIN_RULES: tuple[str, ...] = (
    _same("{0}.email"),
    _same("{0}.phone"),
    _same(_FIRST, _LAST, _BORN),
)
"""Pairs that are one person, or as good as, before anything is learnt."""

TRAINING_RULES: tuple[str, ...] = (
    _same(_BORN),
    _same("{0}.email"),
    _same(_FIRST, _LAST),
    _same("{0}.phone"),
)
"""Pairs to learn from: each rule teaches the comparisons that it does not use itself."""


CHOSEN_BY = (*_BLOCKING_RULES, _TELLS_APART, _MAY_BE_ONE_PERSON)
"""All that decides which pairs are compared."""


def choose_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """Write table `pairs`: those of `new_records` with each other and with all other `records`.

    Args:
        connection: a scratch database with tables `records` and `new_records`, a part of them.
    """
    connection.execute(
        f"""
        create table pairs as
        with candidates as (
            {_ends_of(_BLOCKING_RULES, new="new_records")}
        )

        select '0' as match_key, candidates.join_key_l, candidates.join_key_r
        from candidates
        inner join records as l on candidates.join_key_l = l.identifier_key
        inner join records as r on candidates.join_key_r = r.identifier_key
        where coalesce({_TELLS_APART}, false) and coalesce({_MAY_BE_ONE_PERSON}, true)
        """
    )


def pairs_by(rules: Iterable[str]) -> str:
    """Return SQL of the pairs of `records` that hold one of some rules, the smaller key left."""
    return _ends_of(rules, new="records")


def _ends_of(rules: Iterable[str], *, new: str) -> str:
    return " union ".join(
        "select least(l.identifier_key, r.identifier_key) as join_key_l, "
        "greatest(l.identifier_key, r.identifier_key) as join_key_r "
        f"from {new} as l inner join records as r "
        f"on {rule} and l.identifier_key <> r.identifier_key"
        for rule in rules
    )
