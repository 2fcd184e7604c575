"""Targeting and compliance equal what the simulator's truth says, computed by other code."""

import pandas as pd
import pytest

from tests.integration.company import Company
from tests.integration.frames import assert_equal
from tests.integration.kpis.compliance_truth import (
    KINDS,
    compliance,
    controls,
    served,
    targeting,
    verification,
)
from tests.integration.truth import Truth

TARGETING = ["feature_id", "model_behaviour", "week_start_date"]
WEEK = pd.Timedelta(days=7)


@pytest.fixture(scope="module")
def aimed(truth: Truth) -> pd.DataFrame:
    """What was wrong with the targets of each week, by the truth."""
    return targeting(truth)


def test_each_kind_of_fault_is_counted(kpi_company: Company, aimed: pd.DataFrame) -> None:
    found = kpi_company.mart("kpi_targeting_weekly").rename(
        columns={f"{kind}_count": kind for kind in KINDS} | {"served_count": "served"}
    )
    expected = aimed[[*TARGETING, "served", *KINDS]]
    assert (expected[list(KINDS)].sum() > 0).all(), "the sample has every kind of fault"
    assert_equal(expected, found, TARGETING)


def test_a_decision_counts_once_among_those_served(
    kpi_company: Company, truth: Truth, aimed: pd.DataFrame
) -> None:
    rates = {
        "false_targeting_rate": ("false", "served"),
        "rule_fault_rate": ("faults", "served"),
        "perceived_irrelevance_rate": ("irrelevant", "served"),
        "topic_match_rate": ("matched_topics", "served"),
        "risk_match_rate": ("matched_risks", "served"),
        "near_threshold_false_targeting_rate": ("near_false", "near"),
    }
    over = truth.is_over(aimed["week_start_date"] + 2 * WEEK)
    expected = aimed[TARGETING].copy()
    for rate, (part, whole) in rates.items():
        expected[f"{rate}_numerator"] = aimed[part].astype(float).where(over)
        expected[f"{rate}_denominator"] = aimed[whole].astype(float).where(over)
    found = kpi_company.mart("kpi_targeting_weekly")
    assert_equal(expected, found, TARGETING)
    # Kinds overlap, so their sum says more; candidates that nobody saw would say less.
    assert aimed[list(KINDS)].sum().sum() > aimed["false"].sum()
    assert len(truth.table("decisions")) > aimed["served"].sum()
    share = aimed["false"].sum() / aimed["served"].sum()
    assert 0.02 < share < 0.05


def test_incidents_are_judged_by_the_state_as_of_serving(
    kpi_company: Company, truth: Truth
) -> None:
    expected = compliance(truth)
    found = kpi_company.mart("kpi_compliance_daily").rename(
        columns={
            "served_count": "served",
            "judged_count": "judged",
            "incident_count": "incidents",
            "incident_customer_count": "customers",
        }
    )
    assert_equal(expected, found, ["rule_id", "activity_date"])
    by_rule = expected.groupby("rule_id")["incidents"].sum()
    assert (by_rule[["sanctions_hit", "kyc_not_approved", "aml_not_clear"]] > 0).all()
    assert (by_rule[["ineligible_product", "consent_withdrawn", "filter_not_run"]] > 0).all()
    uses = expected[expected["rule_id"] == "sensitive_data_without_consent"]
    assert 0 < uses["incidents"].sum() < uses["judged"].sum()


def test_a_later_answer_neither_heals_nor_spoils(kpi_company: Company, truth: Truth) -> None:
    rows = served(truth)
    last = verification(truth).groupby("customer_ref")[["answer", "status"]].last()
    today = rows["customer_ref"].map(last["answer"])
    now = (rows["is_known"] & today.ne("GREEN")).sum()
    eligibility = truth.table("eligibility").sort_values("valid_from")
    current = eligibility.groupby("customer_ref")["is_eligible"].last()
    refused = (rows["is_loan"] & rows["customer_ref"].map(current).ne(True)).sum()
    found = kpi_company.mart("kpi_compliance_daily").groupby("rule_id")["incident_count"].sum()
    assert found["kyc_not_approved"] != now
    assert found["ineligible_product"] < refused


def test_what_must_be_reported_stands_apart(kpi_company: Company) -> None:
    found = kpi_company.mart("kpi_compliance_daily")
    told = found["incident_count"].where(found["is_reportable"], 0)
    assert (found["reportable_incident_count"] == told).all()
    assert 0 < told.sum() < found["incident_count"].sum()
    assert (found["is_reportable_incident_count_target_met"] == (told == 0)).all()


def test_the_filter_and_the_reviewers(kpi_company: Company, truth: Truth) -> None:
    expected = controls(truth)
    over = truth.is_over(expected["week_start_date"] + WEEK)
    is_shown = over & (expected.pop("reviews") >= 30)
    expected[["p50", "p95"]] = expected[["p50", "p95"]].where(is_shown)
    for rate, part in (("overturn_rate", "overturned"), ("reason_shown_rate", "reasons")):
        expected[f"{rate}_numerator"] = expected[part].astype(float).where(over)
    found = kpi_company.mart("kpi_compliance_controls_weekly").rename(
        columns={
            "candidate_count": "candidates",
            "blocked_count": "blocked",
            "unfiltered_count": "unfiltered",
            "served_count": "served",
            "reviewed_count": "reviewed",
            "overturned_count": "overturned",
            "review_latency_hours_p50": "p50",
            "review_latency_hours_p95": "p95",
            "sensitive_count": "sensitive",
        }
    )
    assert (expected[["blocked", "unfiltered", "overturned", "sensitive"]].sum() > 0).all()
    assert_equal(expected.drop(columns="reasons"), found, ["week_start_date"])
