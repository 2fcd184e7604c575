from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

import warehouse
from expectations import batches, marts
from tests.unit.expectations.worlds import batch, only, results, store_batches

AS_OF = datetime(2026, 6, 28, tzinfo=UTC)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = warehouse.connect(None)
    connection.execute("create schema marts")
    build(connection, "kpi_data_hygiene_daily", headline="contract_pass_rate")
    return connection


def build(
    connection: duckdb.DuckDBPyConnection,
    mart: str,
    *,
    headline: str,
    rows: int = 100,
    value: str = "0.9",
    through: str = "2026-06-27",
    is_mature: str = "true",
) -> None:
    connection.execute(
        f"create or replace table marts.{mart} as select range as id, "
        f"cast({value} as double) as {headline}, {is_mature} as is_mature, "
        f"date '{through}' as data_through_date from range({rows})"
    )


def publish(connection: duckdb.DuckDBPyConnection, folder: Path, mart: str, rows: int) -> None:
    connection.execute(f"copy (from range({rows})) to '{folder / mart}.parquet' (format parquet)")


def test_healthy_marts_pass(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    build(connection, "kpi_return_adoption", headline="return_adoption_rate")
    publish(connection, tmp_path, "kpi_return_adoption", 98)
    connection.execute("create table marts.sums_anything as select 1 as x")
    # That nothing is owed today is no fault.
    connection.execute("create table marts.flow_triggers_due as select 1 as x where false")
    report = marts.run(connection, published=tmp_path, as_of=AS_OF)
    assert {verdict.status for verdict in report.verdicts} == {"passed"}
    assert {verdict.subject for verdict in report.verdicts} == {
        "kpi_data_hygiene_daily",
        "kpi_return_adoption",
    }
    # Only one of them was published before.
    assert [v.subject for v in report.verdicts if v.metric == "row_count_ratio"] == [
        "kpi_return_adoption"
    ]


def test_half_a_published_mart_gone_blocks(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    publish(connection, tmp_path, "kpi_data_hygiene_daily", 250)
    (blocked,) = marts.run(
        connection,
        published=tmp_path,
        thresholds=only(tmp_path, "mart_keeps_its_rows"),
        as_of=AS_OF,
    ).blocked
    assert (blocked.subject, blocked.metric, blocked.value, blocked.threshold) == (
        "kpi_data_hygiene_daily",
        "row_count_ratio",
        0.4,
        0.5,
    )
    assert blocked.remedy is not None
    assert "snapshot stays" in blocked.remedy.text


def test_an_empty_mart_warns_and_an_empty_hygiene_mart_blocks(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    build(connection, "kpi_return_adoption", headline="return_adoption_rate", rows=0)
    report = marts.run(
        connection, published=tmp_path, thresholds=only(tmp_path, "mart_is_filled"), as_of=AS_OF
    )
    assert [(v.subject, v.metric) for v in report.warnings] == [
        ("kpi_return_adoption", "row_count")
    ]
    assert not report.is_blocked
    build(connection, "kpi_data_hygiene_daily", headline="contract_pass_rate", rows=0)
    assert [
        v.subject
        for v in marts.run(
            connection, published=tmp_path, thresholds=only(tmp_path, "mart_is_filled"), as_of=AS_OF
        ).blocked
    ] == ["kpi_data_hygiene_daily"]


@pytest.mark.parametrize(("is_live", "statuses"), [(True, ["failed"]), (False, [])])
def test_old_data_warns_unless_no_source_delivers_any_more(
    is_live: bool, statuses: list[str], connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    build(
        connection,
        "kpi_data_hygiene_daily",
        headline="contract_pass_rate",
        through="2026-06-20",
    )
    report = marts.run(
        connection,
        published=tmp_path,
        thresholds=only(tmp_path, "mart_is_recent"),
        as_of=AS_OF,
        is_live=is_live,
    )
    lags = [v for v in report.verdicts if v.metric == "data_through_lag_days"]
    assert [v.status for v in lags] == statuses
    assert [v.value for v in lags] == [8] * len(statuses)
    assert not report.is_blocked


def test_the_age_is_taken_in_utc(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    eastern = AS_OF.astimezone(timezone(timedelta(hours=14)))
    reports = [
        marts.run(
            connection, published=tmp_path, thresholds=only(tmp_path, "mart_is_recent"), as_of=at
        )
        for at in (AS_OF, eastern)
    ]
    assert reports[0] == reports[1]


def test_a_headline_withheld_everywhere_warns(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    build(connection, "kpi_return_adoption", headline="return_adoption_rate", value="null")
    report = marts.run(
        connection,
        published=tmp_path,
        thresholds=only(tmp_path, "headline_has_values"),
        as_of=AS_OF,
    )
    assert [(v.subject, v.metric, v.value) for v in report.warnings] == [
        ("kpi_return_adoption", "headline_null_rate", 1.0)
    ]


def test_a_headline_not_yet_mature_is_not_judged(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    build(
        connection,
        "kpi_return_adoption",
        headline="return_adoption_rate",
        value="null",
        is_mature="range < 10",
    )
    assert (
        marts.run(
            connection,
            published=tmp_path,
            thresholds=only(tmp_path, "headline_has_values"),
            as_of=AS_OF,
        ).warnings
        == ()
    )


def test_a_headline_that_the_mart_lacks_is_not_evaluated(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    build(connection, "kpi_return_adoption", headline="another_rate")
    (warning,) = marts.run(
        connection,
        published=tmp_path,
        thresholds=only(tmp_path, "headline_has_values"),
        as_of=AS_OF,
    ).warnings
    assert (warning.metric, warning.status) == ("headline_null_rate", "not_evaluated")


def test_no_marts_are_not_a_pass(tmp_path: Path) -> None:
    report = marts.run(warehouse.connect(None), published=tmp_path, as_of=AS_OF)
    assert report.is_blocked
    assert {verdict.status for verdict in report.verdicts} == {"not_evaluated"}


def test_each_gate_replaces_its_own_part(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store_batches(connection, batch(duplication_rate=0.3))
    batches.run(connection, thresholds=only(tmp_path, "duplication"))
    found = results(connection)
    marts.run(
        connection, published=tmp_path, thresholds=only(tmp_path, "mart_is_filled"), as_of=AS_OF
    )
    assert results(connection, "gate = 'batches'") == found
    both = connection.execute("from gates.results").fetchall()
    marts.run(
        connection, published=tmp_path, thresholds=only(tmp_path, "mart_is_filled"), as_of=AS_OF
    )
    assert connection.execute("from gates.results").fetchall() == both
    store_batches(connection, batch())
    batches.run(connection, thresholds=only(tmp_path, "duplication"))
    assert results(connection, "gate = 'batches' and status = 'failed'") == []
    assert len(results(connection, "gate = 'marts'")) == len(both) - len(found)
