from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from expectations.verdicts import GateReport, Verdict
from orchestration.alerts.conditions import drift_findings, gate_findings, pull_findings
from orchestration.alerts.findings import Finding
from tests.unit.orchestration.test_gate_stage import VERDICT

AS_OF = datetime(2026, 6, 28, tzinfo=UTC)
BATCH = VERDICT.subject


def found(*verdicts: Verdict) -> list[Finding]:
    report = GateReport(gate="batches", verdicts=verdicts)
    return gate_findings(
        report,
        config_file=Path("trustlift.yml"),
        as_of=AS_OF,
        warnings_for_days=7,
        look="index.html",
    )


def test_a_verdict_becomes_a_finding_with_figure_limit_owner_and_command() -> None:
    [finding] = found(VERDICT, replace(VERDICT, status="passed", metric="stale_rate"))
    assert finding.key == ("duplication_rate", BATCH)
    assert (finding.group, finding.severity) == ("amplitude/events", "error")
    assert (finding.figure, finding.threshold, finding.owner) == (0.31, 0.15, "data-engineering")
    assert finding.look == "index.html"
    assert finding.commands == (f'trustlift reject {BATCH} --reason "…"',)


@pytest.mark.parametrize(("day", "is_news"), [(20, False), (21, True), (27, True)])
def test_a_warning_is_news_for_some_days_and_an_error_until_it_is_mended(
    day: int, is_news: bool
) -> None:
    received = date(2026, 6, day)
    batch = replace(VERDICT, received_date=received, subject=f"amplitude/events/{received}")
    assert bool(found(replace(batch, severity="warning"))) is is_news
    assert found(batch)
    source = replace(batch, severity="warning", subject="amplitude")
    assert found(source), "a source as a whole is about no day, whenever it last delivered"


def test_what_is_of_no_source_is_told_by_its_gate() -> None:
    nowhere = replace(VERDICT, subject="kpi_x", received_date=None, source_name=None)
    mart = replace(nowhere, table_name=None, severity="warning")
    [finding] = found(mart)
    assert finding.group == "batches"


def test_what_could_not_be_evaluated_says_why() -> None:
    [finding] = found(
        replace(VERDICT, status="not_evaluated", value=None, fault="duplication_rate is NULL")
    )
    assert finding.found == "no figure: duplication_rate is NULL"


def test_nothing_to_judge_is_one_finding_whatever_the_number_of_rules() -> None:
    nothing = replace(
        VERDICT,
        subject="*",
        source_name=None,
        table_name=None,
        received_date=None,
        status="not_evaluated",
        value=None,
    )
    [finding] = found(nothing, replace(nothing, metric="stale_rate"))
    assert finding.key == ("nothing_to_judge", "batches")


def test_a_new_column_is_a_warning_and_a_lost_one_an_error() -> None:
    rows = [
        ("amplitude", "events", "new_column", "colour", "", "VARCHAR", 3),
        ("amplitude", "events", "missing_column", "user_id", "string", "", 1_000),
        ("amplitude", "events", "unfit_value", "age", "bigint", "VARCHAR", 1),
    ]
    new, lost = drift_findings(rows, look="index.html")
    assert (new.severity, new.subject) == ("warning", "amplitude/events: colour")
    assert (lost.severity, lost.found) == ("error", "missing column, 1,000 rows")


def test_a_source_that_could_not_be_read_is_an_error_until_it_can() -> None:
    other = Path("other.yml")
    said = "answered 401: see ZENDESK_TOKEN"
    [finding] = pull_findings("zendesk", state="failed", message=said, config_file=other)
    assert (finding.severity, finding.subject) == ("error", "zendesk")
    assert finding.look == "trustlift status --config other.yml"
    assert pull_findings("zendesk", state="succeeded", message="", config_file=other) == []
