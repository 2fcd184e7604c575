"""Weak identifiers (devices, anonymous ids): they attach to one customer and never fuse two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from identity.graph import WEAK, components
from identity.reviews import LINKED_TO_SEVERAL, SEVERAL_CUSTOMERS

if TYPE_CHECKING:
    from identity.graph import Flags, IdentityGraph, Integers
    from identity.reviews import Reviews


def attach_weak(
    graph: IdentityGraph,
    *,
    edges: Integers,
    labels: Integers,
    is_refused: Flags,
    reviews: Reviews,
) -> Integers:
    """Attach each weak identifier to the one customer that holds it.

    Held by several, it stands alone. Held by none, it makes an anonymous customer with the weak
    identifiers it is linked to, which attaches as a whole if exactly one customer holds one of
    those around it.

    Args:
        graph: identifiers, edges.
        edges: positions of the edges with a weak end; shape (edges,).
        labels: customer of each identifier so far; shape (identifiers,).
        is_refused: medium identifiers that stand alone and hold nothing; shape (identifiers,).
        reviews: takes what is refused.

    Returns:
        The customer of each identifier; shape (identifiers,).
    """
    node = np.concatenate([graph.left[edges], graph.right[edges]])
    other = np.concatenate([graph.right[edges], graph.left[edges]])
    asking = (graph.tiers[node] == WEAK) & ~is_refused[other]
    node, other = node[asking], other[asking]
    is_weak = graph.tiers[other] == WEAK

    holder = _single_holders(node[~is_weak], labels[other[~is_weak]])
    shared = holder[holder["holders"] > 1]
    for index, count in zip(shared.index, shared["holders"], strict=True):
        reviews.add(index, reason=SEVERAL_CUSTOMERS, holder_count=count)
    is_shared = np.zeros(len(graph), dtype=np.bool_)
    is_shared[shared.index] = True
    is_held = np.zeros(len(graph), dtype=np.bool_)
    is_held[holder.index] = True

    customers = labels.copy()
    single = holder[holder["holders"] == 1]
    customers[single.index] = single["label"].to_numpy(dtype=np.int64)

    free = is_weak & ~is_held[node]
    among = free & ~is_held[other]
    anonymous = components(len(graph), node[among], other[among])
    around = free & is_held[other] & ~is_shared[other]
    reach = _single_holders(anonymous[node[around]], customers[other[around]])
    for index in np.unique(node[around]):
        count = int(reach["holders"][anonymous[index]])
        if count > 1:
            reviews.add(index, reason=LINKED_TO_SEVERAL, holder_count=count)
    unheld = (graph.tiers == WEAK) & ~is_held
    customers[unheld] = anonymous[unheld]
    reached = reach[reach["holders"] == 1]["label"]
    attached = unheld & np.isin(anonymous, reached.index)
    customers[attached] = reached[anonymous[attached]].to_numpy(dtype=np.int64)
    return customers


def _single_holders(node: Integers, label: Integers) -> pd.DataFrame:
    """Count the distinct labels around each node.

    Returns:
        By node: `holders`, their number, and `label`, the smallest of them.
    """
    pairs = pd.DataFrame({"node": node, "label": label}).drop_duplicates()
    return pairs.groupby("node").agg(holders=("label", "size"), label=("label", "min"))
