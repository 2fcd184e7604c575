from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.durable_ids import assign_numbers
from identity.forgetting import forget_keys
from identity.state import KEPT_BACKUPS, commit_state, read_state
from tests.unit.identity.worlds import Resolved, World, key_of, resolve


def publish(world: World, folder: Path) -> Resolved:
    resolved = resolve(world, folder)
    commit_state(folder / "candidate.npz", folder / "state.npz")
    return resolved


def test_new_ids_go_by_first_sight_then_key(tmp_path: Path) -> None:
    world = World().see("ref:late", day=3).see("ref:b", day=1).see("ref:a", day=1)
    first, second = sorted(["ref:a", "ref:b"], key=key_of)
    assert resolve(world, tmp_path).customers == {
        first: "c0000000001",
        second: "c0000000002",
        "ref:late": "c0000000003",
    }


def test_ids_survive_new_edges_and_the_oldest_survives_a_merge(tmp_path: Path) -> None:
    world = World().link("ref:a", "device:a", day=1).link("ref:b", "device:b", day=2)
    before = publish(world, tmp_path)
    world.link("ref:a", "email:x", day=3).link("ref:b", "email:x", day=3).see("ref:c", day=0)
    after = publish(world, tmp_path)
    assert after.customers["ref:a"] == before.customers["ref:a"] == "c0000000001"
    assert after.together("ref:a", "ref:b", "email:x", "device:b")
    # Seen before all others, yet a newcomer: numbers are given in the order of arrival.
    assert after.customers["ref:c"] == "c0000000003"


def test_a_split_leaves_the_id_with_the_larger_part(tmp_path: Path) -> None:
    world = World().link("ref:b", "account:1", "account:2").link("ref:a", "account:1")
    before = publish(world, tmp_path)
    assert before.summary.customer_count == 1
    world.edges.remove(("ref:a", "account:1", 0))
    after = publish(world, tmp_path)
    assert after.customers["ref:b"] == before.customers["ref:b"]
    assert after.customers["ref:a"] == "c0000000002"


def test_a_split_into_equal_parts_goes_by_the_smallest_key(tmp_path: Path) -> None:
    world = World().link("ref:z", "account:1").link("ref:a", "account:2").link("ref:a", "ref:z")
    publish(world, tmp_path)
    world.edges.remove(("ref:a", "ref:z", 0))
    after = publish(world, tmp_path)
    first = min(world.identifiers, key=key_of)
    assert after.customers[first] == "c0000000001"
    assert set(after.customers.values()) == {"c0000000001", "c0000000002"}


def test_the_loser_of_one_id_keeps_its_other(tmp_path: Path) -> None:
    world = World().link("ref:a", "account:1", "account:2", "account:3", day=1)
    world.link("ref:b", "account:4", day=2)
    publish(world, tmp_path)
    world.edges.remove(("ref:a", "account:3", 1))
    world.link("ref:b", "account:3", day=3)
    after = publish(world, tmp_path)
    assert after.customers["account:3"] == after.customers["ref:b"] == "c0000000002"
    assert after.customers["ref:a"] == "c0000000001"


def test_an_id_is_never_given_twice(tmp_path: Path) -> None:
    world = World().see("ref:a", day=1).see("ref:b", day=2)
    publish(world, tmp_path)
    world.link("ref:a", "ref:b", day=3)
    assert set(publish(world, tmp_path).customers.values()) == {"c0000000001"}
    assert publish(world.see("ref:c", day=4), tmp_path).customers["ref:c"] == "c0000000003"
    assert read_state(tmp_path / "state.npz").next_number == 4


def test_an_unpublished_run_advances_nothing(tmp_path: Path) -> None:
    world = World().see("ref:a")
    publish(world, tmp_path)
    state = (tmp_path / "state.npz").read_bytes()
    world.see("ref:b", day=9)
    blocked = resolve(world, tmp_path)
    assert (tmp_path / "state.npz").read_bytes() == state
    world.see("ref:aa", day=1)
    published = publish(world, tmp_path)
    assert blocked.customers["ref:b"] == published.customers["ref:aa"] == "c0000000002"


def test_a_batch_set_aside_and_restored_finds_its_customers_again(tmp_path: Path) -> None:
    world = World().see("ref:a", "ref:b", "ref:c")
    before = publish(world, tmp_path)
    publish(World().see("ref:b"), tmp_path)
    assert publish(world, tmp_path).customers == before.customers


def test_a_second_run_writes_the_same_bytes(tmp_path: Path) -> None:
    world = World().link("ref:a", "email:a").link("ref:b", "device:b")
    publish(world, tmp_path)
    first = (tmp_path / "state.npz").read_bytes()
    publish(world, tmp_path)
    assert (tmp_path / "state.npz").read_bytes() == first


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5), st.integers(0, 3)), min_size=1)
)
def test_numbers_are_one_to_a_customer_and_known_ones_are_kept(
    rows: list[tuple[int, int, int]],
) -> None:
    groups = np.array([row[0] for row in rows])
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    customers = first[inverse]
    former = np.array([row[1] for row in rows])
    first_seen = np.array([row[2] for row in rows])
    numbers, next_number = assign_numbers(
        customers, former=former, first_seen=first_seen, next_number=6
    )
    assert len(set(zip(customers.tolist(), numbers.tolist(), strict=True))) == len(set(groups))
    assert len(set(numbers.tolist())) == len(set(groups))
    assert next_number == 6 + len({n for n in numbers.tolist() if n >= 6})
    for number in {n for n in numbers.tolist() if n < 6}:
        holders = {
            c for c, f in zip(customers.tolist(), former.tolist(), strict=True) if f == number
        }
        keeper = customers[numbers == number][0]
        sizes = {c: int(((customers == c) & (former == number)).sum()) for c in holders}
        assert sizes[keeper] == max(sizes.values())
    # Whoever got a new number has nothing left that is its own: another part was larger or older.
    for customer in {
        c for c, n in zip(customers.tolist(), numbers.tolist(), strict=True) if n >= 6
    }:
        for number in {f for f in former[customers == customer].tolist() if f}:
            mine = int(((customers == customer) & (former == number)).sum())
            others = [
                int(((customers == c) & (former == number)).sum())
                for c in set(customers.tolist()) - {customer}
            ]
            assert max(others, default=0) >= mine


def test_a_state_commits_once(tmp_path: Path) -> None:
    publish(World().see("ref:a"), tmp_path)
    with pytest.raises(FileNotFoundError, match="run again"):
        commit_state(tmp_path / "candidate.npz", tmp_path / "state.npz")


@pytest.mark.parametrize("content", [b"", b"not parquet", None])
def test_a_broken_state_is_an_error_and_not_a_fresh_start(
    content: bytes | None, tmp_path: Path
) -> None:
    state = tmp_path / "state.npz"
    if content is None:
        with state.open("wb") as file:
            np.savez(file, next_number=np.int64(1))
    else:
        state.write_bytes(content)
    with pytest.raises(ValueError, match="put the last good copy back"):
        read_state(state)


def test_the_last_states_can_be_put_back(tmp_path: Path) -> None:
    world = World()
    states = []
    for number in range(KEPT_BACKUPS + 2):
        publish(world.see(f"ref:{number}"), tmp_path)
        states.append((tmp_path / "state.npz").read_bytes())
    backups = sorted((tmp_path / "backups").iterdir())
    assert [path.read_bytes() for path in backups] == states[1:-1]
    (tmp_path / "state.npz").write_bytes(backups[-1].read_bytes())
    again = publish(world, tmp_path)
    assert again.summary.new_customer_count == 1
    assert (tmp_path / "state.npz").read_bytes() == states[-1]


def test_the_state_and_its_backups_forget_keys(tmp_path: Path) -> None:
    world = World().see("ref:a", "ref:b")
    for _ in range(2):
        publish(world, tmp_path)
    files = sorted(tmp_path.rglob("*.npz"))
    before = [path.read_bytes() for path in files]
    forget_keys(tmp_path, {"other"}.__contains__)
    assert [path.read_bytes() for path in files] == before
    forget_keys(tmp_path, {key_of("ref:a")}.__contains__)
    for path in files:
        state = read_state(path)
        assert len(state.graph) == 1
        assert not len(state.gone.number)
        assert state.next_number == 3
    assert sorted(tmp_path.rglob("*.npz")) == files
    assert not list(tmp_path.rglob("*.draft"))


def test_the_candidate_is_never_the_state(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="path of its own"):
        resolve(World().see("ref:a"), tmp_path, state="candidate.npz")
