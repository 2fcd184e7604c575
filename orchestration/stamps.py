"""Remember which run built each stage, so that only a whole run publishes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from duckdb import DuckDBPyConnection

from orchestration.exits import CommandError

StageKind = Literal["sql", "python"]
_TABLE = "runs.stages"


def record_stage(
    connection: DuckDBPyConnection,
    stage: str,
    *,
    run_id: str,
    kind: StageKind,
    started_at: datetime,
    finished_at: datetime,
) -> None:
    """Note that a run built the whole of a stage, and how long it took."""
    connection.execute("create schema if not exists runs")
    connection.execute(
        f"create table if not exists {_TABLE} (stage varchar primary key, run_id varchar, "
        "kind varchar, started_at timestamptz, finished_at timestamptz)"
    )
    connection.execute(
        f"insert or replace into {_TABLE} values (?, ?, ?, ?, ?)",
        [stage, run_id, kind, started_at, finished_at],
    )


def require_whole_run(
    connection: DuckDBPyConnection, stages: Iterable[str], *, run_id: str
) -> None:
    """Refuse to publish what several runs built.

    Args:
        connection: The build database.
        stages: Every stage before publishing.
        run_id: The run that wants to publish.

    Raises:
        CommandError: A stage was built by another run, or in part.
    """
    built = {stage for stage, seconds in stage_seconds(connection, run_id=run_id)}
    missing = [stage for stage in stages if stage not in built]
    if missing:
        raise CommandError(
            f"Not published: this run did not build {', '.join(missing)} in whole, "
            "and a snapshot comes from one run.",
            remedy="Materialise every asset in one run: job `whole_pipeline`, or `trustlift run`.",
        )


def stage_seconds(
    connection: DuckDBPyConnection, *, run_id: str, kind: StageKind | None = None
) -> list[tuple[str, float]]:
    """List the stages a run built and their seconds, in the order they ended."""
    if not has_table(connection, "runs", "stages"):
        return []
    return connection.execute(
        f"select stage, epoch_ms(finished_at - started_at) / 1000 from {_TABLE} "
        "where run_id = ? and (? is null or kind = ?) order by finished_at, stage",
        [run_id, kind, kind],
    ).fetchall()


def has_table(connection: DuckDBPyConnection, schema: str, table: str) -> bool:
    """Tell whether the build database holds a table or view."""
    found = connection.execute(
        "select count(*) from information_schema.tables where table_schema = ? and table_name = ?",
        [schema, table],
    ).fetchall()
    return bool(found[0][0])
