"""One step: from the state of the last publish and today's graph to today's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from identity.audit import Gone, Past, survivors
from identity.causes import explain
from identity.changes import compare
from identity.digests import find_digests
from identity.durable_ids import assign_numbers
from identity.reassessment import reassess
from identity.state import State

if TYPE_CHECKING:
    from identity.changes import Changes
    from identity.graph import Flags, IdentityGraph, Integers


def advance(state: State, graph: IdentityGraph, *, at: int) -> State:
    """Resolve today's graph; the first time all of it is new.

    Args:
        state: the last publish.
        graph: today's identifiers, edges, guards.
        at: the moment it is looked from, in microseconds since 1970 UTC.
    """
    return advance_by(state, graph, changes=compare(state.graph, graph), at=at)


def advance_by(state: State, graph: IdentityGraph, *, changes: Changes, at: int) -> State:
    """Resolve a graph whose difference from the state's is known.

    Args:
        state: the last publish.
        graph: today's identifiers, edges, guards.
        changes: from the state's graph to this one.
        at: microseconds since 1970 UTC.
    """
    resolution = reassess(graph, changes=changes, before=state.resolution)
    former = _former_numbers(state, graph, changes=changes)
    reached = _reached(state, changes=changes, customers=resolution.customers, former=former)
    numbers = former.copy()
    numbers[reached], next_number = assign_numbers(
        _as_positions(resolution.customers[reached], among=np.flatnonzero(reached)),
        former=former[reached],
        first_seen=graph.first_seen[reached],
        next_number=state.next_number,
    )
    kept = changes.former >= 0
    stays = kept.copy()
    stays[kept] = numbers[kept] == state.numbers[changes.former[kept]]
    since = np.full(len(graph), at, dtype=np.int64)
    since[stays] = state.since[changes.former[stays]]
    return State(
        graph=graph,
        resolution=resolution,
        numbers=numbers,
        since=since,
        gone=_gone(state, graph, changes=changes),
        past=state.past.and_then(_ended(state, changes=changes, stays=stays, at=at)),
        audit=state.audit.and_then(
            explain(
                state,
                graph,
                changes=changes,
                former=former,
                numbers=numbers,
                at=at,
            )
        ),
        next_number=next_number,
    )


def _former_numbers(state: State, graph: IdentityGraph, *, changes: Changes) -> Integers:
    """Look up the number each identifier's customer has; 0 for none; shape (identifiers,).

    Whoever comes back to a customer that was merged away comes back to the one that goes on.
    """
    numbers = np.zeros(len(graph), dtype=np.int64)
    kept = changes.former >= 0
    numbers[kept] = state.numbers[changes.former[kept]]
    new = np.flatnonzero(~kept)
    place = find_digests(
        (graph.key_high[new], graph.key_low[new]), among=(state.gone.key_high, state.gone.key_low)
    )
    back = place >= 0
    last = state.gone.number[place[back]]
    retired, heirs = survivors(state.audit)
    if len(retired):
        at = np.minimum(np.searchsorted(retired, last), len(retired) - 1)
        last = np.where(retired[at] == last, heirs[at], last)
    numbers[new[back]] = last
    return numbers


def _reached(state: State, *, changes: Changes, customers: Integers, former: Integers) -> Flags:
    """Flag the identifiers of all customers whose number may be another; shape (identifiers,)."""
    reached = changes.former < 0
    if len(state.numbers):
        reached |= changes.later[state.resolution.customers[changes.former]] != customers
    numbers = np.zeros(state.next_number, dtype=np.bool_)
    numbers[former[reached]] = True
    numbers[0] = False
    members = np.zeros(len(customers), dtype=np.bool_)
    members[customers[reached]] = True
    all_reached: Flags = numbers[former] | members[customers]
    return all_reached


def _as_positions(customers: Integers, *, among: Integers) -> Integers:
    """Name customers by the position of their smallest member in an ascending list of identifiers.

    All of a customer's identifiers are in the list, or none.
    """
    if len(among) and among[-1] == len(among) - 1:
        # All are in the list.
        return customers
    return np.searchsorted(among, customers).astype(np.int32)


def _gone(state: State, graph: IdentityGraph, *, changes: Changes) -> Gone:
    gone = state.gone
    is_back = find_digests((gone.key_high, gone.key_low), among=(graph.key_high, graph.key_low))
    leaving = changes.later < 0
    listed = gone.where(is_back < 0).and_then(
        Gone(
            key_high=state.graph.key_high[leaving],
            key_low=state.graph.key_low[leaving],
            number=state.numbers[leaving],
        )
    )
    order = np.lexsort((listed.key_low, listed.key_high))
    return Gone(listed.key_high[order], listed.key_low[order], listed.number[order])


def _ended(state: State, *, changes: Changes, stays: Flags, at: int) -> Past:
    """List what was true of identifiers until now and is not any more."""
    ended = np.ones(len(state.numbers), dtype=np.bool_)
    ended[changes.former[stays]] = False
    # What began at this same moment never was.
    ended &= state.since < at
    return Past(
        key_high=state.graph.key_high[ended],
        key_low=state.graph.key_low[ended],
        number=state.numbers[ended],
        valid_from=state.since[ended],
        valid_to=np.full(int(ended.sum()), at, dtype=np.int64),
    )
