"""Files are read once more, and the lake is what a first landing would have made of it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion import landing, rows
from ingestion.journal import recover
from ingestion.manifest import commit_manifest
from ingestion.replay import Replay, replay
from ingestion.setaside import reject, restore
from ingestion.sources import SourceFiles
from tests.unit.ingestion.worlds import World, event

DAYS = ("2025-09-01", "2025-09-02", "2025-09-03")
COLUMNS = "_row_id, insert_id, received_date, _received_at, event_type"


@pytest.fixture
def landed(world: World) -> World:
    for number, day in enumerate(DAYS):
        records: list[Any] = [event(10 * number + n, day=day) for n in range(3)]
        world.write_events([*records, "{"], day=day)
    world.land()
    return world


def again(world: World, first: str, last: str) -> Replay:
    return replay(
        SourceFiles("amplitude", world.folder / "exports" / "amplitude"),
        world.lake,
        contracts=world.contracts,
        first=date.fromisoformat(first),
        last=date.fromisoformat(last),
    )


def seen(world: World) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    return (
        world.rows("amplitude/events", COLUMNS),
        world.quarantined("amplitude/events", "_row_id, reason, received_date"),
    )


def test_a_replay_changes_nothing_where_nothing_changed(landed: World) -> None:
    before = seen(landed)
    done = again(landed, DAYS[0], DAYS[1])
    assert (done.files, done.gone, done.rows) == (2, (), 6)
    assert seen(landed) == before
    again(landed, DAYS[0], DAYS[1])
    assert seen(landed) == before


def test_a_replay_counts_what_was_replayed_and_not_what_is_new_beside_it(landed: World) -> None:
    landed.write_events([event(90 + n, day=DAYS[0]) for n in range(5)], day=DAYS[0], hour=11)
    done = again(landed, DAYS[0], DAYS[0])
    assert (done.files, done.rows, done.malformed) == (1, 3, 1)
    assert len(landed.rows("amplitude/events")) == 14, "what is new landed all the same"


def test_a_corrected_reader_reaches_what_landed_before(
    landed: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    healthy = seen(landed)
    broken = World(tmp_path / "broken", landed.contracts)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "exports").symlink_to(landed.folder / "exports")
    good = rows.LandingRows.add

    def lose(self: rows.LandingRows, feed: Any, files: Any) -> None:
        good(self, feed, [file for file in files if DAYS[1] not in file.name])

    with monkeypatch.context() as faulty:
        faulty.setattr(rows.LandingRows, "add", lose)
        broken.land()
    assert len(broken.rows("amplitude/events")) == 6
    assert broken.land().rows_landed == 0, "what has landed is not read again by itself"
    again(broken, DAYS[0], DAYS[0])
    assert seen(broken) == healthy


def test_a_file_that_is_gone_keeps_its_rows_and_is_named(landed: World) -> None:
    before = seen(landed)
    [path] = (landed.folder / "exports").glob(f"amplitude/*{DAYS[1]}*")
    path.unlink()
    done = again(landed, DAYS[0], DAYS[2])
    assert done.files == 2
    assert [DAYS[1] in name for name in done.gone] == [True]
    assert seen(landed) == before


def test_a_batch_set_aside_stays_so_and_comes_back_whole(landed: World) -> None:
    before = seen(landed)
    batch = f"amplitude/events/{DAYS[1]}"
    reject(landed.lake, batch, reason="doubt", now=datetime(2026, 6, 28, tzinfo=UTC))
    again(landed, DAYS[0], DAYS[2])
    assert len(landed.rows("amplitude/events")) == 6
    restore(landed.lake, batch)
    assert seen(landed) == before


def test_a_replay_that_is_killed_is_undone_or_done_and_can_be_repeated(
    landed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = seen(landed)

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    for step in ("commit_manifest", "recover"):
        calls: Any = commit_manifest if step == "commit_manifest" else recover
        count = 0

        def once(*given: Any, calls: Any = calls, step: str = step) -> None:
            nonlocal count
            count += 1
            if step == "commit_manifest" or count > 1:
                die()
            calls(*given)

        with monkeypatch.context() as killing:
            killing.setattr(landing, step, once)
            with pytest.raises(Killed):
                again(landed, DAYS[0], DAYS[2])
        again(landed, DAYS[1], DAYS[1])
        assert seen(landed) == before


def test_a_period_that_ends_before_it_begins_is_refused(landed: World) -> None:
    with pytest.raises(ValueError, match="2025-09-01 must not lie before the first, 2025-09-03"):
        again(landed, DAYS[2], DAYS[0])
