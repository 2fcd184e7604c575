from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import warehouse
from expectations import batches
from tests.unit.expectations.worlds import batch, only, results, store_batches


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return warehouse.connect(None)


def test_healthy_batches_pass(connection: duckdb.DuckDBPyConnection) -> None:
    store_batches(connection, *(batch(day) for day in range(5)))
    report = batches.run(connection)
    assert not report.is_blocked
    assert report.warnings == ()
    assert report.count("passed") == len(report.verdicts) == 5 * 9
    assert {row[3] for row in results(connection)} == {"passed"}


def test_one_day_repeated_by_a_third_is_found_among_two_hundred_good_ones(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    bad = batch(137, duplication_rate=0.25, judged_count=3250)
    store_batches(connection, *(batch(day) for day in range(200) if day != 137), bad)
    report = batches.run(connection)
    (blocked,) = report.blocked
    assert blocked.subject == "amplitude/events/2026-05-18"
    assert (blocked.value, blocked.threshold, blocked.row_count) == (0.25, 0.15, 3250)
    assert blocked.remedy is not None
    assert blocked.remedy.commands == ("trustlift reject amplitude/events/2026-05-18",)
    assert blocked.describe().startswith(
        "amplitude/events/2026-05-18: expected duplication_rate at most 0.15, "
        "found 0.25 on 3,250 rows (owner data-engineering). Have the source send"
    )
    assert results(connection, "status <> 'passed'") == [
        ("amplitude/events/2026-05-18", "duplication_rate", "error", "failed")
    ]


def test_half_empty_required_fields_block(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store_batches(connection, batch(0), batch(1, contract_pass_rate=0.01, completeness_rate=0.5))
    assert [
        verdict.metric
        for verdict in batches.run(
            connection, thresholds=only(tmp_path, "contract", "completeness")
        ).blocked
    ] == [
        "completeness_rate",
        "contract_pass_rate",
    ]


def test_a_warning_does_not_block(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    store_batches(connection, batch(unmapped_rate=0.5))
    report = batches.run(connection, thresholds=only(tmp_path, "unmapped_values"))
    assert not report.is_blocked
    assert [verdict.metric for verdict in report.warnings] == ["unmapped_rate"]


@pytest.mark.parametrize(("rows", "is_blocked"), [(99, False), (100, True)])
def test_a_batch_is_judged_from_min_rows_on(
    rows: int, is_blocked: bool, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store_batches(connection, batch(judged_count=rows, duplication_rate=0.3))
    assert (
        batches.run(connection, thresholds=only(tmp_path, "duplication")).is_blocked == is_blocked
    )
    judged = results(connection, "metric = 'duplication_rate'")
    assert len(judged) == is_blocked


@pytest.mark.parametrize(("days", "judged"), [(6, 0), (7, 1)])
def test_a_jump_of_bots_is_judged_once_a_week_says_what_is_usual(
    days: int, judged: int, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store_batches(connection, batch(bot_rate_rise=0.2, usual_bot_day_count=days))
    report = batches.run(connection, thresholds=only(tmp_path, "bot_jump"))
    assert [verdict.metric for verdict in report.warnings] == ["bot_rate_rise"] * judged
    assert not report.is_blocked


def test_an_override_holds_for_its_source_only(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store_batches(
        connection, batch(source="custom", bot_rate=0.5), batch(source="amplitude", bot_rate=0.5)
    )
    batches.run(connection, thresholds=only(tmp_path, "bots"))
    rows = connection.execute(
        "select source_name, threshold_max, status from gates.results where metric = 'bot_rate'"
    ).fetchall()
    assert rows == [("amplitude", 0.4, "failed"), ("custom", 0.6, "passed")]


def test_the_most_particular_override_holds(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / "thresholds.yml"
    path.write_text(
        """
        thresholds:
          - {id: bots, gate: batches, metric: bot_rate, max: 0.4, severity: warning, min_rows: 50,
             why: w, owner: o, since: 2026-01-01, overrides: [
               {source: custom, max: 0.6, why: source},
               {source: custom, table: logs, max: 0.9, severity: error, min_rows: 10, why: table}]}
        """
    )
    store_batches(
        connection,
        batch(source="custom", table="logs", bot_rate=0.95, judged_count=20),
        batch(source="custom", table="events", bot_rate=0.5),
        batch(source="custom", table="events", day=1, bot_rate=0.95, judged_count=20),
    )
    batches.run(connection, thresholds=path)
    rows = connection.execute(
        "select subject, threshold_max, severity, status, why from gates.results"
    ).fetchall()
    assert rows == [
        ("custom/events/2026-01-01", 0.6, "warning", "passed", "source"),
        ("custom/logs/2026-01-01", 0.9, "error", "failed", "table"),
    ]


def test_a_missing_metric_is_not_evaluated_and_blocks(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
) -> None:
    store_batches(connection, batch(), without="duplication_rate")
    # The canary's own frame has every metric: what fails here is the batch's.
    report = batches.run(connection, thresholds=only(tmp_path, "duplication", "bots"))
    (blocked,) = report.blocked
    assert (blocked.metric, blocked.status, blocked.value) == (
        "duplication_rate",
        "not_evaluated",
        None,
    )
    assert "could not be evaluated" in blocked.describe()


def test_a_figure_that_is_null_is_not_evaluated_and_blocks(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
) -> None:
    store_batches(connection, batch(0), batch(1, completeness_rate=None))
    (blocked,) = batches.run(connection, thresholds=only(tmp_path, "completeness")).blocked
    assert (blocked.subject, blocked.status) == ("amplitude/events/2026-01-02", "not_evaluated")
    store_batches(connection, batch(0, completeness_rate=None))
    assert (
        batches.run(connection, thresholds=only(tmp_path, "completeness")).count("not_evaluated")
        == 1
    )


def test_no_batches_at_all_are_not_a_pass(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store_batches(connection)
    report = batches.run(connection, thresholds=only(tmp_path, "duplication"))
    assert report.is_blocked
    assert {verdict.status for verdict in report.verdicts} == {"not_evaluated"}
    assert {row[0] for row in results(connection)} == {"*"}


def test_a_batch_set_aside_wholly_is_not_judged(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store_batches(connection, batch(0), batch(1, judged_count=0, duplication_rate=None))
    report = batches.run(connection, thresholds=only(tmp_path, "duplication"))
    assert not report.is_blocked
    assert {verdict.subject for verdict in report.verdicts} == {"amplitude/events/2026-01-01"}


def test_a_batch_there_twice_is_an_error(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store_batches(connection, batch(), batch())
    with pytest.raises(ValueError, match="1 subjects are in the frame more than once"):
        batches.run(connection, thresholds=only(tmp_path, "duplication"))


def test_results_are_typed_ordered_and_the_same_again(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
) -> None:
    store_batches(connection, batch(1), batch(0), batch(0, source="braze", table="messages"))
    batches.run(connection, thresholds=only(tmp_path, "duplication", "bots"))
    first = connection.execute("from gates.results").fetchall()
    assert [row[1] for row in first] == sorted(row[1] for row in first)
    batches.run(connection, thresholds=only(tmp_path, "duplication", "bots"))
    assert connection.execute("from gates.results").fetchall() == first
    types = connection.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = 'gates' order by ordinal_position"
    ).fetchall()
    assert types == [
        ("gate", "VARCHAR"),
        ("subject", "VARCHAR"),
        ("source_name", "VARCHAR"),
        ("table_name", "VARCHAR"),
        ("received_date", "DATE"),
        ("metric", "VARCHAR"),
        ("value", "DOUBLE"),
        ("threshold_min", "DOUBLE"),
        ("threshold_max", "DOUBLE"),
        ("row_count", "BIGINT"),
        ("severity", "VARCHAR"),
        ("status", "VARCHAR"),
        ("owner", "VARCHAR"),
        ("why", "VARCHAR"),
    ]


def test_a_year_of_many_tables_makes_no_noise(
    connection: duckdb.DuckDBPyConnection, capfd: pytest.CaptureFixture[str]
) -> None:
    store_batches(
        connection, *(batch(day, table=f"t{table}") for day in range(365) for table in range(10))
    )
    report = batches.run(connection)
    assert report.count("passed") == 365 * 10 * 9
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
