"""What became of customers in one step, and which difference in the data brought it about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from identity.audit import (
    EDGE_ADDED,
    EDGE_WITHDRAWN,
    GUARD,
    LIMIT,
    MERGE,
    MOVE,
    SPLIT,
    Audit,
)

if TYPE_CHECKING:
    from identity.changes import Changes
    from identity.graph import Flags, IdentityGraph, Integers
    from identity.state import State


@dataclass(frozen=True)
class _Causes:
    """Differences by the customer they are about; the first of each customer is at the front.

    Attributes:
        cause: of `identity.audit.CAUSES`, by position.
        about: number of the customer before; shape (differences,), as the next.
        digests: of both ends; shape (differences, 4).
    """

    cause: int
    about: Integers
    digests: Integers


def explain(
    state: State,
    graph: IdentityGraph,
    *,
    changes: Changes,
    former: Integers,
    numbers: Integers,
    at: int,
) -> Audit:
    """List the merges, splits and moves of one step, each with its cause.

    Args:
        state: before the step.
        graph: after it.
        changes: from the one to the other.
        former: number of each identifier's customer before, 0 for none; shape (identifiers,).
        numbers: the number after; shape (identifiers,).
        at: microseconds since 1970 UTC.
    """
    left_from, became, size, smallest = _transitions(former, numbers)
    if not len(left_from):
        return Audit.empty()
    is_alive = np.isin(left_from, numbers[np.isin(numbers, left_from)])
    order = np.lexsort((smallest, -size, left_from))
    is_heir = np.zeros(len(left_from), dtype=np.bool_)
    is_heir[order[np.unique(left_from[order], return_index=True)[1]]] = True
    is_merge = ~is_alive & is_heir
    kind = np.where(is_merge, MERGE, np.where(became >= state.next_number, SPLIT, MOVE))
    added = _added(graph, changes=changes, former=former, numbers=numbers)
    withdrawn = _withdrawn(state, changes=changes)
    guarded = _guarded(graph, changes=changes, former=former)
    cause = np.full(len(left_from), LIMIT, dtype=np.int8)
    digests = np.zeros((len(left_from), 4), dtype=np.uint64)
    # The likeliest is written last: an edge that is there joins, one that is not separates.
    for causes, explained in (
        (guarded, np.ones(len(kind), dtype=np.bool_)),
        (withdrawn, is_merge),
        (added, ~is_merge),
        (added, is_merge),
        (withdrawn, ~is_merge),
    ):
        for about in (became, left_from):
            _write(cause, digests, causes=causes, about=about, explained=explained)
    return Audit(
        changed_at=np.full(len(kind), at, dtype=np.int64),
        change_type=kind.astype(np.int8),
        customer=np.where(is_merge, became, left_from),
        other=np.where(is_merge, left_from, became),
        cause=cause,
        left_high=digests[:, 0],
        left_low=digests[:, 1],
        right_high=digests[:, 2],
        right_low=digests[:, 3],
    )


def _transitions(
    former: Integers, numbers: Integers
) -> tuple[Integers, Integers, Integers, Integers]:
    """Gather the identifiers that changed customers.

    Returns:
        By number before, then after: both, how many identifiers, and the first of them.
    """
    moved = np.flatnonzero((former > 0) & (former != numbers))
    order = moved[np.lexsort((moved, numbers[moved], former[moved]))]
    before, after = former[order], numbers[order]
    starts = np.ones(len(order), dtype=np.bool_)
    starts[1:] = (before[1:] != before[:-1]) | (after[1:] != after[:-1])
    first = np.flatnonzero(starts)
    size = np.diff(np.append(first, len(order)))
    return before[first], after[first], size, order[first]


def _added(
    graph: IdentityGraph, *, changes: Changes, former: Integers, numbers: Integers
) -> _Causes:
    """New edges inside one customer that tie what was another's."""
    edges = changes.added
    edges = edges[np.lexsort((edges, graph.edge_ranks[edges], graph.edge_tiers[edges]))]
    left, right = graph.left[edges], graph.right[edges]
    ties = (numbers[left] == numbers[right]) & (former[left] != former[right])
    left, right = left[ties], right[ties]
    digests = _digests(graph, left, right)
    return _causes(EDGE_ADDED, (former[left], digests), (former[right], digests))


def _withdrawn(state: State, *, changes: Changes) -> _Causes:
    before = state.graph
    edges = changes.withdrawn
    edges = edges[np.lexsort((edges, before.edge_ranks[edges], before.edge_tiers[edges]))]
    left, right = before.left[edges], before.right[edges]
    digests = _digests(before, left, right)
    return _causes(EDGE_WITHDRAWN, (state.numbers[left], digests), (state.numbers[right], digests))


def _guarded(graph: IdentityGraph, *, changes: Changes, former: Integers) -> _Causes:
    nodes = np.flatnonzero(changes.is_reguarded)
    digests = _digests(graph, nodes, nodes)
    digests[:, 2:] = 0
    return _causes(GUARD, (former[nodes], digests))


def _digests(graph: IdentityGraph, left: Integers, right: Integers) -> Integers:
    return np.stack(
        [graph.key_high[left], graph.key_low[left], graph.key_high[right], graph.key_low[right]],
        axis=1,
    )


def _causes(cause: int, *ends: tuple[Integers, Integers]) -> _Causes:
    about = np.concatenate([number for number, _ in ends])
    digests = np.concatenate([found for _, found in ends])
    numbers, first = np.unique(about, return_index=True)
    return _Causes(cause=cause, about=numbers, digests=digests[first])


def _write(
    cause: Integers,
    digests: Integers,
    *,
    causes: _Causes,
    about: Integers,
    explained: Flags,
) -> None:
    if not len(causes.about):
        return
    place = np.minimum(np.searchsorted(causes.about, about), len(causes.about) - 1)
    found = explained & (about > 0) & (causes.about[place] == about)
    cause[found] = causes.cause
    digests[found] = causes.digests[place[found]]
