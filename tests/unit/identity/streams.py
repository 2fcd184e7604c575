"""Identity graphs that change step by step, small and dense, so that every tier and guard meets."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from identity.graph import (
    COLUMN_TYPES,
    MATCHED,
    MEDIUM,
    STRONG,
    WEAK,
    IdentityGraph,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = (STRONG,) * 6 + (MEDIUM,) * 4 + (WEAK,) * 5
Edge = tuple[int, int, int]


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chance must be repeatable, not secret


def kind_of(name: int) -> int:
    return KINDS[name % len(KINDS)]


@dataclass
class Stream:
    """Identifiers are whole numbers; so are guards' types and values.

    Attributes:
        names: identifiers there are.
        edges: rank of each edge, by its ends and tier.
        guards: identifier, type, value, whether it is verified.
        limits: holders that a medium identifier may have, where it is not the usual number.
    """

    names: set[int] = field(default_factory=set)
    edges: dict[Edge, int] = field(default_factory=dict)
    guards: set[tuple[int, int, int, bool]] = field(default_factory=set)
    limits: dict[int, int] = field(default_factory=dict)

    def change(self, rng: random.Random, *, size: int, most: int) -> None:
        """Let edges, guards, limits and identifiers come and go."""
        for _ in range(rng.randrange(most)):
            left, right = sorted(rng.sample(range(size), 2))
            tier = max(kind_of(left), kind_of(right))
            odds = rng.random()
            if odds < 0.08:
                tier = STRONG
            elif odds < 0.2 and tier == STRONG:
                tier = MATCHED
            self.edges[left, right, tier] = rng.randrange(4)
            self.names |= {left, right}
        for edge in [edge for edge in sorted(self.edges) if rng.random() < 0.06]:
            del self.edges[edge]
        for name in [name for name in sorted(self.names) if rng.random() < 0.05]:
            if rng.random() < 0.5:
                self.names.discard(name)
            else:
                self.limits[name] = rng.randrange(1, 4)
        for guard in [guard for guard in sorted(self.guards) if rng.random() < 0.1]:
            self.guards.discard(guard)
        if self.names and rng.random() < 0.8:
            name = rng.choice(sorted(self.names))
            self.guards.add((name, rng.randrange(1, 3), rng.randrange(1, 4), rng.random() < 0.6))

    def graph(self, *, names: Sequence[int] | None = None) -> IdentityGraph:
        """Return the graph of all identifiers, or of some."""
        chosen = sorted(self.names if names is None else names)
        place = {name: position for position, name in enumerate(chosen)}
        edges = sorted(
            (place[left], place[right], tier, rank)
            for (left, right, tier), rank in self.edges.items()
            if left in place and right in place
        )
        guards = sorted((place[guard[0]], *guard[1:]) for guard in self.guards if guard[0] in place)
        limits = [self.limits.get(name, 1 + name % 2) for name in chosen]
        columns = {
            # Three digests begin alike.
            "key_high": [name // 3 for name in chosen],
            "key_low": [name % 3 for name in chosen],
            "tiers": [kind_of(name) for name in chosen],
            "max_holders": limits,
            "first_seen": [name * 7 % 5 for name in chosen],
            **dict(
                zip(("left", "right", "edge_tiers", "edge_ranks"), _columns(edges), strict=True)
            ),
            **dict(
                zip(
                    ("guard_nodes", "guard_types", "guard_values", "guard_is_verified"),
                    _columns(guards),
                    strict=True,
                )
            ),
        }
        return IdentityGraph(
            **{name: np.array(column, COLUMN_TYPES[name]) for name, column in columns.items()}
        )


def _columns(rows: Sequence[tuple[int, int, int, int]]) -> tuple[Sequence[int], ...]:
    return tuple(zip(*rows, strict=True)) if rows else ((), (), (), ())
