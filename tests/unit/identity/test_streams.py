"""Whatever comes and goes in whatever order: as from scratch, with ids that last."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.advance import advance
from identity.audit import MERGE, survivors
from identity.forgetting import forget
from identity.state import State
from identity.tiers import Resolution, resolve
from tests.unit.identity.streams import Stream, chance

if TYPE_CHECKING:
    from identity.graph import Digests, IdentityGraph

STEPS = 5
seeds = st.integers(0, 2**32 - 1)
Digest = tuple[int, int]


def assert_same(found: Resolution, expected: Resolution) -> None:
    for one in fields(Resolution):
        if one.name != "refusals":
            np.testing.assert_array_equal(
                getattr(found, one.name), getattr(expected, one.name), err_msg=one.name
            )
    for one in fields(expected.refusals):
        np.testing.assert_array_equal(
            getattr(found.refusals, one.name), getattr(expected.refusals, one.name), one.name
        )


def customers_at(state: State, moment: int) -> dict[Digest, int]:
    """Replay the history: whose was each identifier at a moment."""
    graph, past = state.graph, state.past
    found: dict[Digest, int] = {}
    ended = zip(
        past.key_high, past.key_low, past.number, past.valid_from, past.valid_to, strict=True
    )
    for high, low, number, start, end in ended:
        if start <= moment < end:
            assert (int(high), int(low)) not in found
            found[int(high), int(low)] = int(number)
    holds = zip(graph.key_high, graph.key_low, state.numbers, state.since, strict=True)
    for high, low, number, start in holds:
        if start <= moment:
            assert (int(high), int(low)) not in found
            found[int(high), int(low)] = int(number)
    return found


def current(state: State) -> dict[Digest, int]:
    keys = zip(state.graph.key_high.tolist(), state.graph.key_low.tolist(), strict=True)
    return dict(zip(keys, state.numbers.tolist(), strict=True))


def changed_customers(state: State, *, since: int) -> set[tuple[int, int]]:
    """Read the audit from a row on: whose identifiers became whose."""
    audit = state.audit
    rows = zip(audit.change_type, audit.customer.tolist(), audit.other.tolist(), strict=True)
    return {
        (other, customer) if kind == MERGE else (customer, other)
        for kind, customer, other in list(rows)[since:]
    }


@settings(max_examples=200, deadline=None)
@given(seed=seeds)
def test_every_step_says_what_resolving_all_would_say_and_its_ids_last(seed: int) -> None:
    rng = chance(seed)
    stream, size = Stream(), rng.randrange(8, 46)
    state, published = State(), []
    for step in range(STEPS):
        stream.change(rng, size=size, most=8 if step else 25)
        graph, last = stream.graph(), state
        state = advance(last, graph, at=step)
        assert_same(state.resolution, resolve(graph))
        assert_one_number_to_a_customer(state)
        before, now = current(last), current(state)
        # An id that was merged away names nobody again, and leads to one that goes on or left.
        retired, heirs = survivors(state.audit)
        assert not set(retired.tolist()) & (set(now.values()) | set(heirs.tolist()))
        moved = {(before[key], now[key]) for key in now.keys() & before.keys()}
        told = changed_customers(state, since=len(last.audit.customer))
        assert {(was, became) for was, became in moved if was != became} <= told
        assert state.next_number > max(now.values(), default=0)
        assert state.next_number >= last.next_number
        published.append(now)
    for step, customers in enumerate(published):
        assert customers_at(state, step) == customers


def assert_one_number_to_a_customer(state: State) -> None:
    pairs = set(zip(state.resolution.customers.tolist(), state.numbers.tolist(), strict=True))
    assert len(pairs) == len({customer for customer, _ in pairs})
    assert len(pairs) == len({number for _, number in pairs})
    assert all(number > 0 for _, number in pairs)


@settings(max_examples=40, deadline=None)
@given(seed=seeds)
def test_any_split_and_order_of_the_same_edges_makes_the_same_customers(seed: int) -> None:
    rng = chance(seed)
    stream, size = Stream(), rng.randrange(8, 40)
    for _ in range(3):
        stream.change(rng, size=size, most=20)
    order = sorted(stream.names)
    rng.shuffle(order)
    state = State()
    for end in sorted(rng.sample(range(len(order) + 1), k=min(3, len(order)))):
        state = advance(state, stream.graph(names=order[:end]), at=0)
    edges = list(stream.edges.items())
    rng.shuffle(edges)
    some = Stream(stream.names, dict(edges[: len(edges) // 2]), set(), stream.limits)
    state = advance(state, some.graph(), at=1)
    state = advance(state, stream.graph(), at=2)
    assert_same(state.resolution, resolve(stream.graph()))


@settings(max_examples=100, deadline=None)
@given(seed=seeds)
def test_who_clashes_from_the_outset_is_refused_in_turn_as_well(seed: int) -> None:
    rng = chance(seed)
    stream = Stream()
    for _ in range(2):
        stream.change(rng, size=30, most=40)
    for _ in range(12):
        stream.change(rng, size=30, most=1)
    graph = stream.graph()
    nobody = np.zeros(0, np.int64), np.zeros(0, np.uint64)
    with patch("identity.medium.find_clashes", return_value=nobody):
        one_by_one = resolve(graph)
    at_once = resolve(graph)
    np.testing.assert_array_equal(at_once.customers, one_by_one.customers)
    np.testing.assert_array_equal(at_once.is_refused, one_by_one.is_refused)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_what_is_forgotten_is_in_no_part_of_the_state_and_nobody_else_notices(seed: int) -> None:
    rng = chance(seed)
    stream, state = Stream(), State()
    for step in range(3):
        stream.change(rng, size=20, most=20)
        state = advance(state, stream.graph(), at=step)
    theirs = {f"{name // 3:016x}{name % 3:016x}" for name in range(3, 20, 4)}
    left = forget(state, theirs.__contains__)
    for columns in (left.graph, left.gone, left.past):
        assert not theirs & set(keys_of(columns.key_high, columns.key_low))
    for side in ("left", "right"):
        high, low = getattr(left.audit, f"{side}_high"), getattr(left.audit, f"{side}_low")
        assert not theirs & set(keys_of(high, low))
    assert forget(left, theirs.__contains__) is left
    assert_same(left.resolution, resolve(left.graph))
    stream.names -= set(range(3, 20, 4))
    stream.guards = {guard for guard in stream.guards if guard[0] in stream.names}
    later = advance(left, stream.graph(), at=9)
    np.testing.assert_array_equal(later.numbers, left.numbers)


def keys_of(high: Digests, low: Digests) -> list[str]:
    pairs = zip(high.tolist(), low.tolist(), strict=True)
    return [f"{first:016x}{second:016x}" for first, second in pairs]


def test_the_streams_meet_what_they_are_for() -> None:
    met = {"hubs": 0, "refusals": 0, "merges": 0, "splits": 0, "shared": 0}
    for seed in range(12):
        rng = chance(seed)
        stream, state = Stream(), State()
        for step in range(STEPS):
            stream.change(rng, size=30, most=8 if step else 25)
            state = advance(state, stream.graph(), at=step)
        met["hubs"] += int(state.resolution.is_hub.sum())
        met["refusals"] += int((state.resolution.refusals.guard > 0).sum())
        met["merges"] += int((state.audit.change_type == MERGE).sum())
        met["splits"] += int((state.audit.change_type != MERGE).sum())
        met["shared"] += int(state.resolution.is_held.sum())
    assert all(met.values()), met


def chain(length: int) -> IdentityGraph:
    """Return a path of strong identifiers."""
    names = np.arange(length)
    empty = Stream().graph()
    return type(empty)(
        **{
            **{one.name: getattr(empty, one.name) for one in fields(empty)},
            "key_high": names.astype(np.uint64),
            "key_low": np.zeros(length, np.uint64),
            "tiers": np.zeros(length, np.int8),
            "max_holders": np.ones(length, np.int32),
            "first_seen": names,
            "left": names[:-1].astype(np.int32),
            "right": names[1:].astype(np.int32),
            "edge_tiers": np.zeros(length - 1, np.int8),
            "edge_ranks": names[:-1],
        }
    )


def test_a_long_path_breaks_where_an_edge_goes() -> None:
    whole = chain(10_000)
    state = advance(State(), whole, at=0)
    assert len(np.unique(state.numbers)) == 1
    cut = {name: np.delete(getattr(whole, name), 4_000) for name in ("left", "right")}
    cut |= {name: np.delete(getattr(whole, name), 4_000) for name in ("edge_tiers", "edge_ranks")}
    columns = {one.name: getattr(whole, one.name) for one in fields(whole)} | cut
    state = advance(state, type(whole)(**columns), at=1)
    assert np.unique(state.numbers, return_counts=True)[1].tolist() == [5_999, 4_001]
    assert state.audit.customer.tolist() == [1]
    assert (state.audit.left_high[0], state.audit.right_high[0]) == (4_000, 4_001)
