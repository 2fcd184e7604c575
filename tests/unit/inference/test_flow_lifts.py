"""Lifts against the holdout equal a regression with errors clustered by customer."""

from collections.abc import Hashable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from inference.flow_lifts import infer_flow_lifts

WEEK = date(2026, 1, 5)


def people(share: float, count: int, seed: int) -> pd.DataFrame:
    """Draw customers who give up one to four flows each, and recover a share of them."""
    rng = np.random.default_rng(seed)
    x = rng.integers(1, 5, count)
    # Some recover all they give up, as people do: their flows are not independent.
    keen = rng.random(count) < share
    return pd.DataFrame({"x": x, "y": np.where(keen, x, rng.binomial(x, share / 2))})


def sums(arm: str, people: pd.DataFrame, week: date = WEEK) -> dict[str, object]:
    """Sum customers as the mart's SQL does."""
    x, y = people["x"].to_numpy(), people["y"].to_numpy()
    return {
        "flow_id": "loan",
        "follow_up": arm,
        "week_start_date": week,
        "customer_count": float(len(people)),
        "sum_y": float(y.sum()),
        "sum_x": float(x.sum()),
        "sum_yy": float((y * y).sum()),
        "sum_xy": float((x * y).sum()),
        "sum_xx": float((x * x).sum()),
    }


def cell(found: pd.DataFrame, arm: str, week: date) -> dict[Hashable, Any]:
    """One row of what was inferred."""
    rows = found.reset_index()
    of_cell = (rows["follow_up"] == arm) & (rows["week_start_date"] == week)
    return rows[of_cell].to_dict("records")[0]


def lifts(*rows: dict[str, object]) -> pd.DataFrame:
    """Infer, as a frame by arm and week."""
    table: pd.DataFrame = infer_flow_lifts(pd.DataFrame(rows)).to_pandas()
    return table.drop(columns="flow_id").set_index(["follow_up", "week_start_date"])


def test_a_lift_is_that_of_a_regression_clustered_by_customer() -> None:
    treated, held_out = people(0.45, 900, 1), people(0.3, 500, 2)
    inferred = lifts(sums("triggered", treated), sums("holdout", held_out))
    found = cell(inferred, "triggered", WEEK)
    both = pd.concat([treated.assign(arm=1.0), held_out.assign(arm=0.0)], ignore_index=True)
    rows = both.loc[both.index.repeat(both["x"])]
    place = rows.groupby(level=0).cumcount()
    fit = sm.OLS((place < rows["y"]).astype(float), sm.add_constant(rows["arm"].to_numpy())).fit(
        cov_type="cluster", cov_kwds={"groups": rows.index.to_numpy()}
    )
    assert found["absolute_lift"] == pytest.approx(fit.params.iloc[1], rel=1e-9)
    half = (found["absolute_lift_ci_upper"] - found["absolute_lift_ci_lower"]) / 2
    assert half == pytest.approx(1.96 * fit.bse.iloc[1], rel=0.01)
    naive = sm.OLS((place < rows["y"]).astype(float), sm.add_constant(rows["arm"].to_numpy())).fit()
    assert half > 1.2 * 1.96 * naive.bse.iloc[1]
    rate = held_out["y"].sum() / held_out["x"].sum()
    assert found["relative_lift"] == pytest.approx(found["absolute_lift"] / rate)


def test_the_holdout_is_compared_with_nothing_and_each_week_with_its_own() -> None:
    later = date(2026, 1, 12)
    found = lifts(
        sums("triggered", people(0.5, 200, 3)),
        sums("holdout", people(0.5, 200, 3)),
        sums("triggered", people(0.9, 200, 4), later),
        sums("holdout", people(0.2, 200, 5), later),
    )
    assert set(found.index.get_level_values("follow_up")) == {"triggered"}
    assert cell(found, "triggered", WEEK)["absolute_lift"] == 0
    assert cell(found, "triggered", later)["absolute_lift_ci_lower"] > 0


@pytest.mark.parametrize("count", [0, 1])
def test_without_two_customers_held_out_nothing_is_said(count: int) -> None:
    held_out = [sums("holdout", people(0.5, count, 6))] if count else []
    found = lifts(sums("generic", people(0.5, 50, 7)), *held_out)
    assert found.isna().all(axis=None)


def test_nothing_in_nothing_out() -> None:
    empty = pd.DataFrame([sums("holdout", people(0.5, 10, 8))]).iloc[:0]
    assert infer_flow_lifts(empty).num_rows == 0
