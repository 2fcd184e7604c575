from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from inference.opt_out_trends import infer_opt_out_trends

DAY = date(2026, 3, 1)
COUNTS = ["before_at_risk", "before_opt_outs", "after_at_risk", "after_opt_outs"]


def strata(*counts: tuple[int, int, int, int], feature: str = "f", day: date = DAY) -> pd.DataFrame:
    frame = pd.DataFrame(list(counts), columns=COUNTS)
    return frame.assign(
        feature_id=feature,
        experiment_id="e",
        variation_id="v",
        activity_date=day,
        stratum=frame.index,
    )


def judge(*counts: tuple[int, int, int, int]) -> tuple[float | None, float | None, bool | None]:
    row = infer_opt_out_trends(strata(*counts)).to_pylist()[0]
    return row["odds_ratio"], row["p_value"], row["is_rising"]


def test_one_stratum_gives_its_odds_ratio_and_the_test_of_the_table() -> None:
    odds_ratio, p_value, is_rising = judge((1000, 10, 1000, 30))
    assert odds_ratio == pytest.approx((30 * 990) / (970 * 10))
    chi2 = stats.chi2_contingency([[30, 970], [10, 990]], correction=False).statistic
    # Mantel and Haenszel's variance has n − 1 where Pearson's has n.
    assert p_value == pytest.approx(stats.norm.sf(np.sqrt(chi2 * 1999 / 2000)))
    assert is_rising is True


def test_a_fall_is_no_rise() -> None:
    odds_ratio, p_value, is_rising = judge((1000, 30, 1000, 10))
    assert odds_ratio is not None
    assert odds_ratio < 1
    assert p_value is not None
    assert p_value > 0.99
    assert is_rising is False


def test_more_new_customers_are_no_rise() -> None:
    """Days 0 have ten times the hazard of later ones, before and after; only the mix changes."""
    young, old = (2000, 40, 20_000, 400), (20_000, 40, 2000, 4)
    crude = tuple(np.add(young, old).tolist())
    assert judge(crude)[2] is True
    odds_ratio, p_value, is_rising = judge(young, old)
    assert odds_ratio == pytest.approx(1)
    assert p_value == pytest.approx(0.5, abs=0.01)
    assert is_rising is False


def test_a_rise_hidden_by_fewer_new_customers_is_found() -> None:
    young, old = (20_000, 400, 2000, 80), (2000, 4, 20_000, 80)
    assert judge(tuple(np.add(young, old).tolist()))[2] is False
    odds_ratio, _, is_rising = judge(young, old)
    assert odds_ratio == pytest.approx(2, rel=0.1)
    assert is_rising is True


@pytest.mark.parametrize(
    "counts",
    [
        [(1000, 2, 1000, 2)],
        [(1000, 50, 0, 0)],
        [(0, 0, 1000, 50)],
        [(0, 0, 1000, 50), (1000, 50, 0, 0)],
        [(5, 5, 5, 5)],
        [(0, 0, 0, 0)],
    ],
)
def test_too_little_to_judge_is_null(counts: list[tuple[int, int, int, int]]) -> None:
    assert judge(*counts) == (None, None, None)


def test_opt_outs_only_after_the_release_rise_without_bound() -> None:
    odds_ratio, p_value, is_rising = judge((1000, 0, 1000, 12))
    assert odds_ratio is None
    assert p_value is not None
    assert p_value < 0.001
    assert is_rising is True


def test_a_level_series_cries_wolf_as_rarely_as_the_level_says() -> None:
    rng = np.random.default_rng(7)
    at_risk = np.array([400, 300, 200, 100])
    draws = [(rng.binomial(at_risk, 0.05), rng.binomial(at_risk, 0.05)) for _ in range(2000)]
    frame = pd.concat(
        strata(*zip(at_risk, before, at_risk, after, strict=True), feature=str(number))
        for number, (before, after) in enumerate(draws)
    )
    assert 0.004 <= np.mean(infer_opt_out_trends(frame)["is_rising"].to_pylist()) <= 0.016


def test_rows_come_back_by_key_whatever_their_order() -> None:
    frame = pd.concat(
        strata(
            (900 + n, 9, 900, 20 + n), (500, 5, 400, 6), feature=f"f{n % 3}", day=date(2026, 3, n)
        )
        for n in range(1, 10)
    )
    table = infer_opt_out_trends(frame)
    assert table == infer_opt_out_trends(frame.sample(frac=1, random_state=3))
    keys = [(row["feature_id"], row["activity_date"]) for row in table.to_pylist()]
    assert keys == sorted(keys)
    assert len(keys) == 9


def test_each_of_three_thousand_rows_gets_its_trend() -> None:
    rng = np.random.default_rng(1)
    rows = 3000 * 20
    frame = pd.DataFrame(
        {
            "feature_id": np.repeat([f"f{n % 3}" for n in range(3000)], 20),
            "experiment_id": "e",
            "variation_id": "v",
            "activity_date": np.repeat(pd.date_range("2020-01-01", periods=3000), 20),
            "stratum": np.tile(np.arange(20), 3000),
            "before_at_risk": rng.integers(100, 500, rows),
            "before_opt_outs": rng.integers(0, 5, rows),
            "after_at_risk": rng.integers(100, 500, rows),
            "after_opt_outs": rng.integers(0, 5, rows),
        }
    )
    infer_opt_out_trends(frame.head(20))
    assert infer_opt_out_trends(frame).num_rows == 3000
