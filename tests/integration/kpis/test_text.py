"""KPIs of support and surveys equal what the simulator's truth says, computed by other code."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from simulation.surveys import ANSWER_SHARE
from tests.integration.company import Company
from tests.integration.frames import assert_equal
from tests.integration.kpis import text_truth
from tests.integration.kpis.value_truth import active_moments
from tests.integration.truth import DAY, Truth, monday

# The year's wave of complaints: two days after the release of the model that tires people.
SPIKE = ("invasive", "savings_insights")


@pytest.fixture(scope="module")
def build(kpi_company: Company) -> duckdb.DuckDBPyConnection:
    place = kpi_company.data / "warehouse/build.duckdb"
    return duckdb.connect(str(place), read_only=True)


@pytest.fixture(scope="module")
def found_themes(build: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return build.execute("select ticket_id, theme from core.fct_ticket_themes").df()


def test_support_service(
    kpi_company: Company, truth: Truth, build: duckdb.DuckDBPyConnection
) -> None:
    expected = text_truth.service(truth)
    found = kpi_company.mart("kpi_support_service_weekly").rename(
        columns={"reopen_rate_denominator": "solved", "reopen_rate_numerator": "reopened"}
    )
    assert expected["reopened"].sum() > 0
    # Half of a week's tickets answered, and not all of them ever.
    assert expected["first_reply_hours_p50"].notna().sum() > 20
    assert (expected["first_reply_hours_p95"].isna() & expected["solved"].notna()).any()
    shown = found[found["ticket_count"] > 0]
    assert_equal(expected.drop(columns=text_truth.WAITS), shown, text_truth.SERVICE)
    waits = build.execute("select * from marts.sums_support_waits_weekly").df()
    assert_equal(expected[[*text_truth.SERVICE, *text_truth.WAITS]], waits, text_truth.SERVICE)
    is_small = (shown["ticket_count"] < 30) | ~shown["is_mature"]
    assert shown.loc[is_small, text_truth.WAITS].isna().all(axis=None)


def test_weeks_without_a_ticket_have_a_rate_of_none(kpi_company: Company, truth: Truth) -> None:
    found = kpi_company.mart("kpi_support_service_weekly")
    quiet = found[found["ticket_count"] == 0]
    assert len(quiet) > 20
    assert (quiet["tickets_per_1k_active"].dropna() == 0).all()
    moments = active_moments(truth)
    weeks = moments.groupby(monday(moments["day"]).rename("week_start_date"))
    active = weeks["customer_ref"].nunique().rename("active_customer_count").reset_index()
    active["week_start_date"] = active["week_start_date"].astype("datetime64[us]")
    found["week_start_date"] = pd.to_datetime(found["week_start_date"]).astype("datetime64[us]")
    one = found[found["feature_id"] == "none"]
    both = active.merge(one, on="week_start_date", suffixes=("", "_found"))
    over = both["is_mature"]
    assert over.sum() > 20
    assert (both["active_customer_count"] == both["active_customer_count_found"])[over].all()
    rate = found["ticket_count"] * 1000 / found["active_customer_count"]
    known = found["tickets_per_1k_active"].notna()
    assert np.allclose(rate[known], found["tickets_per_1k_active"][known])


def test_a_tickets_versions_are_counted_once(
    kpi_company: Company, build: duckdb.DuckDBPyConnection, truth: Truth
) -> None:
    versions = build.execute("select count(*) from staging.stg_zendesk__tickets").fetchall()[0][0]
    found = kpi_company.mart("kpi_support_service_weekly")["ticket_count"].sum()
    assert found == text_truth.tickets(truth)["ticket_id"].nunique()
    assert versions > 2.5 * found


def test_themes_are_found_in_what_customers_write(truth: Truth, found_themes: pd.DataFrame) -> None:
    rows = truth.table("tickets").merge(found_themes, on="ticket_id", suffixes=("", "_found"))
    is_theme, is_found = rows["theme"] != "other", rows["theme_found"] != "other"
    right = (rows["theme"] == rows["theme_found"]) & is_theme
    assert is_theme.sum() > 25
    assert right.sum() / is_found.sum() >= 0.8
    assert right.sum() / is_theme.sum() >= 0.7


def test_support_themes(kpi_company: Company, truth: Truth, found_themes: pd.DataFrame) -> None:
    found = kpi_company.mart("kpi_support_themes_daily")
    found["activity_date"] = pd.to_datetime(found["activity_date"]).astype("datetime64[us]")
    with_tickets = found[found["ticket_count"] > 0]
    assert_equal(text_truth.themes(truth, found_themes), with_tickets, text_truth.THEME)
    expected = text_truth.exposed(truth)
    expected["activity_date"] = expected["activity_date"].astype("datetime64[us]")
    days = expected.merge(found, on=["feature_id", "activity_date"], suffixes=("_true", ""))
    assert len(days) == 5 * len(expected)
    assert (days["exposed_count_true"] == days["exposed_count"]).all()
    known = found["tickets_per_10k_exposed"].notna()
    rate = found["ticket_count"] * 10_000 / found["exposed_count"]
    assert np.allclose(rate[known], found["tickets_per_10k_exposed"][known])
    assert (found["exposed_count"][known] >= 30).all()


def test_the_wave_of_complaints_after_the_release_is_a_spike(
    kpi_company: Company, truth: Truth
) -> None:
    releases = truth.table("releases")
    released_at = releases[releases["kind"] == "model_version"]["released_at"].max()
    found = kpi_company.mart("kpi_support_themes_daily")
    spikes = found[found["is_spike"].eq(True)]
    assert set(zip(spikes["theme"], spikes["feature_id"], strict=True)) == {SPIKE}
    since = pd.to_datetime(spikes["activity_date"]) - released_at.tz_localize(None).normalize()
    assert since.dt.days.between(0, 7).all()
    assert (spikes["ticket_count"] >= 5).all()


def test_csat(kpi_company: Company, truth: Truth) -> None:
    expected = text_truth.csat(truth)
    assert expected["agreed"].sum() > 0
    for column in ("invited", "scored", "positive", "compared", "agreed"):
        expected[column] = expected[column].astype(float).where(expected["is_mature"])
    expected = expected.drop(columns=["balance", "is_mature"])
    found = kpi_company.mart("kpi_csat_weekly").rename(
        columns={
            "answer_count": "answered",
            "response_rate_denominator": "invited",
            "csat_positive_rate_denominator": "scored",
            "csat_positive_rate_numerator": "positive",
            "agreement_rate_denominator": "compared",
            "agreement_rate_numerator": "agreed",
        }
    )
    whole = found[found["segment_type"] == "all"]
    assert_equal(expected, whole, text_truth.SURVEY)


def test_segments_of_satisfaction_add_up(kpi_company: Company) -> None:
    found = kpi_company.mart("kpi_csat_weekly")
    total = found.groupby(["segment_type", *text_truth.SURVEY])["answer_count"].sum()
    for kind in ("risk_segment", "lifecycle_stage"):
        pd.testing.assert_series_equal(total[kind], total["all"])
    assert found["segment_type"].nunique() >= 4


def test_who_answers_depends_on_the_answer(truth: Truth) -> None:
    """The published share speaks for those who answer; all who were asked would say otherwise."""
    rows = text_truth.surveys(truth)
    rows = rows[rows["instrument"].isin(["csat", "driver"])]
    said = rows["is_positive"].dropna().astype(float).mean()
    is_satisfied = rows["true_score"] >= text_truth.SATISFIED
    meant = is_satisfied.mean()
    share = rows.groupby(rows["true_score"].astype(int))["is_answered"].mean()
    angry, indifferent, delighted = share.reindex([1, 3, 5]).astype(float)
    assert angry > 1.5 * indifferent
    assert delighted > 1.2 * indifferent
    # Who is how likely to answer says how far the answers are off: the bias is that, and chance.
    implied = np.average(is_satisfied, weights=ANSWER_SHARE[rows["true_score"].astype(int) - 1])
    assert abs(implied - meant) > 0.02
    answer_count = rows["is_positive"].count()
    assert abs(said - implied) < 2.5 * np.sqrt(implied * (1 - implied) / answer_count)


def test_stated_trust_is_shown_and_judges_nothing(kpi_company: Company) -> None:
    found = kpi_company.mart("kpi_csat_weekly").groupby("instrument")
    weights = found["headline_weight"].max()
    assert weights.to_dict() == {"csat": 1, "driver": 0, "exit": 0, "trust": 0}
    assert found["csat_positive_rate_target"].count()[weights == 0].eq(0).all()
    positive = found["csat_positive_rate_numerator"].sum().astype(float)
    rates = (positive / found["csat_positive_rate_denominator"].sum()).to_dict()
    # The naive reading: trust is high, so all is well.
    assert rates["trust"] > rates["csat"] + 0.15


def test_exit_surveys_have_themes(kpi_company: Company, truth: Truth) -> None:
    found = kpi_company.mart("kpi_csat_weekly")
    found = found[(found["instrument"] == "exit") & (found["segment_type"] == "all")]
    asked = text_truth.surveys(truth)
    said = asked[(asked["instrument"] == "exit") & asked["is_answered"]]
    over = truth.is_over(said["week_start_date"] + 14 * DAY)
    counts = said[over]["theme"].value_counts()
    for theme in ("invasive", "noisy", "misleading", "other"):
        assert found[f"exit_{theme}_count"].sum() == counts.get(theme, 0)


def test_drivers_of_satisfaction(kpi_company: Company, truth: Truth) -> None:
    found = kpi_company.mart("kpi_satisfaction_drivers").set_index("driver")
    expected = text_truth.drivers(truth)
    given = found["standardised_coefficient"].reindex(expected.index)
    np.testing.assert_allclose(given, expected, rtol=1e-9)
    # What the simulation weighs most comes out first, with an interval that excludes nothing.
    assert found["driver_rank"].idxmin() == "needs_met"
    assert found["standardised_coefficient_ci_lower"].to_dict()["needs_met"] > 0
