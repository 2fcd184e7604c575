"""What the resolver refused, and why: for people to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from identity.graph import TIER_NAMES

if TYPE_CHECKING:
    from identity.graph import IdentityGraph

TOO_MANY_HOLDERS = "more_holders_than_allowed"
SEVERAL_CUSTOMERS = "held_by_several_customers"
LINKED_TO_SEVERAL = "linked_to_several_customers"

REVIEWS = pa.schema(
    [
        pa.field("identifier_key", pa.string(), nullable=False),
        pa.field("identifier_type", pa.string(), nullable=False),
        pa.field("tier", pa.string(), nullable=False),
        pa.field("holder_count", pa.int32(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
    ]
)


@dataclass
class Reviews:
    """Refusals, one per identifier and reason."""

    _holders: dict[tuple[int, str], int] = field(default_factory=dict)

    def add(self, node: int, *, reason: str, holder_count: int) -> None:
        """Note a refusal.

        Args:
            node: the identifier.
            reason: why, in words fit for a column.
            holder_count: parties it would have made one.
        """
        self._holders[int(node), reason] = int(holder_count)

    def add_guarded(self, node: int, *, guard: str, holder_count: int) -> None:
        """Note what a guard refused; repeated refusals of one identifier add up their parties."""
        reason = f"guard_{guard}"
        further = holder_count - 1
        known = self._holders.get((int(node), reason), 1)
        self._holders[int(node), reason] = known + further

    def to_table(self, graph: IdentityGraph) -> pa.Table:
        """Return all refusals as a table of schema `REVIEWS`, by identifier and reason."""
        rows = [
            {
                "identifier_key": graph.keys[node],
                "identifier_type": graph.types[node],
                "tier": TIER_NAMES[graph.tiers[node]],
                "holder_count": count,
                "reason": reason,
            }
            for (node, reason), count in sorted(self._holders.items())
        ]
        return pa.Table.from_pylist(rows, schema=REVIEWS)
