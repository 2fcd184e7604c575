import errno
import gzip
import io
import os
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion import durable, journal, landing, writing
from ingestion.contracts import SourceContract
from ingestion.durable import make_durable
from ingestion.manifest import commit_manifest, read_manifest
from ingestion.sources import SourceFiles
from tests.unit.ingestion.worlds import World, event, json_lines


def test_rows_know_their_file_line_and_times(world: World) -> None:
    world.write_events([event(1), event(2)], hour=9)
    world.write_events([event(3)], hour=10)
    world.land()
    columns = "_row_id, _file_no, _line, insert_id, _received_at, received_date"
    at = datetime.fromisoformat("2025-09-01 10:00:03")
    rows = world.rows("amplitude/events", columns)
    # Files are numbered by path: "…_10#0" sorts before "…_9#0".
    assert [(r[1], r[2], r[3]) for r in rows] == [(1, 1, "i3"), (2, 1, "i1"), (2, 2, "i2")]
    assert all(r[0] == r[1] * 2**32 + r[2] for r in rows)
    assert rows[0][4:] == (at, date(2025, 9, 1))


def test_every_line_lands_or_is_quarantined(world: World) -> None:
    records: list[Any] = [event(n) for n in range(50)]
    records[7], records[20], records[33] = "{", event(20, uuid=None), '"text"'
    world.write_events(records)
    summary = world.land()
    assert summary.rows_landed == len(world.rows("amplitude/events")) == 47
    assert summary.rows_quarantined == len(world.quarantined("amplitude/events")) == 3
    (entry,) = read_manifest(world.lake, "amplitude", "events").files
    assert (entry.landed_rows, entry.quarantined_rows) == (47, 3)


def test_the_same_content_lands_once_wherever_it_lies(world: World) -> None:
    first = world.write_events([event(1)])
    world.land()
    before = world.content()
    assert world.land().rows_landed == 0
    world.write("amplitude/187520_2025-09-01_11#0.json.gz", first.read_bytes())
    first.unlink()
    assert world.land().rows_landed == 0
    assert world.content() == before


def test_a_file_that_is_gone_stays_landed(world: World) -> None:
    path = world.write_events([event(1)])
    world.land()
    path.unlink()
    world.land()
    assert len(world.rows("amplitude/events")) == 1


def test_new_content_at_a_path_supersedes_the_old_rows(world: World) -> None:
    world.write_events([event(1), event(2), "{"])
    world.write_events([event(3)], hour=11)
    world.land()
    world.write_events([event(1), event(4)])
    summary = world.land()
    (events,) = [table for table in summary.tables if table.table == "events"]
    assert (events.new_files, events.superseded_files, events.rows_landed) == (1, 1, 2)
    inserted = world.rows("amplitude/events", "insert_id, _file_no")
    assert inserted == [("i3", 2), ("i1", 3), ("i4", 3)]
    assert world.quarantined("amplitude/events", "_file_no, _line, reason") == [
        (1, 1, "superseded_file"),
        (1, 2, "superseded_file"),
        (1, 3, "superseded_file"),
    ]
    assert world.land().rows_landed == 0


@pytest.mark.parametrize("spoil", [lambda whole: whole[:-9], lambda _: b"", lambda _: b"{"])
def test_a_damaged_or_empty_copy_replaces_nothing(
    world: World, spoil: Callable[[bytes], bytes]
) -> None:
    path = world.write_events([event(1), event(2)])
    world.land()
    whole = path.read_bytes()
    path.write_bytes(spoil(whole))
    for _ in range(2):
        world.land()
        assert world.rows("amplitude/events", "insert_id") == [("i1",), ("i2",)]
    path.write_bytes(whole)
    world.land()
    assert world.rows("amplitude/events", "insert_id") == [("i1",), ("i2",)]
    assert {reason for _, reason in world.quarantined("amplitude/events")} <= {"superseded_file"}


def test_old_content_that_comes_back_lands_again(world: World) -> None:
    world.write_events([event(1)])
    world.land()
    world.write_events([event(2)])
    world.land()
    world.write_events([event(1)])
    world.land()
    assert world.rows("amplitude/events", "insert_id") == [("i1",)]


def test_content_that_moved_when_its_path_was_reused_is_not_superseded(world: World) -> None:
    path = world.write_events([event(1)])
    world.land()
    world.write("amplitude/187520_2025-09-01_11#0.json.gz", path.read_bytes())
    world.write_events([event(2)])
    world.land()
    assert world.rows("amplitude/events", "insert_id") == [("i1",), ("i2",)]


def test_a_changed_contract_reads_the_files_again_under_their_numbers(world: World) -> None:
    world.write_events([event(1), event(2, city="Madrid")])
    world.land()
    world.contracts = {"amplitude": _requiring_city(world.contracts["amplitude"])}
    summary = world.land()
    assert summary.rows_landed == 1
    assert world.rows("amplitude/events", "insert_id, _file_no") == [("i2", 1)]
    assert world.quarantined("amplitude/events") == [(1, "missing_required:city")]
    assert world.land().rows_landed == 0


def _requiring_city(contract: SourceContract) -> SourceContract:
    table = contract.tables["events"]
    city = table.fields["city"].model_copy(update={"required": True})
    changed = table.model_copy(update={"fields": {**table.fields, "city": city}})
    return contract.model_copy(update={"tables": {**contract.tables, "events": changed}})


def test_a_malformed_line_is_dated_by_its_path(world: World) -> None:
    world.write_events(["{0", event(1, day="2025-09-02")])
    world.land()
    found = world.quarantined("amplitude/events", "received_date, _received_at::varchar")
    assert found == [(date(2025, 9, 1), "2025-09-01 10:59:59.999999")]


def test_without_a_path_a_malformed_line_is_dated_by_its_neighbours(world: World) -> None:
    source = world.contracts["amplitude"]
    undated = source.tables["events"].model_copy(update={"received_path": None})
    tables = {**source.tables, "events": undated}
    world.contracts = {"amplitude": source.model_copy(update={"tables": tables})}
    days = ["2025-09-02", "2025-09-03"]
    world.write_events(["{0", event(1, day=days[0]), "{2", event(3, day=days[1]), "{4"])
    world.write_events(["{alone"], hour=11)
    world.land()
    columns = "_file_no, _line, received_date, _received_at"
    assert world.quarantined("amplitude/events", columns) == [
        (1, 1, date(2025, 9, 2), None),
        (1, 3, date(2025, 9, 2), None),
        (1, 5, date(2025, 9, 3), None),
        (2, 1, date(1970, 1, 1), None),
    ]


def test_a_path_dates_its_rows_by_the_end_of_its_hour_and_names_their_type(world: World) -> None:
    schema = fastavro.parse_schema(
        {
            "type": "record",
            "name": "m",
            "fields": [
                {"name": "id", "type": "string"},
                {"name": "user_id", "type": "string"},
                {"name": "time", "type": "int"},
            ],
        }
    )
    folder = "braze/prefix/event_type=users.messages.email.Open/date=2025-09-01-23/453/zone"
    path = world.write(f"{folder}/part+0.avro", b"")
    late = int(datetime(2025, 9, 1, 23, 58, tzinfo=UTC).timestamp())
    with path.open("wb") as file:
        fastavro.writer(file, schema, [{"id": "a", "user_id": "bz1", "time": late}])
    world.write(f"{folder}/part+1.avro", b"Obj\x01 broken")
    world.land("braze")
    columns = "event_type, _received_at, received_date"
    received = datetime.fromisoformat("2025-09-01 23:59:59.999999")
    assert world.rows("braze/messages", columns) == [
        ("users.messages.email.Open", received, date(2025, 9, 1))
    ]
    unreadable = world.quarantined("braze/messages", "_line, reason, received_date")
    assert unreadable == [(0, "unreadable_file", date(2025, 9, 1))]


def test_the_same_bytes_in_the_folder_of_another_day_are_another_delivery(world: World) -> None:
    rows = pa.table({"account_id": ["a"], "caip10": ["c"], "linked_at": ["2025-01-01"]})
    rows = rows.append_column("updated_at", rows["linked_at"])
    buffer = io.BytesIO()
    pq.write_table(rows, buffer)
    for day in ("2025-09-01", "2025-09-02"):
        folder = f"core_banking/account_wallets/extracted_at={day}T23"
        world.write(f"{folder}/part-0.parquet", buffer.getvalue())
    world.land("core_banking")
    days = world.rows("core_banking/account_wallets", "received_date::varchar")
    assert days == [("2025-09-01",), ("2025-09-02",)]
    assert world.land("core_banking").rows_landed == 0


def test_a_broken_file_is_one_quarantined_row_until_it_comes_whole(world: World) -> None:
    path = world.write_events([event(1)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    world.write_events([event(2)], hour=11)
    assert world.land().rows_landed == 1
    assert world.quarantined("amplitude/events") == [(0, "unreadable_file")]
    path.write_bytes(whole)
    world.land()
    assert world.quarantined("amplitude/events") == [(0, "superseded_file")]
    assert world.rows("amplitude/events", "insert_id") == [("i2",), ("i1",)]


def test_files_that_no_table_reads_are_counted(world: World) -> None:
    world.write_events([event(1)])
    world.write("amplitude/about-this-export.txt", b"")
    assert world.land().unclaimed_files == {"amplitude": 1}


def test_progress_reaches_its_total(world: World) -> None:
    told: dict[str, tuple[int, int]] = {}

    def progress(description: str, *, completed: int, total: int) -> None:
        told[description] = (completed, total)

    world.write_events([event(1)])
    source = SourceFiles("amplitude", world.folder / "exports/amplitude")
    landing.land([source], world.lake, contracts=world.contracts, progress=progress)
    assert told == {"hash amplitude": (1, 1), "land amplitude/events": (1, 1)}


class Killed(BaseException):
    """What a kill looks like to the code that is running: nothing after it happens."""


def _kill_at(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, call: int) -> None:
    """Let the given call of a function (1 for the first) kill the process before it acts."""
    original, calls = getattr(module, name), 0

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Killed
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, counted)


KILLS = [
    (landing, "begin", 1),
    (landing, "begin", 2),
    (writing, "_write_file", 1),
    (writing, "_write_file", 2),
    (writing, "_write_file", 3),
    (writing, "make_durable", 1),
    (landing, "commit_manifest", 1),
    (landing, "commit_manifest", 2),
    (journal, "remove", 1),
    (landing, "recover", 2),
]


@pytest.mark.parametrize("kill", KILLS)
def test_a_killed_landing_is_repeated_to_the_same_lake(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, kill: tuple[Any, str, int]
) -> None:
    undisturbed = World(tmp_path / "other", world.contracts)
    for each in (world, undisturbed):
        each.write_events([event(1), event(2, day="2025-09-02"), "{"])
        each.write_events([event(3)], hour=11)
        merge = {"scope": 1, "merge_time": 1, "merge_server_time": 2, "amplitude_id": 1}
        line = json_lines([merge | {"merged_amplitude_id": 2}])
        each.write("amplitude/-9_2025-09-01_9.json.gz", gzip.compress(line, mtime=0))
        each.land()
        each.write_events([event(1), event(4, day="2025-09-03")])
        each.write("amplitude/-9_2025-09-01_9.json.gz", gzip.compress(line + line, mtime=0))
    undisturbed.land()
    with monkeypatch.context() as patch:
        _kill_at(patch, *kill)
        with pytest.raises(Killed):
            world.land()
    world.land()
    assert world.content() == undisturbed.content()
    assert not (world.lake / "_manifest/journal.json").exists()


def test_rows_are_on_disk_before_a_manifest_names_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk: set[Path] = set()

    def durable(files: Collection[Path]) -> None:
        make_durable(files)
        on_disk.update(files)

    def committed(lake: Path, *args: Any) -> None:
        assert on_disk == set(lake.glob("**/*.parquet"))
        commit_manifest(lake, *args)

    monkeypatch.setattr(writing, "make_durable", durable)
    monkeypatch.setattr(landing, "commit_manifest", committed)
    for hour in range(12):
        world.write_events([event(hour), "{"], hour=hour)
    world.write_events([event(13), event(14, day="2025-09-02")], hour=13)
    world.land()
    assert len(on_disk) == 3


@pytest.mark.parametrize("count", [1, 100])
def test_a_disk_that_cannot_take_a_file_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    files = [tmp_path / str(number) for number in range(count)]
    for file in files:
        file.touch()
    make_durable(files)
    assert sorted(tmp_path.iterdir()) == sorted(files)

    def refused(_descriptor: int) -> int:
        raise OSError(errno.EIO, "as the disk says")

    monkeypatch.setattr(os, "fsync", refused)
    monkeypatch.setattr(durable, "_sync_file_system", lambda: None)
    with pytest.raises(OSError, match="as the disk says"):
        make_durable(files)
    monkeypatch.setattr(durable, "_sync_file_system", lambda: lambda _descriptor: -1)
    with pytest.raises(OSError, match="disk"):
        make_durable(files)


def test_big_loads_are_landed_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "_LANDING_FILES", 1)
    for hour in range(3):
        world.write_events([event(hour)], hour=hour)
    world.land()
    assert read_manifest(world.lake, "amplitude", "events").landings == (1, 2, 3)
    assert len(world.rows("amplitude/events")) == 3
