"""How records reach an export: delayed, repeated, late, too late."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulation.parameters import HOUR, MINUTE, SECOND
from simulation.randomness import Bools, Ints, at_least, between


@dataclass(frozen=True, kw_only=True)
class Habits:
    """A source's way of delivering; spans are microseconds (from, to).

    Args:
        usual: Delay of an ordinary row.
        late_share: Share delayed by `late`, inside the SLA.
        stale_share: Share delayed by `stale`, beyond the SLA.
        copy_share: Share delivered once more, `copy` after the first time.
    """

    usual: tuple[float, float] = (SECOND, 5 * SECOND)
    late_share: float = 0.0
    late: tuple[float, float] = (HOUR, 40 * HOUR)
    stale_share: float = 0.0
    stale: tuple[float, float] = (50 * HOUR, 90 * HOUR)
    copy_share: float = 0.0
    copy: tuple[float, float] = (2 * MINUTE, 30 * HOUR)


@dataclass(frozen=True)
class Deliveries:
    """One entry a delivered row.

    Args:
        record: Position of the delivered record.
        received: Microseconds of the receipt.
        copy: 0 for the first delivery, 1 for a repeat.
        is_late: Whether the delivery was held up, inside the SLA.
    """

    record: Ints
    received: Ints
    copy: Ints
    is_late: Bools

    def only(self, chosen: Ints) -> "Deliveries":
        """Take the entries at the given positions, in that order."""
        return Deliveries(
            self.record[chosen], self.received[chosen], self.copy[chosen], self.is_late[chosen]
        )


def deliver(
    rng: np.random.Generator, at: Ints, habits: Habits, *, spared: Bools | None = None
) -> Deliveries:
    """Draw the deliveries of records that happened `at` (microseconds).

    Args:
        rng: Source of chance.
        at: When each record happened.
        habits: The source's shares and spans.
        spared: Records that arrive once and in time, or None.

    Returns:
        First deliveries in the order of the records, then the repeats.
    """
    count = len(at)
    able = np.flatnonzero(~spared) if spared is not None else np.arange(count)
    received = at + between(rng, *habits.usual, count)
    is_late = np.zeros(count, dtype=bool)
    if habits.late_share:
        late = at_least(rng, habits.late_share, 2, able)
        received[late] = at[late] + between(rng, *habits.late, len(late))
        is_late[late] = True
    if habits.stale_share:
        stale = at_least(rng, habits.stale_share, 2, able)
        received[stale] = at[stale] + between(rng, *habits.stale, len(stale))
        is_late[stale] = False
    copied = np.zeros(0, dtype=np.int64)
    if habits.copy_share:
        copied = at_least(rng, habits.copy_share, 2, able)
    again = received[copied] + between(rng, *habits.copy, len(copied))
    return Deliveries(
        np.concatenate([np.arange(count), copied]),
        np.concatenate([received, again]),
        np.concatenate([np.zeros(count, dtype=np.int64), np.ones(len(copied), dtype=np.int64)]),
        np.concatenate([is_late, np.zeros(len(copied), dtype=bool)]),
    )


def break_some(
    rng: np.random.Generator, able: Bools, *, kinds: int, share: float = 0.0005
) -> npt.NDArray[np.int8]:
    """Draw which of the `able` records arrive broken, and how: 0 is sound, 1 to `kinds` are not.

    Each kind occurs at least twice where there are records enough.
    """
    code = np.zeros(len(able), dtype=np.int8)
    broken = rng.permutation(at_least(rng, share, 2 * kinds, np.flatnonzero(able)))
    code[broken] = np.resize(np.arange(1, kinds + 1), len(broken))
    return code
