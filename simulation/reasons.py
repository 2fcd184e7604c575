"""The one reason that an ideal pipeline gives each received row."""

from dataclasses import dataclass, field

import numpy as np

from simulation.randomness import Array, Bools, Ints

REASONS = (
    "quarantined",
    "duplicate",
    "bot",
    "test",
    "expired_session",
    "stale",
    "erased",
    "kept",
)
KEPT = REASONS.index("kept")
_NO: Array = np.zeros(1, dtype=bool)


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What is true of each row, before the first reason wins.

    Args:
        record: Number of the thing the row is about; copies share it.
        received: Microseconds of the receipt.
        rest: Each flag has one value a row, or one for all.
    """

    record: Array
    received: Ints
    is_quarantined: Bools = field(default_factory=lambda: _NO)
    is_bot: Bools = field(default_factory=lambda: _NO)
    is_test: Bools = field(default_factory=lambda: _NO)
    is_expired: Bools = field(default_factory=lambda: _NO)
    is_stale: Bools = field(default_factory=lambda: _NO)
    is_erased: Bools = field(default_factory=lambda: _NO)


def judge(marks: Marks) -> Array:
    """Give each row the code (place in REASONS) of the first reason that holds.

    The survivor of a record is its first landed row by time of receipt; a row that never landed is
    nobody's original.
    """
    count = len(marks.record)
    quarantined = np.broadcast_to(marks.is_quarantined, count)
    order = np.lexsort((np.arange(count), marks.received, marks.record, quarantined))
    record = marks.record[order]
    repeats = np.zeros(count, dtype=bool)
    repeats[order[1:]] = record[1:] == record[:-1]
    flags = (
        quarantined,
        repeats & ~quarantined,
        marks.is_bot,
        marks.is_test,
        marks.is_expired,
        marks.is_stale,
        marks.is_erased,
    )
    return np.select(
        [np.broadcast_to(flag, count) for flag in flags], list(range(KEPT)), default=KEPT
    ).astype(np.int8)
