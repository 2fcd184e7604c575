"""Early actions are found on one half and confirmed on the other, and business is no driver."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from inference.early_actions import infer_early_actions, phi

COUNTS = (
    "true_positive_count",
    "false_positive_count",
    "false_negative_count",
    "true_negative_count",
)


def summed(actions: dict[str, Any], stayed: Any, days: Any, half: Any) -> pd.DataFrame:
    """Count customers as `sums_early_actions` does."""
    rows = []
    for name, done in actions.items():
        for place in ("a", "b"):
            for day in np.unique(days):
                chosen = (half == place) & (days == day)
                pairs = ((1, 1), (1, 0), (0, 1), (0, 0))
                counts = [int((chosen & (done == d) & (stayed == s)).sum()) for d, s in pairs]
                rows.append((name, 1, place, day, False, 0.05, 100, *counts))
    columns = [
        "action_name",
        "threshold",
        "half",
        "early_day_count",
        "is_same_activity",
        "fdr_level",
    ]
    return pd.DataFrame(rows, columns=[*columns, "min_customer_count", *COUNTS])


def found(strata: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Give the figures by action."""
    return {row["action_name"]: row for row in infer_early_actions(strata).to_pylist()}


def world(seed: int, count: int = 4_000) -> tuple[dict[str, Any], Any, Any, Any]:
    """Draw customers of whom the busy stay; one action drives, ten go with business, ten do not."""
    rng = np.random.default_rng(seed)
    days = rng.integers(1, 8, count)
    driver = rng.random(count) < 0.4
    stayed = rng.random(count) < 0.05 + 0.08 * days + 0.25 * driver
    actions = {"driver": driver}
    for number in range(10):
        actions[f"busy_{number}"] = rng.random(count) < 0.1 * days
        actions[f"noise_{number}"] = rng.random(count) < 0.3
    half = np.where(rng.random(count) < 0.5, "a", "b")
    return (
        {name: done.astype(int) for name, done in actions.items()},
        stayed.astype(int),
        days,
        half,
    )


def test_only_the_driver_is_confirmed_where_raw_p_values_find_all_that_is_busy() -> None:
    raw_finds, confirmed = 0, []
    for seed in range(5):
        actions, stayed, days, half = world(seed)
        for name, row in found(summed(actions, stayed, days, half)).items():
            raw = stats.chi2_contingency(pd.crosstab(actions[name], stayed)).pvalue
            raw_finds += name.startswith("busy") and raw < 0.05
            holm = row["confirmation_holm_p_value"]
            if row["is_discovered"] and holm < 0.05:
                confirmed.append(name)
    assert raw_finds == 50
    assert confirmed.count("driver") == 5
    assert len(confirmed) <= 6


def test_phi_is_the_correlation_of_the_two_facts() -> None:
    actions, stayed, days, half = world(1)
    row = found(summed(actions, stayed, days, half))["driver"]
    done = actions["driver"]
    assert row["phi"] == pytest.approx(np.corrcoef(done, stayed)[0, 1], rel=1e-12)
    other = half == "b"
    expected = stats.pearsonr(done[other], stayed[other])
    assert row["phi_confirmed"] == pytest.approx(expected.statistic, rel=1e-12)
    interval = expected.confidence_interval(0.95)
    assert row["phi_confirmed_ci_lower"] == pytest.approx(interval.low, rel=1e-9)
    assert row["phi_confirmed_ci_upper"] == pytest.approx(interval.high, rel=1e-9)


def test_phi_of_the_public_orders() -> None:
    assert phi(np.array([339.0, 1_146, 2_036, 20_049])) == pytest.approx(0.1098502, abs=5e-8)
    assert np.isnan(phi(np.array([3.0, 4, 0, 0])))


def test_what_few_did_and_what_is_the_same_activity_is_not_looked_at() -> None:
    actions, stayed, days, half = world(2)
    rare = np.zeros_like(stayed)
    rare[:99] = 1
    strata = summed({"driver": actions["driver"], "rare": rare}, stayed, days, half)
    assert found(strata)["rare"]["is_discovered"] is None
    same = strata.assign(is_same_activity=strata["action_name"] == "driver")
    assert found(same)["driver"]["is_discovered"] is None
    assert found(same)["driver"]["phi"] is not None


def test_no_customers_no_rows() -> None:
    strata = summed(*world(3)).iloc[:0]
    assert infer_early_actions(strata).num_rows == 0
