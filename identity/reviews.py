"""What the resolver refused, and why: for people to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identity.graph import Digests, Integers

TOO_MANY_HOLDERS, SEVERAL_CUSTOMERS, LINKED_TO_SEVERAL, GUARDED = 0, 1, 2, 3
REASONS = (
    "more_holders_than_allowed",
    "held_by_several_customers",
    "linked_to_several_customers",
    "guard",
)
NOBODY = -1


@dataclass(frozen=True)
class Refusals:
    """Refused identifiers and refused edges; `a` and `b` are as good as `b` and `a`.

    Attributes:
        node: the identifier, of an edge its smaller end; shape (refusals,), as all.
        other: the other end of a refused edge; `NOBODY` where an identifier itself was refused.
        reason: of `REASONS`, by position.
        guard: digest of the type of the guard that forbade it, 0 where none did.
        tier: of the refused, of `TIER_NAMES` by position.
        holders: parties it would have made one.
    """

    node: Integers
    other: Integers
    reason: Integers
    guard: Digests
    tier: Integers
    holders: Integers

    def __len__(self) -> int:
        return len(self.node)


REFUSAL_TYPES = {
    "node": np.int32,
    "other": np.int32,
    "reason": np.int8,
    "guard": np.uint64,
    "tier": np.int8,
    "holders": np.int32,
}


@dataclass
class Reviews:
    """Collects refusals while customers are made."""

    _chunks: list[Refusals] = field(default_factory=list)

    def add(
        self,
        node: Integers,
        *,
        reason: int,
        tier: int,
        holders: Integers,
        other: Integers | None = None,
        guard: Digests | None = None,
    ) -> None:
        """Note refusals of one kind; the arrays are of one shape."""
        size = len(node)
        self._chunks.append(
            Refusals(
                node=node.astype(np.int32),
                other=np.full(size, NOBODY, np.int32) if other is None else other.astype(np.int32),
                reason=np.full(size, reason, np.int8),
                guard=np.zeros(size, np.uint64) if guard is None else guard,
                tier=np.full(size, tier, np.int8),
                holders=holders.astype(np.int32),
            )
        )

    def refusals(self) -> Refusals:
        """Return all, in order."""
        return in_order(self._chunks)


def in_order(chunks: Sequence[Refusals]) -> Refusals:
    """Put refusals together, in the order of identifier, other end, tier and reason."""
    joined = {
        name: np.concatenate(
            [np.zeros(0, kind), *(getattr(one, name) for one in chunks)], dtype=kind
        )
        for name, kind in REFUSAL_TYPES.items()
    }
    order = np.lexsort((joined["reason"], joined["tier"], joined["other"], joined["node"]))
    return Refusals(**{name: column[order] for name, column in joined.items()})
