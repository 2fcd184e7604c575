"""Corrections for looking at many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def fdr_p_values(p_values: Floats, families: NDArray[np.int64]) -> Floats:
    """Correct p-values within each family by Benjamini and Hochberg's step-up rule (1995).

    Args:
        p_values: shape (tests,); NaN is no test and stays NaN.
        families: the family each belongs to, as an experiment's metric with its segments; any
            integers, same shape.

    Returns:
        Shape (tests,). Those below a bound hold, in expectation, at most that share of false ones.
    """
    corrected = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(families[known], kind="stable")]
    starts = np.flatnonzero(np.diff(families[order])) + 1
    for family in np.split(order, starts):
        if len(family):
            corrected[family] = stats.false_discovery_control(p_values[family])
    return corrected
