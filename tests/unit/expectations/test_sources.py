from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import warehouse
from expectations import sources
from tests.unit.expectations.worlds import results

if TYPE_CHECKING:
    from expectations.verdicts import GateReport

DAY = date(2026, 3, 18)


def judge(
    *ages: tuple[str, float | None], gaps: tuple[int, ...] = (), least: float | None = 40.0
) -> tuple[GateReport, list[tuple[str, ...]]]:
    """Judge sources of some ages, and a day of the first with gaps at some hours."""
    freshness = pd.DataFrame(
        {
            "source_name": [name for name, _ in ages],
            "is_closed": [age is None for _, age in ages],
            "freshness_hours": pd.Series([age for _, age in ages], dtype=float),
            "last_received_date": [DAY] * len(ages),
        }
    )
    hours = pd.DataFrame(
        {
            "source_name": ages[0][0],
            "hour_start_at": pd.date_range(DAY, periods=24, freq="h"),
            "received_count": [0 if hour in gaps else 100 for hour in range(24)],
            "least_count": pd.Series([least] * 24, dtype=float),
            "is_gap": [hour in gaps for hour in range(24)],
        }
    )
    with warehouse.connect(None) as connection:
        warehouse.write_table(connection, "core.fct_source_freshness", freshness)
        warehouse.write_table(connection, "core.fct_volume_gaps", hours)
        return sources.run(connection), results(connection, "status <> 'passed'")


@pytest.mark.parametrize(("age", "is_late"), [(0.0, False), (36.0, False), (36.1, True)])
def test_a_late_source_is_one_warning_and_stops_nothing(age: float, is_late: bool) -> None:
    report, found = judge(("zendesk", age), ("braze", 1.0))
    assert found == [("zendesk", "freshness_hours", "warning", "failed")] * is_late
    assert not report.is_blocked
    if is_late:
        (verdict,) = report.warnings
        assert (verdict.source_name, verdict.received_date) == ("zendesk", None)
        assert verdict.remedy is not None
        assert "quiet_days" in verdict.remedy.text


def test_a_closed_source_is_never_stale() -> None:
    report, found = judge(("zendesk", None), ("braze", 1.0))
    assert found == []
    assert [v.subject for v in report.verdicts if v.metric == "freshness_hours"] == ["braze"]


def test_a_day_with_missing_hours_is_named() -> None:
    report, found = judge(("amplitude", 1.0), gaps=(9, 10, 11))
    assert found == [("amplitude/2026-03-18", "gap_hour_count", "warning", "failed")]
    (verdict,) = report.warnings
    assert (verdict.value, verdict.row_count, verdict.received_date) == (3, 2100, DAY)


def test_a_day_of_which_nothing_is_expected_is_not_judged() -> None:
    report, _ = judge(("amplitude", 1.0), least=None)
    assert {verdict.metric for verdict in report.verdicts} == {"freshness_hours"}


def test_no_source_at_all_is_not_a_pass() -> None:
    with warehouse.connect(None) as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.fct_source_freshness (source_name varchar, is_closed boolean, "
            "freshness_hours double, last_received_date date)"
        )
        connection.execute(
            "create table core.fct_volume_gaps (source_name varchar, hour_start_at timestamp, "
            "received_count bigint, least_count double, is_gap boolean)"
        )
        report = sources.run(connection)
    assert {verdict.status for verdict in report.verdicts} == {"not_evaluated"}
