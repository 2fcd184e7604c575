"""Retention, goals, savings and value equal what the simulator's truth says, by other code.

Each trap is shown to be one: the naive figure, computed beside, is another.
"""

import duckdb
import pandas as pd
import pytest

from tests.integration.company import Company
from tests.integration.frames import assert_equal
from tests.integration.kpis.value_truth import (
    AGES,
    active_moments,
    channel_retention,
    goal_waits,
    kept_without,
    lives,
    retention_cohorts,
    savings,
    savings_months,
    segmented,
    value_months,
)
from tests.integration.truth import DAY, Truth, monday

COHORT = ["cohort_week_start_date", "segment_type", "segment_value"]
SAVINGS = ["month_start_date", "experiment_id", "variation_id", "segment_type", "segment_value"]
MONTH = ["month_start_date", "segment_type", "segment_value"]


def test_active_days(kpi_company: Company, truth: Truth) -> None:
    moments = active_moments(truth)
    expected = moments.groupby(["customer_ref", "day"]).size().reset_index()[["day"]]
    with duckdb.connect(str(kpi_company.data / "warehouse/build.duckdb"), read_only=True) as build:
        found = build.execute(
            "select activity_date as day from core.fct_customer_days where is_active and "
            "customer_id in (select customer_id from core.dim_identifiers "
            "where identifier_type = 'customer_ref')"
        ).df()
    found = found[found["day"] < truth.today]
    assert expected["day"].value_counts().to_dict() == found["day"].value_counts().to_dict()


def test_retention_cohorts(kpi_company: Company, truth: Truth) -> None:
    found = kpi_company.mart("kpi_retention_cohorts").rename(
        columns={
            "activation_rate_numerator": "is_activated",
            **{f"retention_d{age}_numerator": f"d{age}" for age in AGES},
        }
    )
    expected = retention_cohorts(truth)
    assert set(expected["segment_type"]) == {
        "all",
        "risk_segment",
        "lifecycle_stage",
        "product_line",
        "market_regime",
    }
    assert_equal(expected, found, COHORT)


def test_whoever_was_there_before_the_data_is_in_no_cohort(
    kpi_company: Company, truth: Truth
) -> None:
    first = active_moments(truth).groupby("customer_ref")["day"].min()
    weeks = kpi_company.mart("kpi_retention_cohorts")
    counted = weeks.loc[weeks["segment_type"] == "all", "customer_count"].sum()
    assert 0 < counted == len(lives(truth)) < len(first)


def test_an_open_window_is_unknown_and_not_zero(kpi_company: Company) -> None:
    weeks = kpi_company.mart("kpi_retention_cohorts")
    whole = weeks[weeks["segment_type"] == "all"].sort_values("cohort_week_start_date")
    assert whole["retention_d30_numerator"].isna().iloc[-1]
    unknown = [whole[f"retention_d{age}_numerator"].isna().sum() for age in AGES]
    assert unknown == sorted(unknown)
    assert unknown[0] < unknown[-1] < len(whole)


def test_segments_of_the_moment_are_not_todays(truth: Truth) -> None:
    then = segmented(truth, lives(truth), "first_at")
    now = segmented(truth, lives(truth).assign(now=pd.Timestamp(truth.as_of)), "now")
    for kind in ("risk_segment", "lifecycle_stage"):
        counts = [
            rows.loc[rows["segment_type"] == kind, "segment_value"].value_counts().to_dict()
            for rows in (then, now)
        ]
        assert counts[0] != counts[1]


def test_channel_retention(kpi_company: Company, truth: Truth) -> None:
    people = channel_retention(truth)
    key = ["channel_count", "is_ai_coordinated"]
    expected = people.groupby(key).agg(
        customer_count=("customer_ref", "size"),
        d90=("d90", "sum"),
        d180=("d180", "sum"),
        followed=("followed_d180", "sum"),
    )
    found = kpi_company.mart("kpi_channel_retention")
    assert_equal(
        expected.reset_index(),
        found.rename(
            columns={
                "retention_d90_numerator": "d90",
                "retention_d180_numerator": "d180",
                "retention_d180_denominator": "followed",
            }
        ),
        key,
    )
    with duckdb.connect(str(kpi_company.data / "warehouse/build.duckdb"), read_only=True) as build:
        lifetimes = build.execute("select * from inference.channel_lifetimes").df()
        followed = build.execute(
            "select channel_count, is_ai_coordinated, duration_days as days, is_event as has_left "
            "from marts.sums_customer_channels"
        ).df()
    columns = list(followed.columns)
    assert sorted(followed.itertuples(index=False)) == sorted(
        people[columns].itertuples(index=False)
    )
    assert people["has_left"].any()
    lifetimes = lifetimes.dropna(subset=["rmst_days"])
    assert len(lifetimes) > 0
    for _, row in lifetimes.iterrows():
        group = people[(people[key] == row[key]).all(axis=1)]
        mean = sum(kept_without(group["days"], group["has_left"], row["horizon_days"]))
        assert row["rmst_days"] == pytest.approx(mean)


def test_whoever_left_early_would_make_channels_look_like_a_reason_to_stay(truth: Truth) -> None:
    everybody = lives(truth)
    everybody = everybody[truth.is_over(everybody["first_day"] + 91 * DAY)]
    landmark = channel_retention(truth)
    assert len(landmark) < len(everybody)
    gone = everybody[~everybody["customer_ref"].isin(landmark["customer_ref"])]
    assert gone["d90"].sum() == 0
    assert landmark["d90"].mean() > everybody["d90"].mean()


def test_goal_attainment(kpi_company: Company, truth: Truth) -> None:
    waits = goal_waits(truth)
    key = ["feature_id", "variation_id"]
    expected = waits.groupby(key).agg(
        customer_count=("customer_ref", "size"), reached_count=("is_reached", "sum")
    )
    found = kpi_company.mart("kpi_goal_attainment")
    assert found.loc[found["weeks_saved"].isna(), "is_practically_significant"].isna().all()
    found = found[found["feature_id"].isin(waits["feature_id"])]
    assert_equal(expected.reset_index(), found, key)
    shown = found.dropna(subset=["rmst_weeks"])
    assert len(shown) > 0
    for _, row in shown.iterrows():
        group = waits[(waits[key] == row[key]).all(axis=1)]
        curve = kept_without(group["days"], group["is_reached"], 183)
        horizon = round(row["rmst_horizon_weeks"] * 7)
        mean = sum(curve[:horizon])
        assert row["rmst_weeks"] == pytest.approx(mean / 7)
        half = next((day / 7 for day, share in enumerate(curve) if share <= 0.5), None)
        if half is not None:
            assert row["median_weeks"] == pytest.approx(half)
        if row["reached_by_week_17"] == row["reached_by_week_17"]:
            assert row["reached_by_week_17"] == pytest.approx(1 - curve[17 * 7])


def test_only_those_who_got_there_would_be_quick(truth: Truth) -> None:
    waits = goal_waits(truth)
    is_saving = waits["feature_id"] == "savings_insights"
    group = waits[is_saving & (waits["variation_id"] == "treatment")]
    restricted = sum(kept_without(group["days"], group["is_reached"], 182))
    assert group.loc[group["is_reached"], "days"].mean() < restricted - 7


def test_savings_rates(kpi_company: Company, truth: Truth) -> None:
    expected = savings_months(truth)
    expected["savings_rate_numerator"] = expected.pop("saved") / 100
    expected["savings_rate_denominator"] = expected.pop("inflow") / 100
    over = truth.is_over(expected["month_start_date"] + pd.offsets.MonthBegin(1))
    for column in ("savings_rate_numerator", "savings_rate_denominator"):
        expected[column] = expected[column].where(over)
    found = kpi_company.mart("kpi_savings_rate_monthly")
    found = found[found["experiment_id"].isin(expected["experiment_id"])]
    assert_equal(expected, found, SAVINGS)
    shown = found.dropna(subset=["savings_rate"])
    assert (shown["savings_rate_ci_lower"] < shown["savings_rate"]).all()
    assert (shown["savings_rate"] < shown["savings_rate_ci_upper"]).all()
    assert (found["experiment_id"] == "none").sum() > 0
    assert found["other_currency_count"].sum() > 0


def test_own_transfers_and_reversals_would_move_the_rate(truth: Truth) -> None:
    entries = savings(truth)
    rate = entries["saved"].sum() / entries["inflow"].sum()
    ledger = truth.table("ledger")
    naive_income = ledger.loc[ledger["entry_class"] == "inflow", "cents"]
    assert naive_income.sum() > entries["inflow"].sum()
    per_customer = entries.groupby(["customer_ref", "month_start_date"])[["saved", "inflow"]].sum()
    without_income = per_customer["inflow"] == 0
    assert without_income.any()
    assert per_customer.loc[without_income, "saved"].sum() != 0
    shares = (per_customer["saved"] / per_customer["inflow"])[~without_income]
    assert abs(shares.mean() - rate) > 0.005


def test_customer_value(kpi_company: Company, truth: Truth) -> None:
    months = segmented(truth, value_months(truth), "first_at")
    expected = months.groupby(MONTH).agg(
        active_customer_count=("customer_ref", "size"),
        held_product_count=("products", "sum"),
        net_revenue_180d=("cents", "sum"),
        is_covered=("is_covered", "all"),
    )
    expected = expected.reset_index()
    over = truth.is_over(expected["month_start_date"] + pd.offsets.MonthBegin(1))
    for column in ("active_customer_count", "held_product_count", "net_revenue_180d"):
        expected[column] = expected[column].astype(float).where(over)
    covered = expected.pop("is_covered")
    expected["net_revenue_180d"] = (expected["net_revenue_180d"] / 100).where(covered)
    found = kpi_company.mart("kpi_customer_value_monthly")
    assert_equal(expected, found, MONTH)
    assert found["products_per_customer"].notna().any()
    assert found["net_revenue_180d"].notna().any()


def test_cohorts_are_weeks_of_the_zone_and_not_of_utc(truth: Truth) -> None:
    moments = active_moments(truth)
    utc = moments["at"].dt.tz_convert("UTC").dt.tz_localize(None).dt.normalize()
    assert (utc != moments["day"]).any()
    first = moments.groupby("customer_ref")["day"].min()
    assert (monday(first).dt.weekday == 0).all()
