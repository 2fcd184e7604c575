"""What of two contact records is compared, how closely, and which pairs are worth comparing.

Every condition reads the same from both sides, so that a pair has one score. Its steps are those in
which people and forms err: a slip of the pen, the name in the other field, day for month.
"""

from __future__ import annotations

from typing import Any

Comparison = dict[str, Any]

# Of one person two spellings are hardly ever further apart; of two people they rarely come as near.
_NEAR, _SIMILAR = 0.92, 0.8


def _alike(one: str, other: str, similarity: float) -> str:
    # Jaro's count depends on which text comes first.
    return (
        f"case when {one} < {other} then jaro_winkler_similarity({one}, {other}) "
        f"else jaro_winkler_similarity({other}, {one}) end >= {similarity}"
    )


_CROSSED = "(first_name_l = last_name_r or last_name_l = first_name_r)"
_SAME_FIRST = "first_name_l = first_name_r"
_ONLY_CROSSED = f"coalesce({_CROSSED}, false) and not coalesce({_SAME_FIRST}, false)"
# Dates are written alike, so that digits stand below each other.
_DIGITS_APART = "hamming(date_of_birth_l, date_of_birth_r)"


def _is_day_for_month(one: str, other: str) -> str:
    return f"substr({one}, 1, 4) || substr({one}, 8, 3) || substr({one}, 5, 3) = {other}"


def _level(condition: str, label: str, *, frequency_of: str | None = None) -> dict[str, Any]:
    level: dict[str, Any] = {"sql_condition": condition, "label_for_charts": label}
    if frequency_of:
        level |= {"tf_adjustment_column": frequency_of, "tf_adjustment_weight": 1.0}
    return level


def _comparison(name: str, unknown: str, *levels: dict[str, Any]) -> Comparison:
    return {
        "output_column_name": name,
        "comparison_levels": [
            {**_level(unknown, "unknown"), "is_null_level": True},
            *levels,
            _level("ELSE", "different"),
        ],
    }


COMPARISONS: tuple[Comparison, ...] = (
    _comparison(
        "first_name",
        f"(first_name_l is null or first_name_r is null) and not coalesce({_CROSSED}, false)",
        _level(_SAME_FIRST, "same", frequency_of="first_name"),
        _level(
            f"{_alike('first_name_l', 'last_name_r', _NEAR)} "
            f"and {_alike('last_name_l', 'first_name_r', _NEAR)}",
            "first and last name swapped",
        ),
        _level(_alike("first_name_l", "first_name_r", _NEAR), "a slip apart"),
        _level(_CROSSED, "in the field of the other name"),
        _level(_alike("first_name_l", "first_name_r", _SIMILAR), "similar"),
    ),
    _comparison(
        "last_name",
        # What is in the wrong field has counted as the first name.
        f"last_name_l is null or last_name_r is null or ({_ONLY_CROSSED})",
        _level("last_name_l = last_name_r", "same", frequency_of="last_name"),
        _level(_alike("last_name_l", "last_name_r", _NEAR), "a slip apart"),
        _level(_alike("last_name_l", "last_name_r", _SIMILAR), "similar"),
    ),
    _comparison(
        "date_of_birth",
        "date_of_birth_l is null or date_of_birth_r is null",
        _level("date_of_birth_l = date_of_birth_r", "same"),
        _level(f"{_DIGITS_APART} = 1", "one digit apart"),
        _level(_is_day_for_month("date_of_birth_l", "date_of_birth_r"), "day and month swapped"),
        _level(f"{_DIGITS_APART} = 2", "two digits apart"),
        _level("substr(date_of_birth_l, 1, 4) = substr(date_of_birth_r, 1, 4)", "same year"),
    ),
    _comparison(
        "city",
        "city_l is null or city_r is null",
        _level("city_l = city_r", "same", frequency_of="city"),
        _level(_alike("city_l", "city_r", _SIMILAR), "similar"),
    ),
    _comparison(
        "email",
        "email_l is null or email_r is null",
        _level("email_l = email_r", "same"),
        _level("email_user_l = email_user_r", "same user, other domain"),
        _level(_alike("email_l", "email_r", _NEAR), "a slip apart"),
        _level(_alike("email_user_l", "email_user_r", _NEAR), "similar user"),
    ),
    _comparison(
        "phone",
        "phone_l is null or phone_r is null",
        _level("phone_l = phone_r", "same"),
    ),
)

FREQUENCY_COLUMNS = ("first_name", "last_name", "city")
"""Columns in which a rare value says more than a common one."""

# A household shares mailbox, number, last name and town. Two people of it differ in first name and
# in birthday; what is not known may be the same.
_MAY_BE_ONE_PERSON = " or ".join(
    (
        _alike("l.first_name", "r.first_name", _SIMILAR),
        "l.first_name = r.last_name",
        "l.last_name = r.first_name",
        "hamming(l.date_of_birth, r.date_of_birth) <= 2",
        _is_day_for_month("l.date_of_birth", "r.date_of_birth"),
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

BLOCKING_RULES: tuple[str, ...] = tuple(
    f"{rule} and coalesce({_MAY_BE_ONE_PERSON}, true)"
    for rule in (
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
)
"""A pair that holds one of these is scored; all others are taken for two people."""

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


def settings(comparisons: list[Comparison], *, prior: float, most: int = 1) -> dict[str, Any]:
    """Return Splink's settings of a model.

    Args:
        comparisons: with or without their trained parameters.
        prior: probability that two records taken at random are one person.
        most: iterations of training.
    """
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "identifier_key",
        "probability_two_random_records_match": prior,
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": rule} for rule in BLOCKING_RULES
        ],
        "retain_matching_columns": False,
        "max_iterations": most,
        "em_convergence": 1e-3,
    }
