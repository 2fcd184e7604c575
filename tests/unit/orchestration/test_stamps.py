from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from orchestration.exits import CommandError
from orchestration.stamps import StageKind, record_stage, require_whole_run, stage_seconds

START = datetime(2026, 6, 28, tzinfo=UTC)


def stamp(
    connection: duckdb.DuckDBPyConnection, stage: str, run_id: str, kind: StageKind = "sql"
) -> None:
    end = START + timedelta(seconds=1.5)
    record_stage(connection, stage, run_id=run_id, kind=kind, started_at=START, finished_at=end)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def test_a_whole_run_may_publish(connection: duckdb.DuckDBPyConnection) -> None:
    for stage in ("raw", "marts"):
        stamp(connection, stage, "this")
    require_whole_run(connection, ["raw", "marts"], run_id="this")


def test_a_run_that_skipped_a_stage_may_not_publish(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    stamp(connection, "raw", "this")
    with pytest.raises(CommandError, match="did not build marts in whole") as caught:
        require_whole_run(connection, ["raw", "marts"], run_id="this")
    assert "whole_pipeline" in caught.value.remedy


def test_what_another_run_built_over_does_not_count(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    stamp(connection, "raw", "this")
    stamp(connection, "raw", "other")
    with pytest.raises(CommandError, match="did not build raw"):
        require_whole_run(connection, ["raw"], run_id="this")


def test_an_empty_build_may_not_publish(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(CommandError):
        require_whole_run(connection, ["raw"], run_id="this")


def test_time_is_told_by_kind(connection: duckdb.DuckDBPyConnection) -> None:
    stamp(connection, "marts", "this", "sql")
    stamp(connection, "resolver", "this", "python")
    stamp(connection, "seeds", "other", "sql")
    assert dict(stage_seconds(connection, run_id="this")) == {"marts": 1.5, "resolver": 1.5}
    assert stage_seconds(connection, run_id="this", kind="python") == [("resolver", 1.5)]
