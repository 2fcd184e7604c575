"""The marts of decisions and discovery say what the simulator's truth says."""

import pandas as pd
import pytest

from tests.integration.company import Company
from tests.integration.frames import assert_equal
from tests.integration.kpis.decisions_truth import (
    decision_mix,
    early_actions,
    own_scores,
    policy_values,
)
from tests.integration.truth import DAY, Truth

EARLY = ("budget_created", "rates_viewed", "insight_opened", "deposit_started")


def test_policy_values_are_the_weighted_rewards(kpi_company: Company, truth: Truth) -> None:
    expected = policy_values(truth)
    found = kpi_company.mart("kpi_policy_value")
    found = found[~found["logged_policy_id"].str.startswith("rules_")].rename(
        columns={"decision_count": "decisions", "effective_sample_size": "effective_sample"}
    )
    key = ["policy_id", "month_start_date"]
    plain = ["decisions", "mean_weight", "effective_sample"]
    assert_equal(expected[[*key, *plain]], found, key)
    shown = found[found["ips_value"].notna()].assign(
        month_start_date=lambda frame: pd.to_datetime(frame["month_start_date"])
    )
    both = shown.merge(expected, on=key, suffixes=("", "_true"))
    assert len(both) == len(shown) > 0
    assert both["ips_value"].to_numpy() == pytest.approx(both["ips"].to_numpy(), rel=1e-9)
    assert both["self_normalised_value"].to_numpy() == pytest.approx(
        both["self_normalised"].to_numpy(), rel=1e-9
    )


def test_a_log_that_cannot_speak_is_refused(kpi_company: Company) -> None:
    found = kpi_company.mart("kpi_policy_value")
    refused = found[found["is_refused"]]
    for name in ("ips_value", "self_normalised_value", "doubly_robust_value", "absolute_lift"):
        assert refused[name].isna().all(), name
    reasons = found.groupby("policy_id")["refusal_reason"].agg(set)
    assert reasons["policy_loan_nudges_1:always:no_nudge"] == {"no_support"}
    assert reasons["rules_loan_nudges_1"] == {"no_propensity"}
    broken = found[
        found["policy_id"].eq("policy_spend_coach_1")
        & (pd.to_datetime(found["month_start_date"]) >= pd.Timestamp("2026-04-01"))
    ]
    assert set(broken["refusal_reason"]) == {"below_exploration_floor"}
    # The uniform policy would also choose what was never tried.
    uniform = found[found["policy_id"] == "policy_loan_nudges_1:uniform"]
    assert uniform["is_refused"].all()


def test_the_doubly_robust_interval_holds_the_true_value(
    kpi_company: Company, truth: Truth
) -> None:
    found = kpi_company.mart("kpi_policy_value")
    # Where nobody acted there is no error to measure by.
    is_measured = found["doubly_robust_value_standard_error"].notna()
    shown = found[(found["target_rule"] == "uniform") & is_measured]
    insights = truth.table("insights")
    acted = insights["acted_at"] < insights["served_at"] + 7 * DAY
    rate = acted.groupby([insights["feature_id"], insights["model_behaviour"]]).mean()
    features = shown["logged_policy_id"].str.removeprefix("policy_").str.removesuffix("_1")
    values = features.map(rate.groupby("feature_id").mean())
    errors = shown["doubly_robust_value_standard_error"].astype(float)
    # Some of many months miss by two standard errors; none should by four.
    assert len(shown) > 0
    assert ((shown["doubly_robust_value"] - values).abs() < 4 * errors).all()


def test_decision_mix(kpi_company: Company, truth: Truth) -> None:
    expected = decision_mix(truth)
    over = truth.is_over(expected["week_start_date"] + 7 * DAY)
    expected["all_decisions"] = expected["all_decisions"].astype(float).where(over)
    found = kpi_company.mart("kpi_decision_mix_weekly").rename(
        columns={
            "decision_count": "decisions",
            "is_format_optimised": "varies_format",
            "decision_share_denominator": "all_decisions",
        }
    )
    assert_equal(expected, found, ["policy_type", "week_start_date"])


def test_early_actions(kpi_company: Company, truth: Truth) -> None:
    expected = early_actions(truth, EARLY)
    found = kpi_company.mart("kpi_early_action_drivers")
    found = found[found["action_name"].isin(EARLY)]
    expected = expected[expected["action_name"].isin(found["action_name"])]
    assert {"budget_created", "rates_viewed"} <= set(expected["action_name"])
    assert_equal(expected, found, ["action_name", "threshold"])
    # So few customers prove nothing.
    assert found["phi"].isna().all()
    assert found["is_discovered"].isna().all()


def test_unusual_payments(kpi_company: Company, truth: Truth) -> None:
    expected = own_scores(truth)
    found = kpi_company.mart("kpi_transaction_anomalies")
    found = found[found["baseline_type"] == "own"]
    flagged = expected[expected["is_flagged"]]
    assert len(flagged) > 0
    columns = ["transaction_id", "amount_score", "hour_score", "country_share"]
    assert_equal(flagged[columns], found, ["transaction_id"])
    # The largest amounts of all are no measure of what is unusual for somebody.
    naive = set(expected.nlargest(len(flagged), "amount_score")["transaction_id"])
    assert naive != set(flagged["transaction_id"])


def test_detection_is_measured_where_there_are_labels(kpi_company: Company, truth: Truth) -> None:
    expected = own_scores(truth)
    expected = expected[truth.is_over(expected["day"] + DAY)]
    found = kpi_company.mart("kpi_anomaly_detection_daily")
    found = found[(found["baseline_type"] == "own") & found["is_mature"]]
    is_fraud, is_flagged = expected["label"] == "fraud", expected["is_flagged"]
    is_labelled = expected["label"].notna()
    totals = {
        "transaction_count": len(expected),
        "flagged_count": is_flagged.sum(),
        "labelled_count": is_labelled.sum(),
        "fraud_count": is_fraud.sum(),
        "precision_rate_numerator": (is_flagged & is_fraud).sum(),
        "precision_rate_denominator": (is_flagged & is_labelled).sum(),
        "recall_rate_numerator": (is_flagged & is_fraud).sum(),
        "recall_rate_denominator": is_fraud.sum(),
    }
    for name, total in totals.items():
        assert found[name].astype(float).sum() == total, name
    assert totals["fraud_count"] > 0
    assert pd.to_datetime(found["activity_date"]).max() < truth.today
    is_small = (found["labelled_count"] < 30) | ~found["is_mature"]
    assert found.loc[is_small, "label_delay_hours_p50"].isna().all()
    assert (found["label_delay_hours_p50"].dropna() < 24).all()


def test_the_marts_without_a_period_have_rows(kpi_company: Company) -> None:
    churn = kpi_company.mart("kpi_abandonment_churn")
    assert (churn["abandoned_churn_rate_denominator"] > 0).all()
    assert (churn["completed_churn_rate_denominator"] > 0).any()
    features = kpi_company.mart("kpi_high_value_features")
    assert (
        features["top_use_rate_denominator"] * 10 <= features["rest_use_rate_denominator"] * 2
    ).all()
    assert (features["rest_use_rate_numerator"] > 0).any()
