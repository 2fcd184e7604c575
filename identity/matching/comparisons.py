"""What of two contact records is compared, and how closely.

Every condition reads the same from both sides, so that a pair has one score. Its steps are those in
which people and forms err: a slip of the pen, the name in the other field, day for month.
"""

from __future__ import annotations

from typing import Any

Comparison = dict[str, Any]

# Of one person two spellings are hardly ever further apart; of two people they rarely come as near.
NEAR, SIMILAR = 0.92, 0.8


def alike(one: str, other: str, similarity: float) -> str:
    """Return the condition that two texts are at least so similar; NULL where one is not known."""
    # Jaro's count depends on which text comes first.
    return (
        f"case when {one} < {other} then jaro_winkler_similarity({one}, {other}) "
        f"else jaro_winkler_similarity({other}, {one}) end >= {similarity}"
    )


_CROSSED = "(first_name_l = last_name_r or last_name_l = first_name_r)"
_SAME_FIRST = "first_name_l = first_name_r"
_ONLY_CROSSED = f"coalesce({_CROSSED}, false) and not coalesce({_SAME_FIRST}, false)"
_SAME_NAME = (
    f"coalesce({alike('first_name_l', 'first_name_r', SIMILAR)} "
    f"and {alike('last_name_l', 'last_name_r', SIMILAR)}, false)"
)
_SAME_SECOND_NAME = alike("second_family_name_l", "second_family_name_r", SIMILAR)
_SIMILAR_EMAIL = alike("email_user_l", "email_user_r", NEAR)

# Dates are written alike, so that digits stand below each other.
_DIGITS_APART = "hamming(date_of_birth_l, date_of_birth_r)"


def is_day_for_month(one: str, other: str) -> str:
    """Return the condition that two dates differ by day and month swapped."""
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
            f"{alike('first_name_l', 'last_name_r', NEAR)} "
            f"and {alike('last_name_l', 'first_name_r', NEAR)}",
            "first and last name swapped",
        ),
        _level(alike("first_name_l", "first_name_r", NEAR), "a slip apart"),
        _level(_CROSSED, "in the field of the other name"),
        _level(alike("first_name_l", "first_name_r", SIMILAR), "similar"),
    ),
    _comparison(
        "last_name",
        # What is in the wrong field has counted as the first name.
        f"last_name_l is null or last_name_r is null or ({_ONLY_CROSSED})",
        _level("last_name_l = last_name_r", "same", frequency_of="last_name"),
        # Half the country shares the first of two family names; the second tells people apart.
        _level(
            f"family_name_l = family_name_r and not {_SAME_SECOND_NAME}",
            "same family name, another second one",
        ),
        _level(alike("last_name_l", "last_name_r", NEAR), "a slip apart"),
        _level("family_name_l = family_name_r", "same family name", frequency_of="family_name"),
        _level(alike("last_name_l", "last_name_r", SIMILAR), "similar"),
    ),
    _comparison(
        "date_of_birth",
        "date_of_birth_l is null or date_of_birth_r is null",
        _level("date_of_birth_l = date_of_birth_r", "same"),
        _level(f"{_DIGITS_APART} = 1", "one digit apart"),
        _level(is_day_for_month("date_of_birth_l", "date_of_birth_r"), "day and month swapped"),
        _level(f"{_DIGITS_APART} = 2", "two digits apart"),
        _level("substr(date_of_birth_l, 1, 4) = substr(date_of_birth_r, 1, 4)", "same year"),
    ),
    _comparison(
        "city",
        "city_l is null or city_r is null",
        _level("city_l = city_r", "same", frequency_of="city"),
        _level(alike("city_l", "city_r", SIMILAR), "similar"),
    ),
    _comparison(
        "email",
        # An address is made of the name: where names agree, one like it is no further agreement.
        f"email_l is null or email_r is null or (email_user_l <> email_user_r and {_SAME_NAME} "
        f"and {_SIMILAR_EMAIL})",
        _level("email_l = email_r", "same"),
        _level("email_user_l = email_user_r", "same user, other domain"),
        _level(_SIMILAR_EMAIL, "similar"),
    ),
    _comparison(
        "phone",
        "phone_l is null or phone_r is null",
        _level("phone_l = phone_r", "same"),
    ),
)

FREQUENCY_COLUMNS = ("first_name", "last_name", "family_name", "city")
"""Columns in which a rare value says more than a common one."""


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
        # `pairs.py` chooses the pairs.
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "max_iterations": most,
        "em_convergence": 1e-3,
    }
