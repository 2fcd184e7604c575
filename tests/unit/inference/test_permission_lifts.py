"""An explanation against the others of its week."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from inference.permission_lifts import PERMISSION_LIFTS, infer_permission_lifts

MONDAY = date(2026, 3, 2)
COLUMNS = [
    "permission_scope",
    "explanation_id",
    "week_start_date",
    "prompt_count",
    "grant_count",
    "rest_prompt_count",
    "rest_grant_count",
]


def infer(*rows: tuple[object, ...]) -> list[dict[str, object]]:
    frame = pd.DataFrame(list(rows), columns=COLUMNS)
    frame["week_start_date"] = pd.to_datetime(frame["week_start_date"])
    found = infer_permission_lifts(frame)
    assert found.schema == PERMISSION_LIFTS
    rows_found: list[dict[str, object]] = found.to_pylist()
    return rows_found


def test_lift_is_the_difference_with_newcombes_interval() -> None:
    """Newcombe's tenth method: the distances of Wilson's bounds, added as squares."""
    (row,) = infer(("push", "why", MONDAY, 100, 60, 80, 32))
    own, rest = 0.6, 0.4
    (low, high), (rest_low, rest_high) = (
        proportion_confint(60, 100, method="wilson"),
        proportion_confint(32, 80, method="wilson"),
    )
    assert row["absolute_lift"] == pytest.approx(0.2)
    assert row["ci_lower"] == pytest.approx(0.2 - np.hypot(own - low, rest_high - rest))
    assert row["ci_upper"] == pytest.approx(0.2 + np.hypot(high - own, rest - rest_low))
    assert row["week_start_date"] == MONDAY


def test_the_only_explanation_of_its_week_has_no_lift() -> None:
    assert infer(("push", "why", MONDAY, 100, 60, 0, 0)) == []


def test_nothing_asked_makes_an_empty_typed_table() -> None:
    assert infer() == []
