"""Customer ids that last: the oldest survives a merge, the largest part keeps it in a split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from identity.graph import Flags, Integers


def assign_numbers(
    customers: Integers, *, former: Integers, first_seen: Integers, next_number: int
) -> tuple[Integers, int]:
    """Give each customer its number.

    A former number goes to the customer that has most of its identifiers (a tie to the one with the
    smallest key). A customer with several takes the smallest, the oldest; one with none, the next
    unused, the earliest seen first.

    Args:
        customers: customer of each identifier, named by its smallest member; shape (identifiers,).
        former: former number of each identifier, 0 for none; shape (identifiers,).
        first_seen: microseconds; shape (identifiers,).
        next_number: smallest number never given.

    Returns:
        The number of each identifier's customer (shape (identifiers,)) and the next unused number.
    """
    given = np.zeros(len(customers), dtype=np.int64)
    keepers, kept = _keepers(customers, former)
    given[keepers] = kept
    born = np.flatnonzero(given[customers] == 0)
    earliest = np.full(len(customers), np.iinfo(np.int64).max)
    np.minimum.at(earliest, customers[born], first_seen[born])
    named = born[customers[born] == born]
    by_sight = named[np.argsort(earliest[named], kind="stable")]
    given[by_sight] = next_number + np.arange(len(by_sight))
    return given[customers], next_number + len(by_sight)


def _keepers(customers: Integers, former: Integers) -> tuple[Integers, Integers]:
    """Find the customers that keep a former number, and the number each keeps."""
    known = np.flatnonzero(former > 0)
    if not len(known):
        return known, known
    order = known[np.lexsort((known, customers[known], former[known]))]
    starts = np.flatnonzero(_firsts(former[order], customers[order]))
    size = np.diff(np.append(starts, len(order)))
    part = order[starts]
    by_size = np.lexsort((part, -size, former[part]))
    largest = part[by_size][_firsts(former[part][by_size])]
    oldest = largest[np.lexsort((former[largest], customers[largest]))]
    oldest = oldest[_firsts(customers[oldest])]
    return customers[oldest], former[oldest]


def _firsts(*columns: Integers) -> Flags:
    """Flag the first of each run of equal values."""
    starts = np.ones(len(columns[0]), dtype=np.bool_)
    if len(starts):
        starts[1:] = False
        for column in columns:
            starts[1:] |= column[1:] != column[:-1]
    return starts
