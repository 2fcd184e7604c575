from datetime import UTC, datetime

import pytest

from ingestion import journal
from ingestion.journal import recover
from ingestion.rejections import read_rejections
from ingestion.setaside import SetAsideError, reject, restore
from ingestion.views import register_raw
from tests.unit.ingestion.worlds import World, event
from warehouse import connect

NOW = datetime(2025, 10, 1, tzinfo=UTC)
BATCH = "amplitude/events/2025-09-01"


@pytest.fixture
def landed(world: World) -> World:
    world.write_events([event(1), event(2), event(3, day="2025-09-02")])
    world.land()
    return world


def test_a_batch_set_aside_and_brought_back_is_the_same_to_the_byte(landed: World) -> None:
    before = landed.content()
    entry = reject(landed.lake, BATCH, reason="doubled", now=NOW)
    assert (entry.rows, entry.rejected_at) == (2, NOW)
    assert landed.rows("amplitude/events", "insert_id") == [("i3",)]
    assert read_rejections(landed.lake) == (entry,)
    restore(landed.lake, BATCH)
    assert read_rejections(landed.lake) == ()
    after = landed.content()
    after.pop("_manifest/rejections.json")
    assert after == before


def test_a_later_landing_neither_returns_nor_doubles_a_batch_set_aside(landed: World) -> None:
    reject(landed.lake, BATCH, reason="doubled", now=NOW)
    assert landed.land().rows_landed == 0
    assert len(landed.rows("amplitude/events")) == 1


def test_rows_that_come_later_for_the_date_are_live_until_set_aside_too(landed: World) -> None:
    reject(landed.lake, BATCH, reason="doubled", now=NOW)
    landed.write_events([event(9)], hour=23)
    landed.land()
    assert landed.rows("amplitude/events", "insert_id") == [("i3",), ("i9",)]
    assert reject(landed.lake, BATCH, reason="doubled", now=NOW).rows == 3
    restore(landed.lake, BATCH)
    assert len(landed.rows("amplitude/events")) == 4


def test_a_corrected_file_supersedes_rows_that_are_set_aside(landed: World) -> None:
    reject(landed.lake, BATCH, reason="doubled", now=NOW)
    landed.write_events([event(1), event(3, day="2025-09-02")])
    landed.land()
    restore(landed.lake, BATCH)
    assert landed.rows("amplitude/events", "insert_id") == [("i1",), ("i3",)]
    assert [r for _, r in landed.quarantined("amplitude/events")] == ["superseded_file"] * 3


def test_a_changed_contract_keeps_a_batch_set_aside(landed: World) -> None:
    reject(landed.lake, BATCH, reason="doubled", now=NOW)
    table = landed.contracts["amplitude"].tables["events"].model_copy(update={"type_path": "(x)"})
    source = landed.contracts["amplitude"]
    changed = source.model_copy(update={"tables": {**source.tables, "events": table}})
    landed.contracts = {"amplitude": changed}
    assert landed.land().rows_landed == 3
    assert landed.rows("amplitude/events", "insert_id") == [("i3",)]
    restore(landed.lake, BATCH)
    assert len(landed.rows("amplitude/events")) == 3


@pytest.mark.parametrize("call", [1, 2])
def test_a_killed_set_aside_is_finished_by_the_next_call(
    landed: World, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    landed.write_events([event(7)], hour=22)
    landed.land()
    calls = 0

    def killed(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(journal, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            reject(landed.lake, BATCH, reason="doubled", now=NOW)
    recover(landed.lake)
    (entry,) = read_rejections(landed.lake)
    assert entry.rows == 3
    assert landed.rows("amplitude/events", "insert_id") == [("i3",)]


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ("amplitude/event/2025-09-01", "nearest known: amplitude/events/2025-09-01"),
        ("amplitude/events/2025-13-01", "must be <source>/<table>/<received_date>"),
        ("../events/2025-09-01", "must be one that is in the lake"),
    ],
)
def test_an_unknown_batch_is_refused_by_name(landed: World, batch: str, message: str) -> None:
    with pytest.raises(SetAsideError, match=message):
        reject(landed.lake, batch, reason="?", now=NOW)


def test_what_is_set_aside_already_or_not_at_all_is_said(landed: World) -> None:
    with pytest.raises(SetAsideError, match="There is none"):
        restore(landed.lake, BATCH)
    reject(landed.lake, BATCH, reason="doubled", now=NOW)
    with pytest.raises(SetAsideError, match="trustlift restore"):
        reject(landed.lake, BATCH, reason="doubled", now=NOW)


def test_malformed_rows_of_a_batch_are_set_aside_with_it(landed: World) -> None:
    """Else a batch that is mostly malformed would block for ever."""
    landed.write_events([event(4), "{", "{"], hour=20)
    landed.land()
    assert _kinds(landed) == {"malformed": 2}
    assert reject(landed.lake, BATCH, reason="broken", now=NOW).rows == 5
    assert _kinds(landed) == {"rejected": 5}
    landed.write_events(["{"], hour=21)
    landed.land()
    assert _kinds(landed) == {"rejected": 5, "malformed": 1}
    assert reject(landed.lake, BATCH, reason="broken", now=NOW).rows == 6
    restore(landed.lake, BATCH)
    assert _kinds(landed) == {"malformed": 3}


def test_a_batch_without_a_single_good_row_can_be_set_aside(world: World) -> None:
    world.write_events(["{"])
    world.land()
    reject(world.lake, BATCH, reason="broken", now=NOW)
    assert _kinds(world) == {"rejected": 1}


def _kinds(world: World) -> dict[str, int]:
    with connect(None) as connection:
        register_raw(connection, world.lake, contracts=world.contracts, as_of=NOW)
        rows = connection.execute(
            "select kind, count(*) from raw.quarantined_rows where received_date = ? group by kind",
            [BATCH.rsplit("/", 1)[1]],
        ).fetchall()
    return dict(rows)
