"""The stage on tables: weeks and experiments in, verdicts and the log of them out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.unit.verdicts.stories import POLICY, tell
from tests.unit.verdicts.test_readouts import told
from verdicts.stage import _COLUMNS, IssuedVerdicts, run
from warehouse import connect

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect(tmp_path / "build.duckdb")
    connection.execute("create schema marts; create schema inference")
    connection.execute(
        "create table inference.theme_spikes as select 'noisy' as theme, 'liked' as feature_id, "
        "date '2026-01-07' as activity_date, true as is_spike"
    )
    rows = [told("e1", week, feature_id="liked", conclusion="works") for week in range(10)]
    store(connection, "inference.experiment_weeks", pd.DataFrame(rows))
    yield connection
    connection.close()


def store(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    connection.register("frame", frame)
    connection.execute(f"create or replace table {name} as select * from frame")
    connection.execute("alter table inference.theme_spikes alter activity_date type date")
    if name.endswith(("weeks", "inputs")):
        connection.execute(f"alter table {name} alter week_start_date type date")


def feed(connection: duckdb.DuckDBPyConnection, **stories: tuple[str, ...]) -> None:
    rows = [
        {"feature_id": feature, **{name: getattr(week, name) for name in _COLUMNS}}
        for feature, story in stories.items()
        for week in tell(*story)
    ]
    store(connection, "marts.sums_feature_verdict_inputs", pd.DataFrame(rows))


def issue(connection: duckdb.DuckDBPyConnection, root: Path) -> IssuedVerdicts:
    log, candidate = root / "log.parquet", root / "candidate.parquet"
    issued = run(connection, log, candidate, as_of=AS_OF, policy=POLICY)
    candidate.replace(log)
    return issued


def test_every_feature_and_week_has_a_verdict(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    feed(connection, liked=("6*good",), disliked=("4*good", "2*bad"))
    issued = issue(connection, tmp_path)
    assert (issued.feature_count, issued.week_count, issued.correction_count) == (2, 12, 0)
    assert issued.by_verdict == {"fix": 1, "scale": 1}
    last = connection.execute(
        "select feature_id, verdict, experiment_id, theme_spike_count from verdicts.weekly "
        "where week_start_date = date '2026-02-09' order by 1"
    ).fetchall()
    assert last == [("disliked", "fix", None, 0), ("liked", "scale", "e1", 0)]
    first = "select theme_spike_count from verdicts.weekly where feature_id = 'liked' limit 1"
    assert connection.execute(first).fetchall() == [(1,)]


def test_late_data_append_a_correction(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    feed(connection, disliked=("4*good", "2*bad"))
    issue(connection, tmp_path)
    assert issue(connection, tmp_path).correction_count == 0
    feed(connection, disliked=("6*good",))
    assert issue(connection, tmp_path).correction_count == 1
    revisions = connection.execute(
        "select revision, verdict from verdicts.history "
        "where week_start_date = date '2026-02-09' order by revision"
    ).fetchall()
    assert revisions == [(1, "fix"), (2, "watch")]


def test_a_run_that_does_not_publish_leaves_the_log(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    feed(connection, liked=("2*good",))
    run(connection, tmp_path / "log", tmp_path / "candidate", as_of=AS_OF, policy=POLICY)
    assert not (tmp_path / "log").exists()


def test_no_feature_is_no_fault(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    feed(connection, liked=("good",))
    connection.execute("delete from marts.sums_feature_verdict_inputs")
    assert issue(connection, tmp_path).week_count == 0
    assert connection.execute("select count(*) from verdicts.weekly").fetchall() == [(0,)]


def test_the_same_weeks_give_the_same_rows(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    feed(connection, liked=("6*good",), disliked=("4*good", "2*bad"))
    tables = []
    for _ in range(2):
        issue(connection, tmp_path)
        tables.append(connection.sql("from verdicts.weekly").fetchall())
    assert tables[0] == tables[1]
