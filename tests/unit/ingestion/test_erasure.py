"""A forgotten person's rows leave the lake and stay out; all counts stay."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.erasure import erasing, rewriting
from ingestion.erasure.deliveries import cleaner
from ingestion.erasure.erasing import Eraser, Erasure, is_forgotten, is_under_way, read_log
from ingestion.erasure.tokens import Identifier
from ingestion.erasure.tombstones import KEY_VARIABLE, KeyMissingError, read_tombstones
from ingestion.replay import replay
from ingestion.setaside import reject, restore
from ingestion.sources import SourceFiles
from ingestion.views import register_raw
from ingestion.writing import PartitionWriter
from tests.unit.ingestion.worlds import World, event

NOW = datetime(2025, 9, 10, 12, 0, tzinfo=UTC)
DAYS = ("2025-09-01", "2025-09-02", "2025-09-03")
REF = Identifier("customer_ref", "cu00000015", comes_back=False)
NUMBER = Identifier("profile_id", "amplitude:4242", comes_back=False)
EMAIL = Identifier("email", "ann.lee@mail.example", comes_back=True)
PHONE = Identifier("phone", "+34600112233", comes_back=True)
PERSON = (REF, NUMBER, EMAIL, PHONE)
KEYS = ("0123456789abcdef",)


def hers(number: int, *, day: str = DAYS[0]) -> dict[str, Any]:
    """One of the ways in which an event names her."""
    ways: tuple[dict[str, object], ...] = (
        {"user_id": "cu00000015"},
        {"amplitude_id": 4242},
        {"event_properties": {"note": "mail me: Ann.Lee@mail.example."}},
        {"event_properties": {"url": "/reset?mail=ann.lee%40mail.example&x=1"}},
        {"event_properties": {"said": "call (+34) 600-11 22 33"}},
        {"a new column": {"deep": ["ann.lee@mail.example"]}},
    )
    return event(number, day=day, **ways[number % len(ways)])


def others(number: int, *, day: str = DAYS[0]) -> dict[str, Any]:
    """Somebody else's event, with the number that is her id in a place that holds no id."""
    return event(
        number, day=day, user_id="cu00000016", event_properties={"amount": 4242, "note": "4242"}
    )


MALFORMED = (
    '{"user_id": "cu00000015", "broken',
    '{"amplitude_id": 4242, "broken',
    '{"user_id": "cu00000016", "broken',
)


@pytest.fixture
def landed(world: World) -> World:
    world = replace(world, contracts={"amplitude": world.contracts["amplitude"]})
    for place, day in enumerate(DAYS):
        records: list[object] = [hers(10 * place + n, day=day) for n in range(6)]
        records += [others(100 * (place + 1) + n, day=day) for n in range(3)]
        world.write_events([*records, *MALFORMED], day=day)
    world.land()
    reject(world.lake, f"amplitude/events/{DAYS[2]}", reason="sent twice", now=NOW)
    return world


def eraser(world: World, elsewhere: Callable[[Callable[[str], bool]], None] = print) -> Eraser:
    return Eraser(
        lake=world.lake, contracts=world.contracts, clock=lambda: NOW, elsewhere=elsewhere
    )


def erase(world: World) -> Erasure:
    return eraser(world).erase(PERSON, keys=KEYS, requests=[REF], asked_by="command")


def seen(world: World) -> list[tuple[Any, ...]]:
    """Every row that is or was there, and as what it counts."""
    with duckdb.connect() as connection:
        register_raw(
            connection,
            world.lake,
            contracts=world.contracts,
            as_of=datetime(2026, 1, 1, tzinfo=UTC),
        )
        return connection.execute(
            "select received_date, _row_id, 'landed' as kind from raw.amplitude__events "
            "union all select received_date, _row_id, kind from raw.quarantined_rows order by all"
        ).fetchall()


def decoded(folder: Path) -> str:
    """Every value of every file, as text."""
    texts = []
    with duckdb.connect() as connection:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if path.suffix == ".parquet":
                rows = connection.execute(f"select * from '{path}'").fetchall()
                texts.append(f"{path.name} {rows}")
            else:
                texts.append(f"{path.name} {path.read_text()}")
    return "\n".join(texts).lower()


def names_her(text: str) -> bool:
    return any(
        one in text for one in ("cu00000015", "ann.lee", "600-11 22", '"amplitude_id": 4242')
    )


def test_nothing_names_her_afterwards_and_every_row_is_counted(landed: World) -> None:
    before = seen(landed)
    assert names_her(decoded(landed.lake))
    done = erase(landed)
    assert not names_her(decoded(landed.lake))

    after = seen(landed)
    assert [row[:2] for row in after] == [row[:2] for row in before]
    kinds = [row[2] for row in after]
    assert (kinds.count("erased"), kinds.count("landed"), kinds.count("rejected")) == (18, 6, 6)
    assert (done.rows, done.texts) == (18, 6)
    assert done.identifiers == {"customer_ref": 1, "email": 1, "phone": 1, "profile_id": 1}
    assert read_log(landed.lake) == [done]
    assert done.verified_at == NOW
    texts = landed.quarantined("amplitude/events", "original_text")
    assert sum("cu00000016" in (text or "") for (text,) in texts) == 3


def test_a_batch_that_comes_back_comes_back_without_her(landed: World) -> None:
    erase(landed)
    restore(landed.lake, f"amplitude/events/{DAYS[2]}")
    kinds = [kind for *_, kind in seen(landed)]
    assert (kinds.count("erased"), kinds.count("landed")) == (18, 9)


def test_no_delivery_brings_her_back(landed: World) -> None:
    erase(landed)
    after = seen(landed)
    source = landed.folder / "exports" / "amplitude"
    for path in sorted(source.iterdir()):
        shutil.copy(path, path.with_name(path.name.replace("187520_", "1_")))
    landed.land()
    assert seen(landed) == after, "the same files again, under other names"

    world = World(landed.folder / "anew", landed.contracts)
    shutil.copytree(landed.folder / "exports", world.folder / "exports")
    shutil.copytree(landed.lake / "_erasures", world.lake / "_erasures")
    world.land()
    assert not names_her(decoded(world.lake))
    restore(landed.lake, f"amplitude/events/{DAYS[2]}")
    assert seen(world) == seen(landed), "forgotten before or after landing"


def test_what_a_person_brings_along_may_come_back_and_what_was_given_may_not(
    landed: World,
) -> None:
    erase(landed)
    later = "2025-09-20"
    new = event(7, day=later, event_properties={"mail": "ann.lee@mail.example"})
    old = event(8, day=later, user_id="cu00000015")
    landed.write_events([new, old], day=later)
    landed.land()
    kinds = [kind for day, _, kind in seen(landed) if str(day) == later]
    assert sorted(kinds) == ["erased", "landed"]


def test_a_second_time_finds_nothing(landed: World) -> None:
    erase(landed)
    content = {name: digest for name, digest in landed.content().items() if "_erasures" not in name}
    again = erase(landed)
    assert (again.number, again.rows, again.texts, again.tables) == (2, 0, 0, {})
    assert content == {n: d for n, d in landed.content().items() if "_erasures" not in n}


def test_it_is_known_who_was_forgotten(landed: World) -> None:
    erase(landed)
    tombstones = read_tombstones(landed.lake)
    assert all(is_forgotten(tombstones, one) for one in PERSON)
    assert not is_forgotten(tombstones, replace(REF, value="cu00000016"))


def test_keys_of_identity_are_told_apart(landed: World) -> None:
    asked: list[bool] = []
    forget = eraser(
        landed, lambda is_theirs: asked.extend((is_theirs(KEYS[0]), is_theirs("another")))
    )
    forget.erase(PERSON, keys=KEYS, requests=[REF], asked_by="command")
    assert asked == [True, False]


def test_a_lost_key_stops_the_landing(landed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    erase(landed)
    monkeypatch.setenv(KEY_VARIABLE, "another key, which is long enough to be one")
    with pytest.raises(KeyMissingError, match=KEY_VARIABLE):
        landed.land()
    monkeypatch.delenv(KEY_VARIABLE)
    key = landed.lake / "_erasures" / "key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    with pytest.raises(KeyMissingError, match="put"):
        landed.land()


def test_a_short_key_is_refused(landed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(KeyMissingError, match="at least 32 characters"):
        erase(landed)
    assert not is_under_way(landed.lake)


class Killed(BaseException):
    """What ends a process without asking."""


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count down over every act that changes a file; the process dies before the last."""
    left = [0]

    def dying(act: Callable[..., Any]) -> Callable[..., Any]:
        def attempt(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return act(*args, **kwargs)

        return attempt

    for module, names in {
        erasing: ("_note", "write_tombstones", "_append", "recover"),
        rewriting: ("begin", "commit_manifest", "recover"),
    }.items():
        for name in names:
            monkeypatch.setattr(module, name, dying(getattr(module, name)))
    monkeypatch.setattr(PartitionWriter, "write", dying(PartitionWriter.write))
    return left


@pytest.fixture
def answers(world: World) -> World:
    """A table of few columns: one day set aside, one with what cannot be read."""
    world = replace(world, contracts={"zigpoll": world.contracts["zigpoll"]})
    for day in DAYS[:2]:
        said = [
            {"_id": f"{day} {n}", "createdAt": f"{day}T10:00:00Z", "pollId": "p", "slideId": "s"}
            | {"participantId": f"browser {n}", "answers": [{"value": who}]}
            for n, who in enumerate(("me: ann.lee@mail.example", "no"))
        ]
        unread = said[0] | {"pollId": None}
        page = json.dumps({"data": [*said, unread]}).encode()
        world.write(f"zigpoll/responses/{day}/page.json", page)
    world.land("zigpoll")
    reject(world.lake, f"zigpoll/responses/{DAYS[1]}", reason="sent twice", now=NOW)
    return world


def answers_kept(world: World) -> list[tuple[Any, ...]]:
    """Where each answer is now."""
    return [
        (folder, *row)
        for folder in ("", "_quarantine/", "_quarantine/_rejected/")
        for row in world.rows(f"{folder}zigpoll/responses", "received_date, _row_id")
    ]


def test_killed_anywhere_it_is_done_in_the_end_and_once(answers: World, acts: list[int]) -> None:
    landed = answers
    whole = World(landed.folder / "whole", landed.contracts)
    shutil.copytree(landed.lake, whole.lake)
    assert names_her(decoded(landed.lake))
    done = erase(whole)
    assert (done.rows, done.texts) == (2, 2)
    for last in range(1, 100):
        world = World(landed.folder / f"killed {last}", landed.contracts)
        shutil.copytree(landed.lake, world.lake)
        acts[0] = last
        try:
            erase(world)
        except Killed:
            acts[0] = 0
        else:
            break
        if eraser(world).resume() is None:
            # Dead before anything was written down: whoever asked asks again.
            assert last == 1
            erase(world)
        assert answers_kept(world) == answers_kept(whole), last
        found = read_log(world.lake)
        assert [(one.rows, one.texts) for one in found] == [(done.rows, done.texts)], last
        assert not names_her(decoded(world.lake)), last
        assert not is_under_way(world.lake)
    assert last > 12, "too few places to die were tried"


def test_what_was_pulled_is_ours_and_is_written_anew(answers: World) -> None:
    root = answers.folder / "exports" / "zigpoll"
    forget = replace(eraser(answers), delivered={"zigpoll": root})
    done = forget.erase(PERSON, keys=KEYS, requests=[REF], asked_by="command")
    assert (done.rows, done.texts) == (2, 2)
    pages = [json.loads(path.read_bytes())["data"] for path in sorted(root.rglob("*.json"))]
    assert [[one["participantId"] for one in page] for page in pages] == [["browser 1"]] * 2
    assert not list((answers.lake / "_manifest").glob("drafts/*"))

    def kinds() -> list[str]:
        with duckdb.connect() as connection:
            as_of = datetime(2026, 1, 1, tzinfo=UTC)
            register_raw(connection, answers.lake, contracts=answers.contracts, as_of=as_of)
            rows = connection.execute(
                "select kind, _row_id from raw.quarantined_rows union all "
                "select 'landed', _row_id from raw.zigpoll__responses"
            ).fetchall()
        assert len({key for _, key in rows}) == len(rows)
        return sorted(kind for kind, _ in rows)

    after = kinds()
    assert after.count("erased") == 2
    again = answers.land("zigpoll").tables[0]
    assert (again.new_files, again.superseded_files) == (0, 0), "it is known by what is in it now"
    files = SourceFiles("zigpoll", root)
    first, last = date(2025, 9, 1), date(2025, 9, 3)
    replay(files, answers.lake, contracts=answers.contracts, first=first, last=last)
    assert kinds().count("erased") == 2, "also after it was read again"

    clean = cleaner(answers.lake, answers.contracts["zigpoll"], read_tombstones(answers.lake))
    assert clean is not None
    said = {"_id": "9", "createdAt": f"{DAYS[2]}T10:00:00Z", "pollId": "p", "slideId": "s"}
    record = said | {"participantId": "b", "answers": [{"value": "ann.lee@mail.example"}]}
    draft = answers.folder / "draft-0"
    for records, is_left in (([record], False), ([record, said | {"answers": []}], True)):
        draft.write_bytes(json.dumps({"data": records}).encode())
        assert clean("responses", draft) is is_left
        assert not names_her(draft.read_text())


def test_a_field_may_be_called_anything(world: World) -> None:
    header = "spend_date,subject_type,subject,kind,amount,currency,updated_at\n"
    rows = "".join(
        f"2025-09-01,campaign,{subject},cell,1.00,EUR,2025-09-01T0{hour}:00:00Z\n"
        for hour, subject in enumerate(("ann.lee@mail.example", "spring"))
    )
    world.write("crm/spend/exported_at=2025-09-01T23/part-0.csv", (header + rows).encode())
    contract = world.contracts["crm"]
    names = ("kind", "cell", "until", "key", "line", "token", "name", "reason")
    tables = {
        name: contract.tables["spend"].model_copy(
            update={
                "fields": {
                    (name if field == "kind" else field): one.model_copy(
                        update={"name": name} if field == "kind" else {}
                    )
                    for field, one in contract.tables["spend"].fields.items()
                },
                "key": (),
            }
        )
        for name in names
    }
    for name, table in tables.items():
        one = replace(world, folder=world.folder / name)
        shutil.copytree(world.folder / "exports", one.folder / "exports")
        one.contracts = {"crm": contract.model_copy(update={"tables": {"spend": table}})}
        one.land("crm")
        assert erase(one).rows == 1, name
        path = one.folder / "exports/crm/spend/exported_at=2025-09-01T23/part-0.csv"
        path.write_bytes(path.read_bytes() + b"\n")
        one.land("crm")
        assert not names_her(decoded(one.lake)), name


def test_what_is_kept_of_her_says_nothing(landed: World) -> None:
    erase(landed)
    for path in (landed.lake / "_erasures").iterdir():
        if path.suffix == ".jsonl":
            said = [json.loads(line) for line in path.read_text().splitlines() if line]
            assert len(said) == 1
    assert not names_her(decoded(landed.lake / "_erasures"))
