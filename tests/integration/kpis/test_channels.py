"""What is published of messages, flows and conversions equals what the truth says."""

import pandas as pd

from tests.integration.company import Company
from tests.integration.frames import assert_equal
from tests.integration.kpis import channels_truth
from tests.integration.truth import DAY, Truth


def found(company: Company, mart: str, **names: str) -> pd.DataFrame:
    """Read a mart with the truth's names for its columns."""
    return company.mart(mart).rename(columns={column: name for name, column in names.items()})


def test_coordination(kpi_company: Company, truth: Truth) -> None:
    expected = channels_truth.coordination(truth)
    assert expected["same"].sum() > 20
    assert expected["contrary"].sum() > 20
    marts = found(
        kpi_company,
        "kpi_coordination_weekly",
        customers="customer_count",
        messages="message_count",
        same="duplicate_message_rate_numerator",
        contrary="contradiction_rate_numerator",
    )
    assert_equal(expected, marts, ["channel_a", "channel_b", "week_start_date"])


def test_channel_health(kpi_company: Company, truth: Truth) -> None:
    expected = channels_truth.channel_health(truth).drop(columns="realtime")
    shown = expected[["quiet", "after_goal", "lost", "coordinated"]].sum()
    assert (shown > 0).all()
    assert "whatsapp" in set(expected["channel"])
    is_over = truth.is_over(expected["week_start_date"] + 7 * DAY)
    for name in ("out_of_sync", "coordinated", "names_step", "lost"):
        expected[name] = expected[name].where(is_over)
    marts = found(
        kpi_company,
        "kpi_channel_health_weekly",
        sends="send_count",
        too_soon="too_soon_count",
        quiet="quiet_hours_count",
        after_goal="after_goal_count",
        out_of_sync="out_of_sync_rate_numerator",
        coordinated="coordinated_rate_numerator",
        names_step="lost_context_rate_denominator",
        lost="lost_context_rate_numerator",
    )
    assert_equal(expected, marts, ["channel", "week_start_date"])


def test_the_mix_of_channels_is_whole(kpi_company: Company) -> None:
    found = kpi_company.mart("kpi_channel_health_weekly")
    found = found[found["is_mature"]]
    weeks = found.groupby("week_start_date")
    sent = weeks["mix_share_numerator"].sum()
    assert (sent == weeks["mix_share_denominator"].first()).all()
    shown = found["mix_share_denominator"] >= 30
    assert shown.any()
    assert found.loc[~shown, "mix_share"].isna().all()
    whole = found[shown].groupby("week_start_date")["mix_share"].sum()
    assert (whole - 1).abs().max() < 1e-9


def test_campaigns(kpi_company: Company, truth: Truth) -> None:
    sent = channels_truth.sends(truth).dropna(subset=["campaign_id"])
    used = sent[["channel", "week_start_date", "campaign_id"]].drop_duplicates()
    used = used.merge(truth.table("campaigns"), on="campaign_id")
    used["lead"] = (used["live_at"] - used["briefed_at"]).dt.total_seconds() / 3600
    expected = used.groupby(["channel", "week_start_date"]).agg(
        campaigns=("campaign_id", "size"), tickets=("needs_ticket", "sum"), lead=("lead", "median")
    )
    marts = found(
        kpi_company,
        "kpi_channel_health_weekly",
        campaigns="campaign_count",
        tickets="ticket_campaign_count",
        lead="campaign_lead_hours_p50",
    )
    is_small = marts["engineering_ticket_share_denominator"].fillna(0) < 30
    assert marts.loc[is_small, "engineering_ticket_share"].isna().all()
    marts = marts[marts["campaigns"] > 0]
    assert_equal(expected.reset_index(), marts, ["channel", "week_start_date"])


def test_message_timing(kpi_company: Company, truth: Truth) -> None:
    expected = channels_truth.channel_health(truth)[
        ["channel", "week_start_date", "sends", "realtime"]
    ]
    is_over = truth.is_over(expected["week_start_date"] + 7 * DAY)
    expected["realtime"] = expected["realtime"].where(is_over)
    sent = channels_truth.sends(truth)
    hours = (sent["sent_at"] - sent["segment_computed_at"]).dt.total_seconds() / 3600
    ages = sent.assign(hours=hours)[hours >= 0].groupby(["channel", "week_start_date"])["hours"]
    expected = expected.merge(
        ages.agg(count="size", p50="median", p95=lambda one: one.quantile(0.95)).reset_index(),
        on=["channel", "week_start_date"],
    )
    is_shown = (expected.pop("count") >= 30) & is_over
    expected[["p50", "p95"]] = expected[["p50", "p95"]].where(is_shown)
    assert is_shown.any()
    assert expected["realtime"].sum() > 0
    marts = found(
        kpi_company,
        "kpi_message_timing_weekly",
        sends="send_count",
        realtime="realtime_share_numerator",
        p50="segment_age_hours_p50",
        p95="segment_age_hours_p95",
    )
    assert_equal(expected, marts[marts["sends"] > 0], ["channel", "week_start_date"])


def test_a_trigger_that_is_old_or_somebody_elses_is_not_real_time(
    kpi_company: Company, truth: Truth
) -> None:
    by_name = channels_truth.sends(truth)["triggered_at"].notna().sum()
    weeks = kpi_company.mart("kpi_message_timing_weekly")
    assert weeks["realtime_share_numerator"].sum() < by_name


def test_message_fatigue(kpi_company: Company, truth: Truth) -> None:
    expected = channels_truth.fatigue(truth)
    assert expected["refused"].sum() > 10
    marts = found(
        kpi_company,
        "kpi_message_fatigue_weekly",
        customers="customer_count",
        messages="message_count",
        refused="next_week_opt_out_rate_numerator",
    )
    assert_equal(expected, marts, ["messages_per_week_band", "week_start_date"])


def test_who_gets_more_messages_turns_away_sooner(kpi_company: Company) -> None:
    weeks = kpi_company.mart("kpi_message_fatigue_weekly").groupby("messages_per_week_band")
    sums = weeks[["next_week_opt_out_rate_numerator", "next_week_opt_out_rate_denominator"]].sum()
    rate = sums.iloc[:, 0] / sums.iloc[:, 1]
    several = sums.loc[["2", "3-4", "5-7", "8+"]].sum()
    assert rate["0"] < several.iloc[0] / several.iloc[1]


def test_flow_recovery(kpi_company: Company, truth: Truth) -> None:
    expected = channels_truth.flow_recovery(truth)
    assert (expected[["in_time", "is_specific", "recovered"]].sum() > 0).all()
    assert set(expected["follow_up"]) == {"triggered", "generic", "none", "holdout"}
    marts = found(
        kpi_company,
        "kpi_flow_recovery_weekly",
        abandoned="abandonment_count",
        complete="complete_context_rate_numerator",
        eligible="trigger_24h_rate_denominator",
        in_time="trigger_24h_rate_numerator",
        reminded="specific_message_rate_denominator",
        is_specific="specific_message_rate_numerator",
        recovered="recovery_rate_numerator",
    )
    assert_equal(expected, marts, ["flow_id", "follow_up", "week_start_date"])


def test_the_lift_is_against_the_holdout_and_not_against_who_got_no_message(
    kpi_company: Company, truth: Truth
) -> None:
    left = channels_truth.abandonments(truth)
    is_over = truth.is_over(left["week_start_date"] + 14 * DAY)
    back = left["recovered_at"] <= left["abandoned_at"] + 7 * DAY
    left = left.assign(back=back)[is_over]
    marts = kpi_company.mart("kpi_flow_recovery_weekly").dropna(subset=["absolute_lift"])
    last = marts[marts["follow_up"] == "triggered"].sort_values("week_start_date")
    assert len(last)
    for flow, weeks in last.groupby("flow_id"):
        until = pd.Timestamp(weeks["week_start_date"].iloc[-1])
        known = left[(left["flow_id"] == flow) & (left["week_start_date"] <= until)]
        rate = known.groupby("follow_up")["back"].mean()
        lift = rate["triggered"] - rate["holdout"]
        assert abs(weeks["absolute_lift"].iloc[-1] - lift) < 1e-9
        got = known[known["follow_up"] == "triggered"].groupby(known["reminded_at"].notna())["back"]
        assert abs(got.mean()[True] - got.mean()[False] - lift) > 0.02


def test_the_holdout_has_no_lift_and_strangers_no_randomised_one(kpi_company: Company) -> None:
    marts = kpi_company.mart("kpi_flow_recovery_weekly")
    assert marts.loc[marts["follow_up"] == "holdout", "absolute_lift"].isna().all()
    kinds = marts.groupby("follow_up")["evidence_type"].unique()
    assert {arm: list(kind) for arm, kind in kinds.items()} == {
        "triggered": ["randomised"],
        "generic": ["randomised"],
        "holdout": ["randomised"],
        "none": ["observational"],
    }


def test_conversion(kpi_company: Company, truth: Truth) -> None:
    expected = channels_truth.conversion(truth)
    assert (expected[["converted", "clicks"]].sum() > 0).all()
    marts = found(
        kpi_company,
        "kpi_conversion_weekly",
        exposed="customer_count",
        converted="conversion_rate_numerator",
        delivered="click_through_rate_denominator",
        clicks="click_through_rate_numerator",
    )
    marts = marts[marts["segment_type"] == "all"]
    assert_equal(expected, marts, ["product_line", "week_start_date"])


def test_machines_clicks_are_no_clicks(kpi_company: Company, truth: Truth) -> None:
    rows = truth.table("received_rows")
    machines = rows[(rows["table_name"] == "messages") & (rows["bot"] == "suspected_click")]
    assert len(machines) > 0
    clicks = truth.table("message_events").query("kind == 'clicked'")
    weeks = kpi_company.mart("kpi_conversion_weekly").query("segment_type == 'all'")
    assert weeks["click_through_rate_numerator"].sum() <= len(clicks)


def test_follow_ups_due(kpi_company: Company, truth: Truth) -> None:
    left = channels_truth.abandonments(truth)
    owed = left[
        (left["follow_up"] != "generic")
        & left["reminded_at"].isna()
        & left["recovered_at"].isna()
        & (left["abandoned_at"] > truth.as_of - DAY)
    ]
    marts = kpi_company.mart("flow_triggers_due").set_index("flow_instance_id")
    assert set(marts.index) == set(owed["flow_instance_id"])
    owed = owed.set_index("flow_instance_id").loc[marts.index]
    held_out = set(owed[owed["follow_up"] == "holdout"].index)
    assert set(marts[marts["withheld_reason"] == "holdout"].index) == held_out
    assert (marts["missing_step"] == owed["missing_step"]).all()
    assert (marts["amount"].astype(float) == owed["amount"])[owed["amount"].notna()].all()
    assert (marts["is_due"] == marts["withheld_reason"].isna()).all()
    assert marts["is_due"].any()
    assert held_out
    asleep = marts[marts["withheld_reason"] == "quiet_hours"]
    assert set(asleep["channel"]) <= {"push", "whatsapp"}
    assert not set(marts[marts["is_due"]]["channel"]) & {"push", "whatsapp"}
