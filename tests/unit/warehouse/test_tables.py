from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from warehouse import connect, read_frame, write_table


def test_sessions_think_in_utc_and_take_their_threads_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRUSTLIFT_THREADS", "1")
    with connect(None) as connection:
        settings = "select current_setting('TimeZone'), current_setting('threads')::int"
        assert connection.execute(settings).fetchall() == [("UTC", 1)]
    monkeypatch.setenv("TRUSTLIFT_THREADS", "many")
    with pytest.raises(ValueError, match="TRUSTLIFT_THREADS = 'many' must be a whole number"):
        connect(None)


@pytest.mark.parametrize(
    "frame",
    [pd.DataFrame({"a": [1, 2], "b": ["x", None]}), pa.table({"a": [1, 2], "b": ["x", None]})],
)
def test_a_table_is_replaced_by_a_frame(tmp_path: Path, frame: pd.DataFrame | pa.Table) -> None:
    path = tmp_path / "folder" / "build.duckdb"
    with connect(path) as connection:
        write_table(connection, "stage.result", pd.DataFrame({"old": [1]}))
        write_table(connection, "stage.result", frame)
    with connect(path, read_only=True) as connection:
        result = read_frame(connection, "select * from stage.result order by a")
    assert list(result.columns) == ["a", "b"]
    assert result["a"].tolist() == [1, 2]


@pytest.mark.parametrize("name", ["result", "a.b.c", ".b", "a."])
def test_a_table_needs_its_schema(name: str) -> None:
    with connect(None) as connection, pytest.raises(ValueError, match=r"must be `schema\.table`"):
        write_table(connection, name, pd.DataFrame({"a": [1]}))


def test_a_frame_that_fails_leaves_the_table_before(tmp_path: Path) -> None:
    with connect(tmp_path / "build.duckdb") as connection:
        write_table(connection, "stage.result", pd.DataFrame({"a": [1]}))
        with pytest.raises((duckdb.Error, TypeError)):
            write_table(connection, "stage.result", object())
        assert read_frame(connection, "select a from stage.result")["a"].tolist() == [1]
