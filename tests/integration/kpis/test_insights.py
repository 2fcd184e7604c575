"""What became of insights, and how far people trust the AI, equals what the truth says."""

from tests.integration.company import Company
from tests.integration.frames import assert_equal
from tests.integration.kpis.insights_truth import (
    CELL,
    category_opt_outs,
    content,
    insight_outcomes,
    opt_ins,
    opt_out_cohorts,
    permissions,
    user_control,
)
from tests.integration.truth import Truth


def test_insight_outcomes(kpi_company: Company, truth: Truth) -> None:
    expected = insight_outcomes(truth)
    found = kpi_company.mart("kpi_insight_outcomes_weekly").rename(
        columns={
            "customer_count": "customers",
            "served_count": "served",
            "opened_rate_numerator": "opened",
            "acted_rate_numerator": "acted",
            "dismissed_rate_numerator": "dismissed",
            "ignored_rate_numerator": "ignored",
            "acted_of_opened_rate_numerator": "opened_acted",
            "solved_rate_denominator": "tasks",
            "solved_rate_numerator": "solved",
            "resumed_task_rate_denominator": "abandoned",
            "resumed_task_rate_numerator": "resumed",
        }
    )
    assert (expected[["acted", "dismissed", "ignored", "solved", "resumed"]].sum() > 0).all()
    assert (expected["model_version"] == "none").any(), "no insight is known by its events alone"
    assert expected["acted"].isna().any(), "no window is open, so that NULL is not tested"
    assert_equal(expected, found, CELL)


def test_opt_out_cohorts(kpi_company: Company, truth: Truth) -> None:
    expected = opt_out_cohorts(truth)
    found = kpi_company.mart("kpi_opt_out_cohorts")
    for days in (7, 28):
        # Too small a cohort shows no rate.
        too_small = expected["customers"] < 30
        expected[f"rate_{days}d"] = expected[f"rate_{days}d"].mask(too_small)
        found = found.rename(
            columns={
                f"opt_out_rate_{days}d": f"rate_{days}d",
                f"opt_out_rate_{days}d_numerator": f"off_{days}d",
            }
        )
    found = found.rename(columns={"customer_count": "customers"})
    assert expected["rate_28d"].gt(expected["rate_7d"]).any()
    assert expected["off_28d"].isna().any()
    assert_equal(expected, found, ["feature_id", "cohort_week_start_date"])


def test_nobody_who_never_met_the_feature_hides_an_opt_out(
    kpi_company: Company, truth: Truth
) -> None:
    """Over all customers the rate would be lower: most of them were never shown the feature."""
    cohorts = kpi_company.mart("kpi_opt_out_cohorts")
    met = truth.table("feature_events").groupby("feature_id")["customer_ref"].nunique()
    exposed = cohorts.groupby("feature_id")["customer_count"].sum()
    everybody = truth.table("customers")["customer_ref"].nunique()
    assert (exposed <= met[exposed.index]).all()
    assert (exposed < everybody).all()


def test_opt_outs_by_category(kpi_company: Company, truth: Truth) -> None:
    expected = category_opt_outs(truth)
    found = kpi_company.mart("kpi_opt_out_by_category_weekly").rename(
        columns={
            "customer_count": "customers",
            "opt_out_count": "opt_outs",
            "opt_out_rate_numerator": "opted_out",
        }
    )
    assert (expected["insight_category"] == "unattributed").any()
    assert expected["opted_out"].sum() > 0
    assert_equal(expected, found, ["insight_category", "week_start_date"])


def test_permissions(kpi_company: Company, truth: Truth) -> None:
    expected = permissions(truth)
    found = kpi_company.mart("kpi_permission_weekly").rename(
        columns={"first_prompt_count": "prompted", "grant_rate_numerator": "granted"}
    )
    found["is_randomised"] = found["evidence_type"] == "randomised"
    assert expected["granted"].sum() > 0
    assert expected["is_randomised"].nunique() == 2
    assert_equal(expected, found, ["permission_scope", "explanation_id", "week_start_date"])


def test_silence_is_no_permission(kpi_company: Company, truth: Truth) -> None:
    """The share of grants among answers would be higher: many never answer."""
    answers = truth.table("trust_events").query("event_name == 'permission_answered'")
    found = kpi_company.mart("kpi_permission_weekly")
    share = found["grant_rate_numerator"].sum() / found["grant_rate_denominator"].sum()
    assert share < (answers["outcome"] == "granted").mean()


def test_opt_ins(kpi_company: Company, truth: Truth) -> None:
    expected = opt_ins(truth)
    found = kpi_company.mart("kpi_opt_in_weekly").rename(
        columns={"first_offer_count": "offered", "opt_in_rate_numerator": "opted_in"}
    )
    assert_equal(expected, found, ["feature_id", "week_start_date"])
    shares = expected.dropna().groupby("feature_id")[["opted_in", "offered"]].sum()
    distrusted = shares["opted_in"] / shares["offered"] < 0.12
    assert distrusted["loan_nudges"]
    assert not distrusted["savings_insights"]


def test_open_windows_are_unknown_and_not_zero(kpi_company: Company) -> None:
    for mart, rate in (
        ("kpi_insight_outcomes_weekly", "acted_rate"),
        ("kpi_opt_out_cohorts", "opt_out_rate_28d"),
        ("kpi_opt_out_by_category_weekly", "opt_out_rate"),
        ("kpi_permission_weekly", "grant_rate"),
        ("kpi_opt_in_weekly", "opt_in_rate"),
    ):
        rows = kpi_company.mart(mart)
        open_rows = rows[~rows["is_mature"]]
        assert len(open_rows), mart
        columns = [f"{rate}{part}" for part in ("", "_numerator", "_denominator", "_ci_lower")]
        assert open_rows[columns].isna().all(axis=None), mart


def test_user_control(kpi_company: Company, truth: Truth) -> None:
    expected = user_control(truth)
    found = kpi_company.mart("kpi_user_control_weekly").rename(
        columns={
            "preference_visit_count": "visits",
            "preference_edit_count": "edits",
            "opt_out_count": "opt_outs",
            "breached_opt_out_count": "breached",
            "opt_out_honour_hours_p95": "honour_hours",
            "visit_to_opt_out_seconds_p50": "visit_seconds",
            "decision_count": "decisions",
            "accepted_count": "accepted",
            "overridden_count": "overridden",
            "auto_applied_count": "auto_applied",
        }
    )
    assert (expected[["breached", "accepted", "overridden", "auto_applied"]].sum() > 0).all()
    assert expected["honour_hours"].isna().any()
    assert_equal(expected, found, ["week_start_date"])


def test_content(kpi_company: Company, truth: Truth) -> None:
    expected = content(truth)
    found = kpi_company.mart("kpi_content_weekly").rename(
        columns={
            "customer_count": "customers",
            "served_count": "served",
            "acted_rate_numerator": "acted",
            "served_share_denominator": "all_served",
            "opt_out_count": "opt_outs",
            "opt_out_rate_numerator": "opted_out",
        }
    )
    tags = {"aggressive", "speculative", "educational", "security", "transparency", "empowerment"}
    assert tags <= set(expected["content_tag"])
    assert expected["opted_out"].sum() > 0
    assert_equal(expected, found, ["content_tag", "week_start_date"])
    per_person = expected.groupby("content_tag")[["opt_outs", "served"]].sum()
    share = per_person["opt_outs"] / per_person["served"]
    assert share["aggressive"] > share["educational"], "pressure drives nobody away"
