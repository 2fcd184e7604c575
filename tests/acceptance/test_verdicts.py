"""What the sample's four stories come to: trap, happy twin, idler, and a holdout that moves."""

from itertools import pairwise

import pandas as pd
import pytest

from simulation.company import FEATURES
from tests.integration.company import Company

pytestmark = pytest.mark.acceptance

WEEK = pd.Timedelta(days=7)
SCENARIOS = ("daily_challenge", "bill_forecast", "subscription_finder", "spend_coach")


def weeks_of(company: Company, feature_id: str) -> pd.DataFrame:
    """Give a feature's verdicts, week by week."""
    weeks = company.mart("kpi_feature_verdicts_weekly")
    weeks = weeks[weeks["feature_id"] == feature_id]
    weeks = weeks.assign(week_start_date=pd.to_datetime(weeks["week_start_date"]))
    return weeks.sort_values("week_start_date", ignore_index=True)


def began(weeks: pd.DataFrame, verdict: str) -> pd.Timestamp:
    """Give the first week of a verdict."""
    found = weeks.loc[weeks["verdict"] == verdict, "week_start_date"]
    assert len(found), f"never {verdict}: {sorted(set(weeks['verdict']))}"
    return pd.Timestamp(found.min())


def readout(company: Company, feature_id: str, metric_name: str) -> pd.Series:
    """Give what a feature's experiment says of a metric at the end."""
    rows = company.mart("kpi_experiment_readouts")
    rows = rows[
        (rows["experiment_id"] == f"exp_{feature_id}")
        & (rows["metric_name"] == metric_name)
        & (rows["segment_type"] == "all")
        & (rows["variation_id"] == "treatment")
    ]
    assert len(rows) == 1
    return rows.iloc[0]


def test_the_trap_is_fixed_and_then_put_to_rest_long_before_anybody_leaves(
    company: Company,
) -> None:
    weeks = weeks_of(company, "daily_challenge")
    fixed, rested = began(weeks, "fix"), began(weeks, "sunset")
    assert rested - fixed == 6 * WEEK
    # Volume was up by 40 % in between, and nobody had more of it.
    in_between = weeks[weeks["week_start_date"].between(fixed - 4 * WEEK, rested)]
    assert in_between["is_vanity_trap"].any()
    assert not set(weeks["verdict"]) & {"scale", "remove"}
    assert set(weeks.loc[weeks["week_start_date"] >= rested, "verdict"]) == {"sunset"}
    # The month's retention never shows harm; the half-year's does, once there is one.
    assert readout(company, "daily_challenge", "account_retention")["conclusion"] != "harm"
    half_year = readout(company, "daily_challenge", "retention_180d")
    assert half_year["absolute_lift_ci_upper"] < 0
    rollout = next(f.rollout_day for f in FEATURES if f.feature_id == "daily_challenge")
    first_known = pd.Timestamp(company.parameters.start) + pd.Timedelta(days=rollout + 181)
    assert rested + 8 * WEEK < first_known


def test_the_happy_twin_is_scaled_and_is_never_called_a_trap_again(company: Company) -> None:
    weeks = weeks_of(company, "bill_forecast")
    scaled = began(weeks, "scale")
    assert scaled < began(weeks_of(company, "daily_challenge"), "sunset")
    # Nothing is known of it before its experiment has run for four weeks.
    assert weeks.loc[weeks["outcome"] != "unknown", "runtime_days"].min() >= 28
    # What others complain of in those weeks is not its doing.
    assert set(weeks.loc[weeks["week_start_date"] >= scaled, "verdict"]) == {"scale"}
    assert not weeks.loc[weeks["week_start_date"] >= scaled, "is_vanity_trap"].any()
    retention = readout(company, "bill_forecast", "account_retention")
    assert retention["conclusion"] == "works"
    assert retention["absolute_lift"] >= 0.03


def test_what_nobody_uses_is_removed(company: Company) -> None:
    weeks = weeks_of(company, "subscription_finder")
    removed = began(weeks, "remove")
    assert weeks.loc[weeks["week_start_date"] == removed, "age_weeks"].item() >= 8
    assert not set(weeks["verdict"]) & {"scale", "sunset"}
    assert set(weeks.loc[weeks["week_start_date"] >= removed, "verdict"]) == {"remove"}


def test_what_the_holdout_has_as_well_is_never_scaled(company: Company) -> None:
    weeks = weeks_of(company, "spend_coach")
    assert "scale" not in set(weeks["verdict"])
    assert "works" not in set(weeks["outcome"].dropna())
    retention = readout(company, "spend_coach", "account_retention")
    assert (retention["readout_status"], retention["conclusion"]) == ("ok", "neutral")


@pytest.mark.parametrize("feature_id", SCENARIOS)
def test_no_scenario_is_decided_by_compliance(company: Company, feature_id: str) -> None:
    weeks = weeks_of(company, feature_id)
    assert weeks["reportable_incident_count"].eq(0).all()
    gaps = {later - former for former, later in pairwise(weeks["week_start_date"])}
    assert gaps == {WEEK}
