from __future__ import annotations

from datetime import datetime
from pathlib import Path

from identity.state import commit_state
from tests.unit.identity.worlds import World, key_of, query, resolve


def publish(world: World, folder: Path, *, day: int) -> dict[str, str]:
    resolved = resolve(world, folder, day=day)
    commit_state(folder / "candidate.npz", folder / "state.npz")
    return resolved.customers


def day(number: int) -> datetime:
    return datetime(2026, 1, 1 + number)  # noqa: DTZ001 - the engine's timestamps are UTC


def test_the_build_is_told_who_was_whose_and_why_it_changed(tmp_path: Path) -> None:
    world = World().see("ref:a", day=1).see("ref:b", day=2)
    world.link("ref:a", "account:a", day=1).link("ref:b", "account:b", day=2)
    publish(world, tmp_path, day=10)
    world.link("ref:a", "account:b", day=11)
    publish(world, tmp_path, day=11)
    world.edges.remove(("ref:a", "account:a", 1))
    del world.identifiers["account:a"]
    publish(world, tmp_path, day=12)
    world.decide("ref:a", "account:b", "different")
    publish(world, tmp_path, day=13)
    changes = query(
        "select change_type, customer_id, other_customer_id, changed_at, cause, "
        "cause_left_key, cause_right_key from resolver.identity_changes order by change_number"
    )
    pair = tuple(sorted([key_of("ref:a"), key_of("account:b")]))
    one, two, three = "c0000000001", "c0000000002", "c0000000003"
    assert changes == [
        ("merge", one, two, day(11), "edge_added", *pair),
        ("split", one, three, day(13), "edge_withdrawn", *pair),
    ]
    history = query(
        "select customer_id, valid_from, valid_to from resolver.identifier_history "
        f"where identifier_key = '{key_of('account:a')}' order by valid_from"
    )
    assert history == [(one, day(10), day(12))]
    history = query(
        "select customer_id, valid_from, valid_to from resolver.identifier_history "
        f"where identifier_key = '{key_of('ref:b')}' order by valid_from"
    )
    assert history == [(two, day(10), day(11)), (one, day(11), None)]
    assert query("select * from resolver.retired_customers") == [(two, one)]


def test_whoever_comes_back_to_a_customer_merged_away_comes_back_to_the_one_that_goes_on(
    tmp_path: Path,
) -> None:
    world = World().see("ref:a", day=1).link("ref:b", "account:b", day=2)
    first = publish(world, tmp_path, day=10)
    away = World(dict(world.identifiers), [])
    del away.identifiers["account:b"]
    publish(away.link("ref:a", "ref:b", day=11), tmp_path, day=11)
    assert first["account:b"] == "c0000000002"
    back = publish(world.link("ref:a", "ref:b", day=11), tmp_path, day=12)
    assert set(back.values()) == {"c0000000001"}
    publish(away, tmp_path, day=13)
    # Alone, it finds its customer with others, and is a new one: the old id names nobody again.
    alone = publish(World({**away.identifiers, "account:b": 2}, list(away.edges)), tmp_path, day=14)
    assert alone["account:b"] == "c0000000003"
