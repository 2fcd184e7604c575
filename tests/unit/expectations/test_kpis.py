from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import warehouse
from expectations import kpis
from tests.unit.expectations.worlds import results

if TYPE_CHECKING:
    import duckdb

    from expectations.verdicts import GateReport

AS_OF = datetime(2026, 2, 16, tzinfo=UTC)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = warehouse.connect(None)
    connection.execute("create schema core")
    connection.execute(
        "create table core.fct_registry_faults (subject_type varchar, subject varchar, "
        "rule varchar, is_current boolean, checked_date date)"
    )
    connection.execute("create schema marts")
    connection.execute(
        "create table marts.kpi_micro_feedback_weekly (model_behaviour varchar, "
        "model_version varchar, has_reason_shown boolean, week_start_date date, "
        "helpful_rate_denominator bigint, helpful_rate_ci_upper double)"
    )
    connection.execute(
        "create table marts.kpi_opt_out_daily (feature_id varchar, experiment_id varchar, "
        "variation_id varchar, activity_date date, opt_out_hazard_denominator bigint, "
        "is_rising boolean)"
    )
    connection.execute(
        "create table marts.kpi_opt_in_weekly (feature_id varchar, week_start_date date, "
        "opt_in_rate_denominator bigint, opt_in_rate_ci_upper double)"
    )
    connection.execute(
        "create table marts.kpi_targeting_weekly (feature_id varchar, model_behaviour varchar, "
        "week_start_date date, false_targeting_rate_denominator bigint, "
        "false_targeting_rate_ci_lower double)"
    )
    connection.execute(
        "create table marts.kpi_compliance_daily (rule_id varchar, activity_date date, "
        "is_reportable boolean, served_count bigint, incident_count bigint)"
    )
    connection.execute(
        "create table marts.kpi_support_themes_daily (theme varchar, feature_id varchar, "
        "activity_date date, exposed_count bigint, is_spike boolean)"
    )
    connection.execute(
        "create table marts.kpi_csat_weekly (instrument varchar, segment_type varchar, "
        "week_start_date date, headline_weight double, csat_positive_rate_denominator bigint, "
        "csat_positive_rate_ci_upper double)"
    )
    connection.execute(
        "create table marts.kpi_flow_recovery_weekly (flow_id varchar, follow_up varchar, "
        "week_start_date date, trigger_24h_rate_denominator bigint, "
        "trigger_24h_rate_ci_upper double)"
    )
    connection.execute(
        "create table marts.kpi_coordination_weekly (channel_a varchar, channel_b varchar, "
        "week_start_date date, duplicate_message_rate_denominator bigint, "
        "duplicate_message_rate_ci_lower double)"
    )
    connection.execute(
        "create table marts.kpi_conversion_weekly (product_line varchar, segment_type varchar, "
        "week_start_date date, conversion_rate_denominator bigint, is_conversion_falling boolean)"
    )
    connection.execute(
        "create table marts.kpi_experiment_health (experiment_id varchar, is_running boolean, "
        "treated_count bigint, holdout_count bigint, is_srm_failed boolean, "
        "is_holdout_out_of_range boolean, has_always_valid_harm boolean, data_through_date date)"
    )
    connection.execute(
        "create table marts.kpi_feature_verdicts_weekly (feature_id varchar, week_start_date date, "
        "is_changed boolean, is_decision_due boolean, rule varchar, blocked_weeks bigint, "
        "verdict varchar)"
    )
    return connection


def judge(
    connection: duckdb.DuckDBPyConnection,
    *,
    weeks: tuple[float | None, ...] = (),
    days: tuple[bool | None, ...] = (),
) -> GateReport:
    """Judge a behaviour with these upper bounds by week, and a feature with these trends by day."""
    for number, bound in enumerate(weeks):
        connection.execute(
            "insert into marts.kpi_micro_feedback_weekly values "
            "('pushy', 'v1', true, date '2026-01-05' + ?, 100, ?)",
            [7 * number, bound],
        )
    for number, is_rising in enumerate(days):
        connection.execute(
            "insert into marts.kpi_opt_out_daily values "
            "('insights', 'none', 'none', date '2026-01-05' + ?, 100, ?)",
            [number, is_rising],
        )
    return kpis.run(connection, as_of=AS_OF)


def test_nothing_is_judged_before_there_is_a_figure(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    report = judge(connection, weeks=(None,), days=(None,))
    assert report.verdicts == ()
    assert results(connection) == []


@pytest.mark.parametrize(
    ("weeks", "is_warned"),
    [((0.30,), False), ((0.2999,), True), ((0.1, 0.5), False), ((0.5, 0.1, None), True)],
)
def test_the_last_week_with_a_figure_counts_by_its_upper_bound(
    weeks: tuple[float | None, ...], is_warned: bool, connection: duckdb.DuckDBPyConnection
) -> None:
    report = judge(connection, weeks=weeks, days=(False,))
    assert [one.subject for one in report.warnings] == [
        "helpfulness of pushy, v1, reason shown"
    ] * is_warned
    assert not report.is_blocked


@pytest.mark.parametrize(("bound", "is_warned"), [(0.12, False), (0.1199, True)])
def test_an_offer_that_hardly_anybody_takes_up_warns(
    bound: float, is_warned: bool, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "insert into marts.kpi_opt_in_weekly values ('nudges', date '2026-01-05', 100, ?)", [bound]
    )
    assert [one.subject for one in kpis.run(connection, as_of=AS_OF).warnings] == [
        "opt-ins to nudges"
    ] * is_warned


def test_a_fault_of_the_registry_warns_until_it_is_corrected_or_the_experiment_ends(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "insert into core.fct_registry_faults values "
        "('experiment', 'e1', 'planned_days', true, date '2026-02-16'), "
        "('experiment', 'e1', 'holdout_share', true, date '2026-02-16'), "
        "('experiment', 'e0', 'holdout_share', false, date '2026-02-16')"
    )
    [fault] = kpis.run(connection, as_of=AS_OF).warnings
    assert (fault.subject, fault.value) == ("registration of experiment e1", 2)
    assert fault.remedy is not None
    assert fault.remedy.commands == ("trustlift registry",)
    connection.execute("delete from core.fct_registry_faults where subject = 'e1'")
    assert kpis.run(connection, as_of=AS_OF).warnings == ()


@pytest.mark.parametrize(("age_days", "is_warned"), [(42, True), (43, False)])
def test_a_figure_that_is_long_past_says_nothing_of_today(
    age_days: int, is_warned: bool, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "insert into marts.kpi_opt_in_weekly values ('nudges', ?, 100, 0.1)",
        [(AS_OF - timedelta(days=age_days)).date()],
    )
    assert bool(kpis.run(connection, as_of=AS_OF).warnings) == is_warned


def test_rising_opt_outs_warn_until_they_no_longer_rise(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    [rising] = judge(connection, days=(False, True, None)).warnings
    assert (rising.subject, rising.owner) == ("opt-outs from insights, none, none", "product")
    assert rising.remedy is not None
    assert "kpi_opt_out_daily" in rising.remedy.text
    connection.execute("delete from marts.kpi_opt_out_daily where is_rising")
    assert kpis.run(connection, as_of=AS_OF).warnings == ()


@pytest.mark.parametrize(("bound", "is_warned"), [(0.05, False), (0.0501, True)])
def test_false_targets_warn_above_their_limit_by_the_lower_bound(
    bound: float, is_warned: bool, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "insert into marts.kpi_targeting_weekly values "
        "('insights', 'pushy', date '2026-01-05', 100, ?)",
        [bound],
    )
    warned = [verdict.subject for verdict in kpis.run(connection, as_of=AS_OF).warnings]
    assert warned == ["targets of insights, pushy"] * is_warned


@pytest.mark.parametrize(
    ("is_reportable", "severity"), [(True, "page"), (False, "warning")], ids=["told", "kept"]
)
def test_an_incident_alerts_for_a_week_and_a_reportable_one_pages(
    is_reportable: bool, severity: str, connection: duckdb.DuckDBPyConnection
) -> None:
    for day in range(7):
        connection.execute(
            "insert into marts.kpi_compliance_daily values "
            "('a_rule', date '2026-01-05' + ?, ?, 100, ?)",
            [day, is_reportable, int(day == 0)],
        )
    report = kpis.run(connection, as_of=AS_OF)
    [incident] = report.warnings
    assert (incident.subject, incident.severity) == ("incidents of a_rule", severity)
    assert incident.value == 1
    # The figures are right: what must stop is the product, not the publishing.
    assert not report.is_blocked
    connection.execute(
        "insert into marts.kpi_compliance_daily values ('a_rule', date '2026-01-12', ?, 100, 0)",
        [is_reportable],
    )
    assert kpis.run(connection, as_of=AS_OF).warnings == ()


def test_a_spike_of_complaints_alerts_for_a_week(connection: duckdb.DuckDBPyConnection) -> None:
    for day in range(7):
        connection.execute(
            "insert into marts.kpi_support_themes_daily values "
            "('noisy', 'tips', date '2026-01-05' + ?, 100, ?), "
            "('other', 'tips', date '2026-01-05' + ?, 100, true)",
            [day, day == 0, day],
        )
    [spike] = kpis.run(connection, as_of=AS_OF).warnings
    assert (spike.subject, spike.value) == ("tickets about noisy, tips", 1)
    assert spike.remedy is not None
    assert "kpi_support_themes_daily" in spike.remedy.text
    connection.execute(
        "insert into marts.kpi_support_themes_daily values "
        "('noisy', 'tips', '2026-01-12', 100, false), ('noisy', 'tips', '2026-01-13', 100, null)"
    )
    assert kpis.run(connection, as_of=AS_OF).warnings == ()


@pytest.mark.parametrize(
    ("weight", "segment", "bound", "is_warned"),
    [
        (1, "all", 0.79, True),
        (1, "all", 0.8, False),
        (0, "all", 0.1, False),
        (1, "risk_segment", 0.1, False),
    ],
    ids=["certainly below", "perhaps not", "stated trust", "a segment"],
)
def test_satisfaction_warns_where_it_is_certainly_below_its_limit(
    weight: float,
    segment: str,
    bound: float,
    is_warned: bool,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "insert into marts.kpi_csat_weekly values ('csat', ?, date '2026-01-05', ?, 100, ?)",
        [segment, weight, bound],
    )
    warned = [verdict.subject for verdict in kpis.run(connection, as_of=AS_OF).warnings]
    assert warned == ["satisfaction by csat"] * is_warned


@pytest.mark.parametrize(
    ("arm", "bound", "is_warned"),
    [("triggered", 0.69, True), ("triggered", 0.7, False), ("generic", 0.0, False)],
)
def test_follow_ups_warn_where_they_are_certainly_late(
    arm: str, bound: float, is_warned: bool, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "insert into marts.kpi_flow_recovery_weekly values ('loan', ?, date '2026-01-05', 100, ?)",
        [arm, bound],
    )
    warned = [verdict.subject for verdict in kpis.run(connection, as_of=AS_OF).warnings]
    assert warned == ["follow-ups on loan"] * is_warned


@pytest.mark.parametrize(("bound", "is_warned"), [(0.1, False), (0.101, True)])
def test_channels_that_repeat_each_other_warn(
    bound: float, is_warned: bool, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "insert into marts.kpi_coordination_weekly values "
        "('email', 'push', date '2026-01-05', 100, ?)",
        [bound],
    )
    warned = [verdict.subject for verdict in kpis.run(connection, as_of=AS_OF).warnings]
    assert warned == ["messages by email and push"] * is_warned


@pytest.mark.parametrize(
    ("weeks", "segment", "is_warned"),
    [
        ((True, True), "all", True),
        ((True, False), "all", False),
        ((False, True), "all", False),
        ((True,), "all", False),
        ((True, True), "risk_segment", False),
    ],
)
def test_conversion_warns_when_it_fell_twice_running(
    weeks: tuple[bool, ...],
    segment: str,
    is_warned: bool,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for number, is_falling in enumerate(weeks):
        connection.execute(
            "insert into marts.kpi_conversion_weekly values "
            "('loans', ?, date '2026-01-05' + ?, 100, ?)",
            [segment, 7 * number, is_falling],
        )
    warned = [verdict.subject for verdict in kpis.run(connection, as_of=AS_OF).warnings]
    assert warned == ["conversion to loans"] * is_warned


@pytest.mark.parametrize(
    ("is_running", "treated", "is_warned"),
    [(True, 80, True), (False, 80, False), (True, 5, False)],
)
def test_an_experiment_warns_while_it_runs(
    is_running: bool, treated: int, is_warned: bool, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "insert into marts.kpi_experiment_health values "
        "('e', ?, ?, 20, true, true, true, date '2026-02-15')",
        [is_running, treated],
    )
    warned = sorted(verdict.subject for verdict in kpis.run(connection, as_of=AS_OF).warnings)
    assert warned == ["guardrails of e", "holdout of e", "split of e"] * is_warned


@pytest.mark.parametrize(
    ("values", "subject"),
    [
        ("true, false, 'distrusted', 0", "verdict of insights: fix"),
        ("false, true, 'stay', 0", "decision on insights"),
        ("false, false, 'fix_clock_ran_out', 0", "fix of insights"),
        ("false, false, 'stay', 3", "data on insights"),
        ("false, false, 'stay', 2", None),
    ],
)
def test_a_verdict_alerts_in_the_week_it_is_news(
    values: str, subject: str | None, connection: duckdb.DuckDBPyConnection
) -> None:
    week = "('insights', date '2026-01-05' + {}, {}, 'fix')"
    rows = ", ".join(week.format(7 * number, values) for number in range(2))
    connection.execute(f"insert into marts.kpi_feature_verdicts_weekly values {rows}")
    warned = kpis.run(connection, as_of=AS_OF).warnings
    assert [verdict.subject for verdict in warned] == [subject] * (subject is not None)
    for verdict in warned:
        assert verdict.remedy is not None
        assert verdict.remedy.commands == ("trustlift explain insights",)
    calm = "('insights', date '2026-01-19', false, false, 'stay', 0, 'fix')"
    connection.execute(f"insert into marts.kpi_feature_verdicts_weekly values {calm}")
    assert kpis.run(connection, as_of=AS_OF).warnings == ()


def test_a_change_after_a_change_of_verdict_is_news(connection: duckdb.DuckDBPyConnection) -> None:
    said = []
    for day, verdict in (("05", "fix"), ("12", "remove")):
        connection.execute(
            "insert into marts.kpi_feature_verdicts_weekly values "
            f"('a: b', date '2026-01-{day}', true, false, 'unused', 0, '{verdict}')"
        )
        [warned] = kpis.run(connection, as_of=AS_OF).warnings
        assert warned.remedy is not None
        said.append((warned.subject, warned.remedy.commands))
    commands = ("trustlift explain a: b",)
    assert said == [("verdict of a: b: fix", commands), ("verdict of a: b: remove", commands)]
