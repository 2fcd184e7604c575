"""Savings rates: the interval is that of a regression with errors clustered by customer."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from inference.savings_rates import infer_savings_rates


def sums(saved: np.ndarray, income: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "month_start_date": pd.to_datetime(["2026-01-01"]),
            "experiment_id": ["none"],
            "variation_id": ["none"],
            "segment_type": ["all"],
            "segment_value": ["all"],
            "customer_count": [len(saved)],
            "sum_y": [saved.sum()],
            "sum_x": [income.sum()],
            "sum_yy": [(saved**2).sum()],
            "sum_xy": [(saved * income).sum()],
            "sum_xx": [(income**2).sum()],
        }
    )


def test_the_interval_is_that_of_a_regression_of_shares_weighted_by_income() -> None:
    rng = np.random.default_rng(4)
    income = rng.integers(500, 4_000, 300).astype(float)
    saved = income * rng.normal(0.05, 0.1, 300)
    (row,) = infer_savings_rates(sums(saved, income)).to_pylist()
    model = sm.WLS(saved / income, np.ones(300), weights=income)
    lower, upper = model.fit(cov_type="HC1", use_t=False).conf_int()[0]
    assert row["month_start_date"] == dt.date(2026, 1, 1)
    assert (row["ci_lower"], row["ci_upper"]) == (pytest.approx(lower), pytest.approx(upper))


def test_who_spends_savings_has_a_negative_rate() -> None:
    saved, income = np.array([-50.0, -10.0, 5.0]), np.array([100.0, 300.0, 200.0])
    (row,) = infer_savings_rates(sums(saved, income)).to_pylist()
    assert row["ci_lower"] < -55 / 600 < row["ci_upper"]
    assert row["ci_lower"] < 0


def test_without_income_there_is_no_interval() -> None:
    (row,) = infer_savings_rates(sums(np.array([5.0, 7.0]), np.zeros(2))).to_pylist()
    assert row["ci_lower"] is None
    assert row["ci_upper"] is None


def test_no_months_are_no_rows() -> None:
    empty = sums(np.array([1.0]), np.array([1.0])).iloc[:0]
    assert infer_savings_rates(empty).num_rows == 0
