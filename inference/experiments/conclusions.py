"""What follows from a lift whose readout may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

WORKS, HARM, NEUTRAL, INCONCLUSIVE = "works", "harm", "neutral", "inconclusive"


def conclude(
    lift: Floats,
    ci_lower: Floats,
    ci_upper: Floats,
    *,
    minimum: ArrayLike,
    is_lower_better: ArrayLike = False,
    is_significant: ArrayLike = True,
) -> NDArray[np.object_]:
    """Hold lifts against their declared minimum effects.

    Args:
        lift: absolute or relative, as the minimum is; shape (readouts,), as the others.
        ci_lower: its lower bound.
        ci_upper: its upper bound.
        minimum: declared minimum effect, above 0.
        is_lower_better: whether less is better, as of waits and opt-outs.
        is_significant: whether the lift also holds among all that were looked at (FDR); a segment
            whose does not neither works nor harms.

    Returns:
        Shape (readouts,), the first that holds: `works` (the interval is on the better side of 0,
        the lift at least the minimum), `harm` (it is on the worse side), `neutral` (it is within
        ± the minimum), else `inconclusive`; None where there is no interval.
    """
    flip = np.asarray(is_lower_better, dtype=np.bool_)
    point = np.where(flip, -lift, lift)
    lower, upper = np.where(flip, -ci_upper, ci_lower), np.where(flip, -ci_lower, ci_upper)
    least = np.asarray(minimum, dtype=np.float64)
    is_real = np.asarray(is_significant, dtype=np.bool_)
    found = np.select(
        [
            np.isnan(lower) | np.isnan(upper),
            is_real & (lower > 0) & (point >= least),
            is_real & (upper < 0),
            (lower > -least) & (upper < least),
        ],
        ["", WORKS, HARM, NEUTRAL],
        INCONCLUSIVE,
    ).astype(np.object_)
    found[found == ""] = None
    return found


def is_harmful(
    ci_lower: Floats, ci_upper: Floats, *, is_lower_better: ArrayLike
) -> NDArray[np.bool_]:
    """Say whether bounds, as always-valid ones, lie wholly on the worse side of 0; not if NaN."""
    flip = np.asarray(is_lower_better, dtype=np.bool_)
    return np.asarray(np.where(flip, ci_lower > 0, ci_upper < 0), dtype=np.bool_)
