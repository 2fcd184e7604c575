"""Digests as pairs of integers, and the two things that are done with millions of them.

A digest's bits are spread evenly. So the place of one among the sorted is found by proportion, and
its first bits alone put nearly all in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from identity.graph import Digests, Integers

_BITS = 64
_STEPS = 16
"""How many neighbours are looked at before a place is sought by halving."""


def digest_sql(column: str) -> str:
    """Turn a digest's text into its 16 bytes; what is no digest has zeros only."""
    return (
        f"coalesce(case when length({column}) = 32 then try(unhex({column})) end, "
        "unhex(repeat('0', 32)))"
    )


def halves(column: pa.ChunkedArray) -> tuple[Digests, Digests]:
    """Read digests' bytes as two integers each.

    Args:
        column: of `digest_sql`; shape (rows,).

    Returns:
        The first and the second half of each; both of shape (rows,).
    """
    high, low = (np.empty(len(column), dtype=np.uint64) for _ in range(2))
    done = 0
    for chunk in column.cast(pa.binary()).chunks:
        words = np.frombuffer(chunk.buffers()[2], dtype=">u8")
        rows = words[2 * chunk.offset : 2 * (chunk.offset + len(chunk))]
        high[done : done + len(chunk)] = rows[0::2]
        low[done : done + len(chunk)] = rows[1::2]
        done += len(chunk)
    return high, low


def order_rows(columns: tuple[Integers, ...], *, leading: Digests) -> Integers:
    """Order rows by columns, the first column first.

    Args:
        columns: shape (rows,) each.
        leading: rises with them, and its first bits tell nearly all rows apart: rows are sorted by
            these and their number in one integer, and only those alike by the columns themselves.

    Returns:
        Row of each position; shape (rows,).
    """
    size = len(leading)
    for_row = np.uint64(max(size - 1, 1).bit_length())
    row = np.uint64((1 << int(for_row)) - 1)
    packed = np.sort((leading & ~row) | np.arange(size, dtype=np.uint64))
    order = (packed & row).astype(np.int64)
    packed >>= for_row
    is_like_next = packed[1:] == packed[:-1]
    is_doubtful = np.zeros(size, dtype=np.bool_)
    is_doubtful[1:] = is_like_next
    is_doubtful[:-1] |= is_like_next
    places = np.flatnonzero(is_doubtful)
    rows = order[places]
    order[places] = rows[np.lexsort([column[rows] for column in reversed(columns)])]
    return order


class DigestIndex:
    """Finds digests in an ascending list of them."""

    def __init__(self, high: Digests, low: Digests) -> None:
        """Count how many of the list begin with which bits.

        Args:
            high: first half of each, ascending with the second; shape (listed,).
            low: second half.
        """
        self._high, self._low = high, low
        bits = max(len(high) - 1, 1).bit_length()
        self._shift = np.uint64(_BITS - bits)
        counts = np.bincount((high >> self._shift).astype(np.intp), minlength=1 << bits)
        self._starts = np.cumsum(counts) - counts
        self._ended = np.append(high, np.iinfo(np.uint64).max)

    def find(self, high: Digests, low: Digests) -> Integers:
        """Find digests, given by their halves.

        Returns:
            Position of each in the list, -1 where it is not there; shape (sought,).
        """
        place = self._starts[(high >> self._shift).astype(np.intp)]
        waiting = np.flatnonzero(self._ended[place] < high)
        for _ in range(_STEPS):
            if not len(waiting):
                break
            further = place[waiting] + 1
            place[waiting] = further
            waiting = waiting[self._ended[further] < high[waiting]]
        place[waiting] = np.searchsorted(self._high, high[waiting])
        return _confirmed(place, (high, low), among=(self._high, self._low))


def find_digests(sought: tuple[Digests, Digests], *, among: tuple[Digests, Digests]) -> Integers:
    """Find digests once in an ascending list of them, both given by their halves.

    Returns:
        Position of each, -1 where it is not there; shape (sought,).
    """
    if len(sought[0]) * _STEPS > len(among[0]):
        return DigestIndex(*among).find(*sought)
    return _confirmed(np.searchsorted(among[0], sought[0]), sought, among=among)


def _confirmed(
    place: Integers, sought: tuple[Digests, Digests], *, among: tuple[Digests, Digests]
) -> Integers:
    """Compare whole digests, from the first place on where one that begins alike may be."""
    high, low = sought
    known_high, known_low = among
    if not len(known_high):
        return np.full(len(high), -1, dtype=np.int32)
    np.minimum(place, len(known_high) - 1, out=place)
    begins_alike = known_high[place] == high
    is_hit = begins_alike & (known_low[place] == low)
    found = np.where(is_hit, place, -1).astype(np.int32)
    waiting = np.flatnonzero(begins_alike & ~is_hit)
    while len(waiting):
        # Two digests may begin alike.
        place[waiting] += 1
        waiting = waiting[place[waiting] < len(known_high)]
        waiting = waiting[known_high[place[waiting]] == high[waiting]]
        is_hit = known_low[place[waiting]] == low[waiting]
        found[waiting[is_hit]] = place[waiting[is_hit]]
        waiting = waiting[~is_hit]
    return found
