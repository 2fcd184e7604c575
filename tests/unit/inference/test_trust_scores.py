"""A feature's parts against its own first weeks, turned so that up is good."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from inference.trust_scores import TRUST_SCORES, infer_trust_scores

Rows = list[tuple[object, ...]]
MONDAY = date(2026, 1, 5)
COLUMNS = [
    "component",
    "feature_id",
    "week_start_date",
    "numerator",
    "denominator",
    "direction",
    "weight",
    "baseline_weeks",
]


def series(component: str, counts: list[int], *, direction: int = 1, weight: float = 1.0) -> Rows:
    return [
        (component, "tips", MONDAY + week * timedelta(days=7), count, 100, direction, weight, 3)
        for week, count in enumerate(counts)
    ]


def infer(*parts: Rows) -> pd.DataFrame:
    rows = [row for part in parts for row in part]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["week_start_date"] = pd.to_datetime(frame["week_start_date"])
    found = infer_trust_scores(frame)
    assert found.schema == TRUST_SCORES
    scores: pd.DataFrame = found.to_pandas()
    return scores


def test_baseline_is_the_first_weeks_and_stays() -> None:
    found = infer(series("helpful", [70, 80, 90, 60, 10]))
    assert found["baseline"].tolist() == pytest.approx([0.8] * 5)
    assert found["z"].tolist() == pytest.approx([-1, 0, 1, -2, -7])


def test_less_is_better_where_the_direction_says_so() -> None:
    found = infer(series("opt_out", [1, 2, 3, 5], direction=-1))
    assert found["z"].iloc[-1] == pytest.approx(-3)


def test_score_weighs_the_parts_that_are_known() -> None:
    helpful = series("helpful", [70, 80, 90, 90], weight=0.6)
    opt_in = series("opt_in", [10, 20, 30, 0], weight=0.2)
    found = infer(helpful, opt_in[:3]).set_index(["component", "week_start_date"])
    last = MONDAY + timedelta(days=21)
    assert found.loc[("helpful", last), "trust_score"] == pytest.approx(1)
    both = infer(helpful, opt_in).set_index(["component", "week_start_date"])
    assert both.loc[("helpful", last), "trust_score"] == pytest.approx((0.6 - 0.2 * 2) / 0.8)
    assert both.loc[("opt_in", last), "trust_score"] == pytest.approx((0.6 - 0.2 * 2) / 0.8)


def test_too_few_weeks_are_no_baseline() -> None:
    found = infer(series("helpful", [70, 80]))
    assert found[["baseline", "z", "trust_score"]].isna().all(axis=None)
    assert found["value"].tolist() == pytest.approx([0.7, 0.8])


def test_weeks_without_a_difference_measure_nothing() -> None:
    found = infer(series("permission", [50, 50, 50, 40]))
    assert found["baseline"].tolist() == pytest.approx([0.5] * 4)
    assert all(math.isnan(z) for z in found["z"])


def test_features_are_not_compared() -> None:
    own = series("helpful", [70, 80, 90, 85])
    other = [(*row[:1], "nudges", *row[2:]) for row in series("helpful", [10, 20, 30, 25])]
    found = infer(own, other).groupby("feature_id")["z"].last()
    assert np.allclose(found, 0.5)


def test_nothing_known_makes_an_empty_typed_table() -> None:
    assert infer([]).empty
