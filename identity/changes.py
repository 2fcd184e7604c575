"""What differs between the graph of the last publish and today's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from identity.digests import find_digests
from identity.graph import edge_codes

if TYPE_CHECKING:
    from identity.graph import Flags, IdentityGraph, Integers


@dataclass(frozen=True)
class Changes:
    """The way from one graph to another; identifiers keep their order.

    Attributes:
        former: position in the graph before, -1 for a new identifier; shape (identifiers,).
        later: position in the graph after, -1 for one that is gone; shape (identifiers before,).
        added: positions in the graph after of edges that were not there; shape (added,).
        withdrawn: positions in the graph before of edges that are not there; shape (withdrawn,).
        is_reguarded: an identifier whose guards differ; shape (identifiers,).
        is_touched: all that any difference touches directly; shape (identifiers,).
    """

    former: Integers
    later: Integers
    added: Integers
    withdrawn: Integers
    is_reguarded: Flags
    is_touched: Flags


def compare(before: IdentityGraph, after: IdentityGraph) -> Changes:
    """Find what differs."""
    if not len(before):
        return _all_new(after)
    former = find_digests((after.key_high, after.key_low), among=(before.key_high, before.key_low))
    later = np.full(len(before), -1, dtype=np.int32)
    later[former[former >= 0]] = np.flatnonzero(former >= 0)
    added, withdrawn = _compare_edges(before, after, later=later)
    is_reguarded = _compare_guards(before, after, later=later)
    return describe(
        before,
        after,
        former=former,
        later=later,
        added=added,
        withdrawn=withdrawn,
        is_reguarded=is_reguarded,
    )


def describe(
    before: IdentityGraph,
    after: IdentityGraph,
    *,
    former: Integers,
    later: Integers,
    added: Integers,
    withdrawn: Integers,
    is_reguarded: Flags,
) -> Changes:
    """Gather differences, and say which identifiers they touch."""
    is_touched = is_reguarded | (former < 0)
    kept = np.flatnonzero(former >= 0)
    for name in ("tiers", "max_holders", "first_seen"):
        differs = getattr(after, name)[kept] != getattr(before, name)[former[kept]]
        is_touched[kept[differs]] = True
    is_touched[after.left[added]] = True
    is_touched[after.right[added]] = True
    for ends in (before.left[withdrawn], before.right[withdrawn]):
        still = later[ends]
        is_touched[still[still >= 0]] = True
    return Changes(
        former=former,
        later=later,
        added=added,
        withdrawn=withdrawn,
        is_reguarded=is_reguarded,
        is_touched=is_touched,
    )


def _all_new(after: IdentityGraph) -> Changes:
    nothing = np.zeros(0, dtype=np.int32)
    return Changes(
        former=np.full(len(after), -1, dtype=np.int32),
        later=nothing,
        added=np.arange(len(after.left)),
        withdrawn=nothing,
        is_reguarded=np.zeros(len(after), dtype=np.bool_),
        is_touched=np.ones(len(after), dtype=np.bool_),
    )


def _compare_edges(
    before: IdentityGraph, after: IdentityGraph, *, later: Integers
) -> tuple[Integers, Integers]:
    left, right = later[before.left], later[before.right]
    remaining = np.flatnonzero((left >= 0) & (right >= 0))
    known = edge_codes(left[remaining], right[remaining], before.edge_tiers[remaining])
    codes = edge_codes(after.left, after.right, after.edge_tiers)
    # Mostly in order already, which a stable sort makes use of.
    known_order, order = np.argsort(known, kind="stable"), np.argsort(codes, kind="stable")
    known, codes = known[known_order], codes[order]
    place = np.minimum(np.searchsorted(known, codes), max(len(known) - 1, 0))
    same = np.zeros(len(codes), dtype=np.bool_)
    if len(known):
        was = remaining[known_order[place]]
        same = (known[place] == codes) & (before.edge_ranks[was] == after.edge_ranks[order])
    withdrawn = np.ones(len(before.left), dtype=np.bool_)
    withdrawn[remaining[known_order[place[same]]]] = False
    return np.sort(order[~same]), np.flatnonzero(withdrawn)


def _compare_guards(before: IdentityGraph, after: IdentityGraph, *, later: Integers) -> Flags:
    nodes = later[before.guard_nodes]
    still = nodes >= 0
    node = np.concatenate([nodes[still], after.guard_nodes])
    columns = [
        np.concatenate([getattr(before, name)[still], getattr(after, name)])
        for name in ("guard_types", "guard_values", "guard_is_verified")
    ]
    order = np.lexsort([*columns, node])
    node, columns = node[order], [column[order] for column in columns]
    # No graph has a guard twice, so a guard of both stands beside itself.
    twin = node[1:] == node[:-1]
    for column in columns:
        twin &= column[1:] == column[:-1]
    alone = np.ones(len(node), dtype=np.bool_)
    alone[1:] &= ~twin
    alone[:-1] &= ~twin
    is_reguarded = np.zeros(len(after), dtype=np.bool_)
    is_reguarded[node[alone]] = True
    return is_reguarded
