"""Who was whose, and why it changed: kept for good, and only ever added to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from identity.graph import Digests, Integers

MERGE, SPLIT, MOVE = 0, 1, 2
CHANGE_TYPES = ("merge", "split", "move")
EDGE_ADDED, EDGE_WITHDRAWN, GUARD, LIMIT = 0, 1, 2, 3
CAUSES = ("edge_added", "edge_withdrawn", "guard", "limit")

_COLUMN_TYPES = {
    "key_high": np.uint64,
    "key_low": np.uint64,
    "left_high": np.uint64,
    "left_low": np.uint64,
    "right_high": np.uint64,
    "right_low": np.uint64,
    "change_type": np.int8,
    "cause": np.int8,
}
_Table = TypeVar("_Table", bound="_Columns")


class _Columns:
    """Arrays of one length, a table."""

    @classmethod
    def empty(cls: type[_Table]) -> _Table:
        """Return the table without rows."""
        return cls(
            **{
                one.name: np.zeros(0, _COLUMN_TYPES.get(one.name, np.int64))
                for one in fields(cls)  # type: ignore[arg-type]
            }
        )

    def and_then(self: _Table, later: _Table) -> _Table:
        """Return the rows of both, those of `later` last."""
        return type(self)(
            **{
                one.name: np.concatenate([getattr(self, one.name), getattr(later, one.name)])
                for one in fields(self)  # type: ignore[arg-type]
            }
        )

    def where(self: _Table, chosen: NDArray[np.bool_]) -> _Table:
        """Return the chosen rows."""
        return type(self)(
            **{one.name: getattr(self, one.name)[chosen] for one in fields(self)}  # type: ignore[arg-type]
        )


@dataclass(frozen=True)
class Gone(_Columns):
    """Identifiers that are not in the data any more, by digest.

    Attributes:
        key_high: first half of the digest; shape (gone,), as all.
        key_low: its second half.
        number: of the customer it was last.
    """

    key_high: Digests
    key_low: Digests
    number: Integers


@dataclass(frozen=True)
class Past(_Columns):
    """Whose identifiers were before; a row for each time that ended.

    Attributes:
        key_high: first half of the digest; shape (rows,), as all.
        key_low: its second half.
        number: of the customer it was.
        valid_from: microseconds since 1970 UTC, from when on.
        valid_to: until just before when.
    """

    key_high: Digests
    key_low: Digests
    number: Integers
    valid_from: Integers
    valid_to: Integers


@dataclass(frozen=True)
class Audit(_Columns):
    """Changes of customers, in the order in which they came.

    Attributes:
        changed_at: microseconds since 1970 UTC; shape (changes,), as all.
        change_type: of `CHANGE_TYPES`, by position. In a merge all that was left of `other` became
            `customer`'s; in a split and a move identifiers of `customer` became `other`'s, who is
            new or was there.
        customer: number of the customer that goes on.
        other: number of the other one.
        cause: of `CAUSES`, by position.
        left_high: first half of the digest of one end of the edge, or of what is guarded, that
            caused it; 0 in all four where none did.
        left_low: its second half.
        right_high: first half of the other end; 0 where the cause has none.
        right_low: its second half.
    """

    changed_at: Integers
    change_type: Integers
    customer: Integers
    other: Integers
    cause: Integers
    left_high: Digests
    left_low: Digests
    right_high: Digests
    right_low: Digests


def survivors(audit: Audit) -> tuple[Integers, Integers]:
    """Resolve the chains of merges.

    Returns:
        The numbers that were merged away, ascending, and for each the number that goes on now.
    """
    is_merge = audit.change_type == MERGE
    retired, heirs = audit.other[is_merge], audit.customer[is_merge]
    order = np.argsort(retired)
    retired, heirs = retired[order], heirs[order]
    while len(retired):
        # An heir is older than whom it survives, so this ends.
        place = np.minimum(np.searchsorted(retired, heirs), len(retired) - 1)
        is_retired = retired[place] == heirs
        if not is_retired.any():
            break
        heirs = np.where(is_retired, heirs[place], heirs)
    return retired, heirs
