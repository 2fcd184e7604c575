"""Whether an effect wears off, or grows, as the same customers get used to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inference.experiments.lifts import LEVEL, Lift, ratio_lift
from inference.experiments.sums import Sums

if TYPE_CHECKING:
    from numpy.typing import NDArray


def novelty_lift(treatment: Sums, holdout: Sums, *, level: float = LEVEL) -> Lift:
    """Compare how much customers change from their first week to the later ones.

    The change of the lift, its interval allowing for both weeks being of the same customers. That a
    later lift is half the first, the common rule, happens by chance to every third one that is
    constant.

    Args:
        treatment: sums of customers watched through week 1 and at least one week from week 3 on:
            y their weekly mean from week 3 on, c their week 1 (or y the
            change itself and c 0); x and d are not read.
        holdout: the same in the holdout.
        level: of the interval, between 0 and 1.

    Returns:
        The arms' mean changes; `absolute` is the lift from week 3 on minus that of week 1.
    """
    return ratio_lift(_changes(treatment), _changes(holdout), level=level)


def is_changing(change: Lift) -> NDArray[np.bool_]:
    """Say whether the lift changed by more than chance: its interval has not 0 in it."""
    return np.asarray((change.ci_lower > 0) | (change.ci_upper < 0))


def _changes(sums: Sums) -> Sums:
    return Sums.of_means(sums.n, sums.y - sums.c, sums.yy - 2 * sums.yc + sums.cc)
