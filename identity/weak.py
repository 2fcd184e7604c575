"""Weak identifiers (devices, anonymous ids): they attach to one customer and never fuse two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from identity.graph import WEAK, distinct_pairs, join
from identity.reviews import LINKED_TO_SEVERAL, SEVERAL_CUSTOMERS

if TYPE_CHECKING:
    from identity.graph import Flags, IdentityGraph, Integers
    from identity.reviews import Reviews


@dataclass(frozen=True)
class WeakAttachments:
    """The state after weak identifiers have attached.

    Attributes:
        customers: customer of each identifier; shape (identifiers,), as the next two.
        anonymous: weak identifiers that nobody holds, grouped: the smallest of each group.
            Every other identifier is a group of its own.
        is_held: the weak identifier has a holder, one or several.
    """

    customers: Integers
    anonymous: Integers
    is_held: Flags


def attach_weak(
    graph: IdentityGraph,
    *,
    edges: Integers,
    labels: Integers,
    is_floating: Flags,
    is_refused: Flags,
    reviews: Reviews,
) -> WeakAttachments:
    """Attach each weak identifier to the one customer that holds it.

    Held by several, it stands alone. Held by none, it makes an anonymous customer with the weak
    identifiers it is linked to, which attaches as a whole if exactly one customer holds one of
    those around it.

    Args:
        graph: identifiers, edges.
        edges: positions of the weak edges; shape (edges,).
        labels: customer of each identifier so far; shape (identifiers,).
        is_floating: weak, and no strong edge says whose it is; shape (identifiers,).
        is_refused: medium identifiers that stand alone and hold nothing; shape (identifiers,).
        reviews: takes what is refused.
    """
    size = len(graph)
    node = np.concatenate([graph.left[edges], graph.right[edges]])
    other = np.concatenate([graph.right[edges], graph.left[edges]])
    asking = is_floating[node] & ~is_refused[other]
    node, other = node[asking], other[asking]
    is_weak = is_floating[other]

    count, label = _holders(size, node[~is_weak], labels[other[~is_weak]])
    is_held, is_shared = count > 0, count > 1
    shared = np.flatnonzero(is_shared)
    reviews.add(shared, reason=SEVERAL_CUSTOMERS, tier=WEAK, holders=count[shared])
    customers = np.where(count == 1, label, labels)

    node, other = node[is_weak], other[is_weak]
    free = ~is_held[node]
    among = free & ~is_held[other]
    anonymous = join(np.arange(size, dtype=np.int32), node[among], other[among])
    around = free & is_held[other] & ~is_shared[other]
    count, label = _holders(size, anonymous[node[around]], customers[other[around]])
    is_around = np.zeros(size, dtype=np.bool_)
    is_around[node[around]] = True
    between = np.flatnonzero(is_around & (count[anonymous] > 1))
    reviews.add(between, reason=LINKED_TO_SEVERAL, tier=WEAK, holders=count[anonymous[between]])
    unheld = np.flatnonzero(is_floating & ~is_held)
    group = anonymous[unheld]
    customers[unheld] = np.where(count[group] == 1, label[group], group)
    return WeakAttachments(customers=customers, anonymous=anonymous, is_held=is_held)


def _holders(size: int, node: Integers, label: Integers) -> tuple[Integers, Integers]:
    """Count the distinct labels around each node.

    Returns:
        Their number, and the smallest of them (0 where there is none); both of shape (size,).
    """
    node, label = distinct_pairs(node, label)
    count = np.bincount(node, minlength=size).astype(np.int32)
    smallest = np.zeros(size, dtype=np.int32)
    smallest[node[::-1]] = label[::-1]
    return count, smallest
