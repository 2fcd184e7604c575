"""How like the truth a partition is: pair by pair, and member by member (B-cubed)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Precision and recall of a partition.

    Args:
        pair_precision: Share of the pairs put together that belong together; 1 without pairs.
        pair_recall: Share of the pairs that belong together that were put together.
        member_precision: Share of a member's cluster that is truly with it, on average.
        member_recall: Share of a member's true cluster that is with it, on average.
        largest: Members of the largest cluster.
        largest_true: Members of the largest true cluster.
    """

    pair_precision: float
    pair_recall: float
    member_precision: float
    member_recall: float
    largest: int
    largest_true: int

    @property
    def pair_f1(self) -> float:
        """Give the harmonic mean of the two of pairs."""
        return _harmonic(self.pair_precision, self.pair_recall)

    @property
    def member_f1(self) -> float:
        """Give the harmonic mean of the two of members."""
        return _harmonic(self.member_precision, self.member_recall)


def score(found: Labels, true: Labels) -> Scores:
    """Compare a partition with the truth, from the sizes of clusters alone.

    Args:
        found: The cluster of each member; shape (members,), at least one.
        true: Its true cluster; shape (members,).
    """
    count = len(found)
    _, found_codes, found_sizes = np.unique(found, return_inverse=True, return_counts=True)
    _, true_codes, true_sizes = np.unique(true, return_inverse=True, return_counts=True)
    cells = found_codes.astype(np.int64) * len(true_sizes) + true_codes
    cell, both = np.unique(cells, return_counts=True)
    within_found = found_sizes[cell // len(true_sizes)]
    within_true = true_sizes[cell % len(true_sizes)]
    right = _pairs(both)
    return Scores(
        pair_precision=_share(right, _pairs(found_sizes)),
        pair_recall=_share(right, _pairs(true_sizes)),
        member_precision=float((both**2 / within_found).sum() / count),
        member_recall=float((both**2 / within_true).sum() / count),
        largest=int(found_sizes.max()),
        largest_true=int(true_sizes.max()),
    )


def _pairs(sizes: Labels) -> int:
    return int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
