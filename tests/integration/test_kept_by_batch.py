"""What is kept by batch equals what is built anew, and only what changed is read for it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingestion.setaside import reject, restore
from orchestration.run import KEPT_BY_BATCH
from tests.integration.batch_world import (
    DAYS,
    LATER,
    MARKED,
    OF_EVENTS,
    Batch,
    BatchWorld,
    assert_built,
    new_batch_world,
)

FIRST, SECOND, THIRD = (("amplitude", "events", date.fromisoformat(day)) for day in DAYS)
ORDERS_BATCH = ("custom", "orders", SECOND[2])
THIRD_ID = f"amplitude/events/{DAYS[2]}"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BatchWorld:
    return new_batch_world(tmp_path_factory.mktemp("batches") / "world")


@pytest.fixture
def kept(base: BatchWorld, tmp_path: Path) -> BatchWorld:
    return base.copied(tmp_path / "copy")


def of_events(*batches: Batch) -> dict[str, set[Batch]]:
    return {name: set(batches) if name in OF_EVENTS else set() for name in MARKED}


def rows_of(kept: BatchWorld, day: str) -> int:
    found = kept.execute(
        f"select count(*) from hygiene.hygiene_event_keys where received_date = date '{day}'"
    )
    return int(found[0][0])


def test_nothing_is_read_again_when_nothing_changed(kept: BatchWorld) -> None:
    # Orders name no value of any field: that nothing was found must be known as well.
    assert [row for row in kept.table("stg_field_values") if "orders" in row and row[-1] == 0]
    kept.mark()
    marked = kept.tables()
    assert_built(kept.run(select=KEPT_BY_BATCH))
    assert kept.tables() == marked


def test_a_superseded_file_is_read_in_place_of_the_one_before(kept: BatchWorld) -> None:
    kept.deliver(DAYS[1], [10, 11, 90, 91], agent="another agent")
    kept.mark()
    assert_built(kept.run())
    assert kept.read_since_mark() == of_events(SECOND)
    assert rows_of(kept, DAYS[1]) == 4


def test_a_late_file_has_its_old_day_read_whole(kept: BatchWorld) -> None:
    kept.deliver(DAYS[0], [95], hour=23, agent="late agent")
    kept.mark()
    assert_built(kept.run())
    assert kept.read_since_mark() == of_events(FIRST)
    assert rows_of(kept, DAYS[0]) == 4


def test_a_batch_that_is_set_aside_goes_and_comes_back_by_itself(kept: BatchWorld) -> None:
    kept.mark()
    reject(kept.world.lake, THIRD_ID, reason="drill", now=LATER)
    assert_built(kept.run())
    assert rows_of(kept, DAYS[2]) == 0
    assert kept.read_since_mark() == of_events()
    restore(kept.world.lake, THIRD_ID)
    assert_built(kept.run())
    assert kept.read_since_mark() == of_events(THIRD)
    assert rows_of(kept, DAYS[2]) == 3


def test_what_retention_lets_go_goes(kept: BatchWorld) -> None:
    kept.mark()
    assert_built(kept.run(rows_from=date.fromisoformat(DAYS[1])))
    assert [rows_of(kept, day) for day in DAYS] == [0, 3, 3]
    assert kept.read_since_mark() == of_events()


def test_a_day_that_as_of_cut_is_read_again_when_it_is_whole(kept: BatchWorld) -> None:
    assert_built(kept.run(as_of=datetime(2025, 9, 2, 10, 0, 11, tzinfo=UTC)))
    assert [rows_of(kept, day) for day in DAYS] == [3, 2, 0]
    kept.mark()
    assert_built(kept.run())
    assert kept.read_since_mark()["hygiene_event_keys"] == {SECOND, THIRD}
    assert [rows_of(kept, day) for day in DAYS] == [3, 3, 3]


def test_many_changes_at_once_give_what_is_built_anew(kept: BatchWorld) -> None:
    kept.deliver(DAYS[0], [95], hour=23, agent="late agent")
    kept.deliver(DAYS[1], [10, 90], agent="another agent")
    kept.deliver("2025-09-04", [40], agent=None)
    kept.world.write("custom/orders2.csv", b"id,when,total\no2,2025-09-03 09:00:00,20\n")
    reject(kept.world.lake, THIRD_ID, reason="drill", now=LATER)
    assert_built(kept.run(select=KEPT_BY_BATCH))
    found = kept.tables()
    assert [rows_of(kept, day) for day in DAYS] == [4, 2, 0]
    assert found == kept.built_whole()


def test_a_build_that_breaks_off_between_its_steps_changes_nothing(kept: BatchWorld) -> None:
    kept.deliver(DAYS[1], [10, 11, 90, 91], agent=None)
    before = kept.table("hygiene_event_keys")
    keys = "hygiene.hygiene_event_keys"
    # What comes without a user agent is refused after the old rows of its batch were deleted.
    kept.execute(f"alter table {keys} alter column user_agent set not null")
    outcomes = {one.name: one for one in kept.run()}
    assert "NOT NULL" in outcomes["hygiene_event_keys"].message
    assert kept.table("hygiene_event_keys") == before
    kept.execute(f"alter table {keys} alter column user_agent drop not null")
    assert_built(kept.run())
    assert kept.tables() == kept.built_whole()
    assert rows_of(kept, DAYS[1]) == 4


def test_other_code_reads_everything_again(base: BatchWorld, kept: BatchWorld) -> None:
    kept.mark()
    changed = replace(kept, code="other code")
    assert_built(changed.run(select=KEPT_BY_BATCH))
    read = changed.read_since_mark()
    assert read["hygiene_event_keys"] == {FIRST, SECOND, THIRD}
    assert read["stg_field_values"] == {FIRST, SECOND, THIRD, ORDERS_BATCH}
    assert read["hygiene_record_keys"] == {ORDERS_BATCH}
    for name in KEPT_BY_BATCH:
        # Only the digest of the batch says that the code is another.
        columns = "* exclude (batch_digest)"
        assert changed.table(name, columns) == base.table(name, columns)
        assert changed.table(name) != base.table(name)
