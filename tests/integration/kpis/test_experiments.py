"""What experiments count equals what the simulator's truth says, by other code."""

import duckdb
import pandas as pd
import pytest

from tests.integration.company import Company
from tests.integration.kpis.experiments_truth import ARM, enrolled, opt_outs, retained
from tests.integration.truth import Truth

LIFTS = ["absolute_lift", "absolute_lift_ci_lower", "relative_lift", "p_value", "fdr_p_value"]

READABLE = ["ok", "underpowered"]


def counted(company: Company, metric: str) -> pd.DataFrame:
    """Give a metric's counts by arm, as `yes` and `customers`."""
    rows = company.mart("kpi_experiment_readouts")
    rows = rows[(rows["metric_name"] == metric) & (rows["segment_type"] == "all")]
    names = {"metric_numerator": "yes", "metric_denominator": "customers"}
    found = rows.rename(columns=names)[[*ARM, *names.values()]]
    return found.astype({"yes": int, "customers": int}).sort_values(ARM, ignore_index=True)


def test_who_is_enrolled(kpi_company: Company, truth: Truth) -> None:
    people = enrolled(truth)
    health = kpi_company.mart("kpi_experiment_health").set_index("experiment_id")
    # The split is judged before anybody is left out: who saw both arms counts in the first.
    arms = people.groupby(["experiment_id", "variation_id"]).size().unstack(fill_value=0)
    mixed = people.groupby("experiment_id")["is_mixed"].sum()
    found = health.loc[arms.index]
    assert found["treated_count"].tolist() == arms["treatment"].tolist()
    assert found["holdout_count"].tolist() == arms["holdout"].tolist()
    assert found["mixed_variation_count"].tolist() == mixed.loc[arms.index].tolist()
    assert mixed.sum() > 0


@pytest.mark.parametrize(
    "metric", ["account_retention", "any_opt_out_rate_28d", "any_opt_out_rate_7d"]
)
def test_shares_of_customers(metric: str, kpi_company: Company, truth: Truth) -> None:
    expected = {
        "account_retention": lambda: retained(truth),
        "any_opt_out_rate_28d": lambda: opt_outs(truth, days=28),
        "any_opt_out_rate_7d": lambda: opt_outs(truth, days=7),
    }[metric]()
    found = counted(kpi_company, metric)
    found = found[found["experiment_id"].isin(expected["experiment_id"])]
    expected = expected.sort_values(ARM, ignore_index=True)
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected, check_dtype=False)
    assert 0 < expected["yes"].sum() < expected["customers"].sum()


def test_a_segment_has_the_same_customers_cut_up(kpi_company: Company) -> None:
    rows = kpi_company.mart("kpi_experiment_readouts")
    rows = rows[rows["metric_name"] == "any_opt_out_rate_28d"]
    counts = rows.groupby([*ARM, "segment_type"])["customer_count"].sum().unstack()
    for kind in ("risk_segment", "lifecycle_stage", "market_regime"):
        assert counts[kind].tolist() == counts["all"].tolist()
    assert set(rows["segment_type"]) >= {"product_line"}


def test_what_may_not_be_read_gives_no_lift(small_company: Company) -> None:
    # In a company of thirty days no experiment has run for four weeks.
    rows = small_company.mart("kpi_experiment_readouts")
    withheld = rows[~rows["readout_status"].isin(READABLE)]
    assert len(withheld) > 0
    assert withheld[LIFTS].isna().all().all()
    assert withheld["conclusion"].isna().all()
    assert withheld["mean"].notna().any()


def test_who_is_too_few_or_held_out_gives_a_level_and_no_lift(kpi_company: Company) -> None:
    rows = kpi_company.mart("kpi_experiment_readouts")
    is_few = rows[["customer_count", "holdout_count"]].min(axis=1) < 30
    is_held = rows["variation_role"] == "holdout"
    withheld = rows[is_few | is_held]
    assert withheld[LIFTS].isna().all().all()
    assert withheld["conclusion"].isna().all()
    assert withheld["mean"].notna().any()


def test_nothing_is_read_before_four_weeks(kpi_company: Company) -> None:
    place = kpi_company.data / "warehouse/build.duckdb"
    with duckdb.connect(str(place), read_only=True) as build:
        weeks = build.execute("from inference.experiment_weeks").df()
    early = weeks[weeks["runtime_days"] < 28]
    assert len(early) > 0
    assert early["absolute_lift"].isna().all()
    assert early["conclusion"].isna().all()
    assert not early["readout_status"].isin(READABLE).any()
    # Nor later, while fewer than thirty of an arm were followed.
    assert set(weeks.loc[weeks["runtime_days"] >= 56, "readout_status"]) == {"too_early"}
