from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingestion.manifest import LandedFile, TableManifest, commit_manifest
from orchestration.publishes import record_publish, register_publishes

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)


def landed(number: int) -> LandedFile:
    return LandedFile(
        file_no=number,
        path=f"{number}.json",
        digest=str(number),
        size=1,
        reading=0,
        layout="",
        landing=number,
        landed_rows=1,
        quarantined_rows=0,
    )


def publishes(path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        register_publishes(connection, path)
        return connection.execute(
            "select cast(published_at as text), last_file_no from raw.publishes"
        ).fetchall()


def test_publishes_are_kept_in_order_with_the_last_file_of_any_table(tmp_path: Path) -> None:
    path, lake = tmp_path / "published/publishes.jsonl", tmp_path / "lake"
    record_publish(path, published_at=AS_OF, as_of=AS_OF, lake=lake)
    commit_manifest(lake, "zendesk", "tickets", TableManifest().after(1, [landed(3)]))
    commit_manifest(lake, "braze", "messages", TableManifest().after(2, [landed(7)]))
    record_publish(path, published_at=AS_OF.replace(hour=5), as_of=AS_OF, lake=lake)
    assert publishes(path) == [("2026-03-01 00:00:00", 0), ("2026-03-01 05:00:00", 7)]


def test_a_line_that_a_kill_cut_short_costs_that_line_only(tmp_path: Path) -> None:
    path = tmp_path / "publishes.jsonl"
    record_publish(path, published_at=AS_OF, as_of=AS_OF, lake=tmp_path)
    with path.open("a", encoding="utf-8") as register:
        register.write('{"published_at": "2026-03-0')
    record_publish(path, published_at=AS_OF.replace(hour=5), as_of=AS_OF, lake=tmp_path)
    assert [time for time, _ in publishes(path)] == ["2026-03-01 00:00:00", "2026-03-01 05:00:00"]


def test_before_the_first_publish_there_is_none(tmp_path: Path) -> None:
    assert publishes(tmp_path / "publishes.jsonl") == []
