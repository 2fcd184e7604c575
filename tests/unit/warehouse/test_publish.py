from collections.abc import Mapping
from pathlib import Path

import pytest

from warehouse import connect, publish

KEYS = {"kpi_a": ["day", "feature"], "kpi_b": ["n"]}


def build(path: Path, values: str, *, with_b: bool = True) -> Path:
    with connect(path) as connection:
        connection.execute("create schema if not exists marts; create schema if not exists gates")
        connection.execute(
            "create or replace table marts.kpi_a as select * from "
            f"(values {values}) t(day, feature, rate)"
        )
        connection.execute("drop table if exists marts.kpi_b")
        if with_b:
            connection.execute("create table marts.kpi_b as select 1 as n")
        connection.execute("create or replace table marts.sums_x as select 1 as n")
        connection.execute("create or replace table gates.results as select 'ok' as verdict")
    return path


def digests(published: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in published.glob("*.parquet")}


def answer(published: Path) -> list[tuple[object, ...]]:
    with connect(published / "kpi.duckdb", read_only=True) as connection:
        return connection.execute("select * from kpi_a").fetchall()


def test_marts_are_published_in_total_order_as_database_and_parquet(tmp_path: Path) -> None:
    published = tmp_path / "published"
    path = build(tmp_path / "b.duckdb", "(2, 'x', .5), (1, 'y', null), (1, 'x', .25)")
    names = publish(path, published, order_by=KEYS, extra_tables={"gate_results": "gates.results"})
    assert names == ("kpi_a", "kpi_b")
    assert [row[:2] for row in answer(published)] == [(1, "x"), (1, "y"), (2, "x")]
    with connect(published / "kpi.duckdb", read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
        parquet = connection.execute(
            f"select day, feature from '{published}/kpi_a.parquet'"
        ).fetchall()
        every = connection.execute(f"select count(*) from glob('{published}/*.parquet')").fetchall()
    assert tables == [("gate_results",), ("kpi_a",), ("kpi_b",)]
    assert parquet == [(1, "x"), (1, "y"), (2, "x")]
    assert every == [(2,)]


def test_equal_content_is_equal_to_the_byte(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(build(tmp_path / "1.duckdb", "(1, 'x', .5), (2, 'x', .5)"), published, order_by=KEYS)
    before = digests(published)
    publish(build(tmp_path / "2.duckdb", "(2, 'x', .5), (1, 'x', .5)"), published, order_by=KEYS)
    assert digests(published) == before
    assert before.keys() == {"kpi_a.parquet", "kpi_b.parquet"}


def test_the_bytes_do_not_depend_on_the_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.duckdb"
    with connect(path) as connection:
        # More than two row groups, so that several threads have work.
        connection.execute(
            "create schema marts; create table marts.kpi_a as "
            "select i as day, md5(i::varchar) as feature from range(300000) r(i)"
        )
    found = []
    for threads in ("1", "4"):
        monkeypatch.setenv("TRUSTLIFT_THREADS", threads)
        publish(path, tmp_path / threads, order_by={"kpi_a": ["feature"]})
        found.append(digests(tmp_path / threads))
    assert found[0] == found[1]


def test_a_reader_keeps_what_it_has_open_and_a_new_one_sees_the_new(tmp_path: Path) -> None:
    published = tmp_path / "published"
    path = build(tmp_path / "b.duckdb", "(1, 'x', .5)")
    publish(path, published, order_by=KEYS)
    with connect(published / "kpi.duckdb", read_only=True) as reader:
        for value in range(2, 5):
            publish(build(path, f"({value}, 'x', .5)"), published, order_by=KEYS)
        assert reader.execute("select day from kpi_a").fetchall() == [(1,)]
    assert answer(published)[0][0] == 4
    snapshots = sorted(p.name for p in (published / "snapshots").iterdir())
    assert snapshots == ["00000003", "00000004"]


def test_a_mart_that_is_gone_is_gone_from_the_folder(tmp_path: Path) -> None:
    published = tmp_path / "published"
    path = build(tmp_path / "b.duckdb", "(1, 'x', .5)")
    publish(path, published, order_by=KEYS)
    (published / "status.json").write_text("{}")
    publish(build(path, "(1, 'x', .5)", with_b=False), published, order_by=KEYS)
    assert digests(published).keys() == {"kpi_a.parquet"}
    assert (published / "status.json").exists()


def test_a_failed_publication_leaves_the_snapshot_before(tmp_path: Path) -> None:
    published = tmp_path / "published"
    path = build(tmp_path / "b.duckdb", "(1, 'x', .5)")
    publish(path, published, order_by=KEYS)
    build(path, "(2, 'x', .5)")
    with pytest.raises(ValueError, match="mart 'kpi_b' must have a primary key"):
        publish(path, published, order_by={"kpi_a": ["day"]})
    with pytest.raises(ValueError, match=r"table 'no_such\.table' must be in the build"):
        publish(path, published, order_by=KEYS, extra_tables={"x": "no_such.table"})
    assert answer(published)[0][0] == 1
    publish(path, published, order_by=KEYS)
    assert answer(published)[0][0] == 2


def test_a_build_without_marts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to publish"):
        publish(tmp_path / "empty.duckdb", tmp_path / "published", order_by={})
