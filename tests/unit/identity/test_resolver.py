from __future__ import annotations

import dataclasses
import random
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity import resolver
from identity.state import read_state
from tests.unit.identity.worlds import (
    EDGES,
    GUARDS,
    IDENTIFIERS,
    MATCHES,
    TYPES,
    World,
    key_of,
    resolve,
    store,
)

AS_OF = datetime(2026, 2, 1, tzinfo=UTC)
NAMES = [f"{kind}:{number}" for kind in TYPES for number in range(4)]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    world = World().see(*draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=12)))
    pairs = st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True)
    for left, right in draw(st.lists(pairs, max_size=20)):
        world.link(left, right, day=draw(st.integers(0, 5)))
    known = sorted(world.identifiers)
    strong = [name for name in known if TYPES[name.split(":")[0]][0] == "strong"]
    for name in strong:
        for guard_type in draw(st.sets(st.sampled_from(["kyc_applicant", "date_of_birth"]))):
            value = draw(st.sampled_from(["a", "b", "c"]))
            world.guard(name, guard_type, value, is_verified=draw(st.booleans()))
    firm = [name for name in NAMES if TYPES[name.split(":")[0]][0] != "weak"]
    pairs = st.lists(st.sampled_from(firm), min_size=2, max_size=2, unique=True)
    for left, right in draw(st.lists(pairs, max_size=4)):
        world.match(left, right, probability=draw(st.sampled_from([0.9, 0.95, 0.99])))
    for left, right in draw(st.lists(pairs, max_size=2)):
        world.see(left, right).decide(left, right, draw(st.sampled_from(["same", "different"])))
    return world.block(*draw(st.sets(st.sampled_from(known), max_size=2)))


@settings(max_examples=15, deadline=None)
@given(world=worlds(), rng=st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(
    world: World, rng: random.Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("order")
    shuffled = dataclasses.replace(world)
    shuffled.identifiers = dict(
        rng.sample(sorted(world.identifiers.items()), len(world.identifiers))
    )
    shuffled.edges = [
        (right, left, day) if rng.random() < 0.5 else (left, right, day)
        for left, right, day in rng.sample(shuffled.edges, len(shuffled.edges))
    ]
    shuffled.guards = rng.sample(world.guards, len(world.guards))
    shuffled.matches = rng.sample(world.matches, len(world.matches))
    assert resolve(shuffled, folder) == resolve(world, folder)


@settings(max_examples=15, deadline=None)
@given(world=worlds())
def test_no_customer_breaks_a_guard_and_no_blocked_identifier_bridges(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    resolved = resolve(world, tmp_path_factory.mktemp("guards"))
    held: dict[tuple[str, str], set[str]] = {}
    verified = set()
    for name, guard_type, value, is_verified in world.guards:
        guarded = (resolved.customers[name], guard_type)
        held.setdefault(guarded, set()).add(value)
        if is_verified:
            verified.add(guarded)
    assert all(len(held[guarded]) == 1 for guarded in verified)
    assert all(resolved.alone(name) for name in world.blocked)


@settings(max_examples=15, deadline=None)
@given(world=worlds())
def test_weak_identifiers_fuse_nobody(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("weak")
    firm = {name for name in world.identifiers if TYPES[name.split(":")[0]][0] != "weak"}
    without_weak = World(
        {name: day for name, day in world.identifiers.items() if name in firm},
        [edge for edge in world.edges if {edge[0], edge[1]} <= firm],
        world.guards,
        world.blocked & firm,
        world.matches,
        world.same,
    )
    parts = {part & firm for part in resolve(world, folder).partition()} - {frozenset()}
    assert parts == resolve(without_weak, folder).partition()


def test_strong_edges_make_one_customer(tmp_path: Path) -> None:
    world = World().link("ref:a", "account:1", "account:2").link("ref:b", "account:3")
    resolved = resolve(world, tmp_path)
    assert resolved.partition() == {
        frozenset({"ref:a", "account:1", "account:2"}),
        frozenset({"ref:b", "account:3"}),
    }
    assert resolved.reviews == set()


def test_a_kiosk_device_with_sixty_users_fuses_nobody(tmp_path: Path) -> None:
    world = World()
    for number in range(60):
        world.link(f"ref:{number}", "device:kiosk", f"device:own{number}")
    resolved = resolve(world, tmp_path)
    assert resolved.alone("device:kiosk")
    assert resolved.summary.customer_count == 61
    assert all(resolved.together(f"ref:{n}", f"device:own{n}") for n in range(60))
    assert resolved.reviews == {("device:kiosk", 60, "held_by_several_customers")}


def test_a_placeholder_phone_is_blocked_and_joins_nobody(tmp_path: Path) -> None:
    world = World().link("ref:a", "phone:zero").link("ref:b", "phone:zero").block("phone:zero")
    resolved = resolve(world, tmp_path)
    assert resolved.alone("phone:zero")
    assert not resolved.together("ref:a", "ref:b")
    assert resolved.reviews == set()


def test_a_medium_identifier_joins_up_to_its_limit(tmp_path: Path) -> None:
    world = World().link("ref:a", "email:shared").link("ref:b", "email:shared")
    assert resolve(world, tmp_path).together("ref:a", "ref:b", "email:shared")


def test_a_medium_identifier_over_its_limit_stands_alone(tmp_path: Path) -> None:
    world = World()
    for name in "abc":
        world.link(f"ref:{name}", "email:office", f"email:{name}")
    resolved = resolve(world, tmp_path)
    assert resolved.alone("email:office")
    assert resolved.summary.customer_count == 4
    assert all(resolved.together(f"ref:{name}", f"email:{name}") for name in "abc")
    assert resolved.reviews == {("email:office", 3, "more_holders_than_allowed")}


def test_several_identifiers_of_one_customer_count_as_one_holder(tmp_path: Path) -> None:
    world = World().link("ref:a", "account:1", "account:2", "account:3")
    for account in ("account:1", "account:2", "account:3"):
        world.link(account, "email:a")
    assert resolve(world, tmp_path).summary.customer_count == 1


def test_a_hub_among_medium_identifiers_is_refused_too(tmp_path: Path) -> None:
    world = World()
    for number in range(5):
        world.link(f"ref:{number}", f"email:{number}")
        world.link(f"email:{number}", "phone:hotline")
        world.link(f"email:nobody{number}", "phone:other")
    resolved = resolve(world, tmp_path)
    assert resolved.alone("phone:hotline")
    assert resolved.alone("phone:other")
    assert resolved.summary.customer_count == 5 + 1 + 5 + 1


def test_email_and_phone_of_one_record_do_not_count_twice(tmp_path: Path) -> None:
    world = World().link("ref:a", "email:1", "email:2", "email:3", "phone:1", "phone:2")
    for number in "123":
        world.link(f"email:{number}", "phone:1", "phone:2", "phone:new")
    resolved = resolve(world, tmp_path)
    assert resolved.summary.customer_count == 1
    assert resolved.reviews == set()


@pytest.mark.parametrize("guard", ["kyc_applicant", "date_of_birth"])
def test_a_strong_edge_that_would_break_a_guard_is_refused(guard: str, tmp_path: Path) -> None:
    world = World().link("ref:a", "account:1", day=1).link("ref:b", "account:1", day=2)
    world.guard("ref:a", guard, "one").guard("ref:b", guard, "other")
    resolved = resolve(world, tmp_path)
    assert resolved.together("ref:a", "account:1")
    assert resolved.alone("ref:b")
    assert resolved.reviews == {("account:1–ref:b", 2, f"guard_{guard}")}


def test_a_medium_identifier_that_would_break_a_guard_joins_neither(tmp_path: Path) -> None:
    world = World().link("ref:a", "email:family", day=1).link("ref:b", "email:family", day=2)
    world.guard("ref:a", "date_of_birth", "1980").guard("ref:b", "date_of_birth", "2010")
    resolved = resolve(world, tmp_path)
    assert resolved.alone("email:family")
    assert resolved.summary.customer_count == 3
    assert resolved.reviews == {("email:family", 2, "guard_date_of_birth")}


@pytest.mark.parametrize(("known", "together"), [(False, True), (True, False)])
def test_a_typed_in_value_stands_only_against_a_verified_one(
    known: bool, together: bool, tmp_path: Path
) -> None:
    world = World().link("ref:a", "email:one", day=1).link("ref:b", "email:one", day=2)
    world.guard("ref:a", "date_of_birth", "1980-01-02", is_verified=known)
    world.guard("ref:b", "date_of_birth", "1980-02-01", is_verified=False)
    assert resolve(world, tmp_path).together("ref:a", "ref:b") is together


def test_where_identifiers_contradict_the_oldest_joins_first(tmp_path: Path) -> None:
    world = World().see("phone:old", day=1).see("email:new", day=9)
    for name, guard in {"a": "one", "b": "", "c": "two"}.items():
        world.see(f"ref:{name}")
        if guard:
            world.guard(f"ref:{name}", "kyc_applicant", guard)
    world.link("ref:b", "phone:old", "email:new", day=9)
    world.link("ref:a", "phone:old", day=9).link("ref:c", "email:new", day=9)
    resolved = resolve(world.see("phone:old", day=1), tmp_path)
    assert resolved.together("ref:a", "ref:b", "phone:old")
    assert resolved.alone("email:new")
    assert resolved.alone("ref:c")


def test_an_identifier_with_two_values_of_a_guard_still_keeps_its_own(tmp_path: Path) -> None:
    world = World().link("ref:a", "account:1").guard("ref:a", "date_of_birth", "1980")
    world.guard("ref:a", "date_of_birth", "1981").guard("account:1", "date_of_birth", "1980")
    assert resolve(world, tmp_path).together("ref:a", "account:1")


def test_unheld_weak_identifiers_make_an_anonymous_customer(tmp_path: Path) -> None:
    world = World().link("device:1", "anonymous:1", "anonymous:2").see("ref:a")
    resolved = resolve(world, tmp_path)
    assert resolved.together("device:1", "anonymous:1", "anonymous:2")
    assert resolved.summary.customer_count == 2


def test_weak_identifiers_follow_the_one_customer_around_them(tmp_path: Path) -> None:
    world = World().link("ref:a", "device:1").link("device:1", "anonymous:1", "anonymous:2")
    assert resolve(world, tmp_path).summary.customer_count == 1


def test_weak_identifiers_between_two_customers_follow_neither(tmp_path: Path) -> None:
    world = World().link("ref:a", "device:1").link("ref:b", "device:2")
    world.link("anonymous:1", "device:1", "device:2").link("anonymous:1", "anonymous:2")
    resolved = resolve(world, tmp_path)
    assert resolved.partition() >= {frozenset({"anonymous:1", "anonymous:2"})}
    assert resolved.reviews == {("anonymous:1", 2, "linked_to_several_customers")}


def test_what_was_seen_on_a_kiosk_belongs_to_nobody(tmp_path: Path) -> None:
    world = World().link("ref:a", "device:kiosk").link("ref:b", "device:kiosk")
    world.link("device:kiosk", "anonymous:1", "anonymous:2")
    resolved = resolve(world, tmp_path)
    assert all(resolved.alone(name) for name in ("device:kiosk", "anonymous:1", "anonymous:2"))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "insert into identity.identity_edges values (md5('a'), md5('b'), 'weak', null, '')",
            "1 edges name an unknown identifier",
        ),
        (
            "insert into identity.identity_guards values ('ref:gone', 'kyc_applicant', 'x', true)",
            "1 guards name an unknown identifier",
        ),
        (
            "insert into matcher.contact_matches values (md5('ref:a'), md5('gone'), 0.9)",
            "1 edges name an unknown identifier",
        ),
        (
            "update identity.identity_identifiers set identifier_key = 'a' where tier = 'strong'",
            "1 identifiers have a key that is no md5",
        ),
        ("update identity.identity_edges set tier = 'firm'", "1 edges have no tier"),
        (
            "insert into identity.identity_identifiers select * from identity.identity_identifiers",
            "more than once",
        ),
        ("update identity.identity_identifiers set tier = 'firm'", "have no tier"),
        ("update identity.identity_identifiers set max_holders = null", "no max_holders"),
    ],
)
def test_broken_input_is_refused_with_its_remedy(
    statement: str, fault: str, tmp_path: Path
) -> None:
    with duckdb.connect() as connection:
        World().link("ref:a", "email:a").write(connection)
        connection.execute(statement)
        with pytest.raises(ValueError, match=rf"{fault}.*models/identity"):
            resolver.run(connection, tmp_path / "state", tmp_path / "candidate", as_of=AS_OF)


def test_no_identifiers_make_empty_typed_tables(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        World().write(connection)
        summary = resolver.run(connection, tmp_path / "state", tmp_path / "candidate", as_of=AS_OF)
        types = connection.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = 'resolver' and table_name like 'identi%s' "
            "order by table_name, ordinal_position"
        ).fetchall()
    assert summary.customer_count == 0
    assert types == [
        ("identifier_key", "VARCHAR"),
        ("customer_id", "VARCHAR"),
        ("change_number", "BIGINT"),
        ("changed_at", "TIMESTAMP"),
        ("change_type", "VARCHAR"),
        ("customer_id", "VARCHAR"),
        ("other_customer_id", "VARCHAR"),
        ("cause_left_key", "VARCHAR"),
        ("cause_right_key", "VARCHAR"),
        ("cause", "VARCHAR"),
        ("identifier_key", "VARCHAR"),
        ("identifier_type", "VARCHAR"),
        ("other_identifier_key", "VARCHAR"),
        ("tier", "VARCHAR"),
        ("holder_count", "INTEGER"),
        ("reason", "VARCHAR"),
        ("first_seen_at", "TIMESTAMP"),
    ]
    assert len(read_state(tmp_path / "candidate").graph) == 0


def test_a_hundred_thousand_identifiers_are_resolved(tmp_path: Path) -> None:
    """Refs with an e-mail and two devices each, kiosks, and guards everywhere."""
    people = 25_000
    number = np.arange(people)
    kinds = {"ref": number, "email": number, "device": number, "anonymous": number}
    rows: list[dict[str, object]] = [
        {
            "identifier_key": key_of(f"{kind}:{n}"),
            "identifier_type": kind,
            "tier": TYPES[kind][0],
            "max_holders": TYPES[kind][1],
            "is_blocked": False,
            "first_seen_at": None,
        }
        for kind, numbers in kinds.items()
        for n in numbers
    ]
    edges: list[dict[str, object]] = [
        {
            "left_identifier_key": key_of(f"ref:{n}"),
            "right_identifier_key": key_of(f"{kind}:{right}"),
            "tier": TYPES[kind][0],
        }
        for n in number
        for kind, right in {("email", n - n % 2), ("device", n), ("device", n % 50)}
    ]
    guards: list[dict[str, object]] = [
        {
            "identifier_key": key_of(f"ref:{n}"),
            "guard_type": "kyc_applicant",
            "guard_value": str(n // 4),
            "is_verified": True,
        }
        for n in number
    ]
    with duckdb.connect() as connection:
        store(connection, "identity.identity_identifiers", rows, IDENTIFIERS)
        store(connection, "identity.identity_edges", edges, EDGES)
        store(connection, "identity.identity_guards", guards, GUARDS)
        store(connection, "matcher.contact_matches", [], MATCHES)
        summary = resolver.run(connection, tmp_path / "state", tmp_path / "candidate", as_of=AS_OF)
    assert summary.identifier_count == 4 * people
    # Every other ref has its neighbour's e-mail; its own stands alone, as do anonymous ids, kiosks.
    assert summary.customer_count == people // 2 + people // 2 + people + 50
