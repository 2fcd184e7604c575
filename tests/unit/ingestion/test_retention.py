"""What is older than is kept goes, and no count that stays changes."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import retention
from ingestion.rejections import read_rejections
from ingestion.retention import Expired, expire
from ingestion.setaside import reject
from ingestion.views import register_raw
from tests.unit.ingestion.worlds import World, event

DAYS = ("2025-09-01", "2025-09-02", "2025-09-03")
AS_OF = datetime(2025, 9, 4, tzinfo=UTC)
SECOND = date.fromisoformat(DAYS[1])


@pytest.fixture
def landed(world: World) -> World:
    for number, day in enumerate(DAYS):
        records: list[Any] = [event(10 * number + n, day=day) for n in range(3)]
        world.write_events([*records, '{"email": "ann@example.com"'], day=day)
    world.land()
    return world


def let_go(world: World, *, rows: date | None = None, texts: date | None = None) -> list[Expired]:
    return expire(world.lake, contracts=world.contracts, rows_from=rows, texts_from=texts)


def seen(world: World, rows_from: date | None = None) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect() as connection:
        register_raw(
            connection, world.lake, contracts=world.contracts, as_of=AS_OF, rows_from=rows_from
        )
        queries = {
            "events": "select _row_id, insert_id, received_date from raw.amplitude__events",
            "batches": "select received_date, row_count from raw.batches",
            "quarantined": "select received_date, _row_id, reason, kind from raw.quarantined_rows",
        }
        return {
            name: connection.execute(f"{query} order by all").fetchall()
            for name, query in queries.items()
        }


def texts(world: World) -> list[tuple[Any, ...]]:
    return world.quarantined("amplitude/events", "received_date, original_text is not null")


def test_old_texts_go_and_reasons_and_counts_stay(landed: World) -> None:
    before = seen(landed)
    assert let_go(landed, texts=SECOND) == [
        Expired(source="amplitude", table="events", rows=0, texts=1)
    ]
    assert [has_text for _, has_text in texts(landed)] == [False, True, True]
    files = landed.lake.rglob("*.parquet")
    assert sum(b"ann@example.com" in path.read_bytes() for path in files) <= 2
    assert seen(landed) == before
    content = landed.content()
    assert let_go(landed, texts=SECOND) == []
    assert landed.content() == content


def test_a_file_that_comes_again_corrected_supersedes_rows_without_text(landed: World) -> None:
    let_go(landed, texts=date(2026, 1, 1))
    landed.write_events([event(1)], day=DAYS[0])
    landed.land()
    reasons = [reason for *_, reason, _ in seen(landed)["quarantined"]]
    assert reasons.count("superseded_file") == 4
    assert let_go(landed, texts=date(2026, 1, 1))[0].texts == 4
    assert not any(has_text for _, has_text in texts(landed))


def test_old_rows_are_invisible_before_they_are_removed_and_after(landed: World) -> None:
    whole = seen(landed)
    kept = seen(landed, SECOND)
    assert {name: len(rows) for name, rows in kept.items()} == {
        "events": 6,
        "batches": 2,
        "quarantined": 2,
    }
    assert all(set(rows) <= set(whole[name]) for name, rows in kept.items())
    assert let_go(landed, rows=SECOND) == [
        Expired(source="amplitude", table="events", rows=4, texts=0)
    ]
    assert seen(landed) == seen(landed, SECOND) == kept
    assert landed.land().rows_landed == 0, "old exports do not land again"
    late = '{"uuid": "late"'
    landed.write_events([event(99, day=DAYS[0]), late], day=DAYS[0], hour=23)
    landed.land()
    assert seen(landed, SECOND) == kept, "what comes late for an old date is not shown"


def test_state_does_not_expire(world: World) -> None:
    assert {
        table.canonical
        for contract in world.contracts.values()
        for table in contract.tables.values()
        if retention.first_kept(table, SECOND)
    } == {"events", "messages"}


def test_a_dry_run_says_what_would_go_and_changes_nothing(landed: World) -> None:
    before = landed.content()
    told = expire(
        landed.lake,
        contracts=landed.contracts,
        rows_from=SECOND,
        texts_from=date.fromisoformat(DAYS[2]),
        dry_run=True,
    )
    assert told == [Expired(source="amplitude", table="events", rows=4, texts=1)]
    assert landed.content() == before


@pytest.mark.parametrize("step", ["_write_textless", "commit_manifest", "recover"])
def test_a_kill_shows_nowhere_and_the_next_call_does_the_rest(
    landed: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    before, good, calls = seen(landed), getattr(retention, step), 0

    def die(*given: Any) -> None:
        nonlocal calls
        calls += 1
        if step == "commit_manifest" or calls > 1:
            raise Killed
        good(*given)

    with monkeypatch.context() as killing:
        killing.setattr(retention, step, die)
        with pytest.raises(Killed):
            let_go(landed, texts=date.fromisoformat(DAYS[2]))
    assert seen(landed) == before
    let_go(landed, texts=date.fromisoformat(DAYS[2]))
    assert seen(landed) == before
    assert [has_text for _, has_text in texts(landed)] == [False, False, True]
    assert not (landed.lake / "_manifest" / "journal.json").exists()


def test_a_batch_that_expired_is_no_longer_listed_as_set_aside(landed: World) -> None:
    for day in DAYS[:2]:
        reject(landed.lake, f"amplitude/events/{day}", reason="doubt", now=AS_OF)
    let_go(landed, rows=SECOND)
    assert [one.received_date for one in read_rejections(landed.lake)] == [DAYS[1]]
    rejected = landed.lake / "_quarantine" / "_rejected" / "amplitude" / "events"
    assert [path.name for path in Path(rejected).iterdir()] == [f"received_date={DAYS[1]}"]
