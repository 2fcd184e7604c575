"""Looks before the end: weekly ones that are planned, and daily ones that are always valid."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, stats

from inference.experiments.lifts import pooled_error, ratio

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from inference.experiments.sums import Sums

    Floats = NDArray[np.float64]

ALPHA = 0.05
# Gauss's nodes over the range of a sum that has not crossed: more change no digit that is kept.
_NODES = 201


@lru_cache
def obrien_fleming_constant(looks: int, alpha: float = ALPHA) -> float:
    """Return C such that |z| ≥ C·√(looks / k) at any look k has the chance alpha under no effect.

    At equal steps of information z·√k is a sum of k independent standard normals, and the bound on
    it is the same at each look; its chance is integrated look by look (O'Brien & Fleming, 1979;
    Armitage, McPherson & Rowe, 1969). 2.024 for 4 looks.

    Args:
        looks: how many are planned in all, at least 1.
        alpha: two-sided, between 0 and 1.

    Raises:
        ValueError: no look is planned.
    """
    if looks < 1:
        raise ValueError(f"looks={looks}; plan at least one")
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)

    def crossing(constant: float) -> float:
        bound = constant * np.sqrt(looks)
        place = bound * nodes
        density = stats.norm.pdf(place)
        step = bound * weights * stats.norm.pdf(place[:, None] - place)
        for _ in range(looks - 1):
            density = step @ density
        return 1 - float(bound * weights @ density)

    # The last look alone has less than the bound of one look; all together at most that of Šidák.
    most = stats.norm.ppf(0.5 + (1 - alpha) ** (1 / looks) / 2)
    least = stats.norm.ppf(1 - alpha / 2)
    return float(
        optimize.brentq(lambda c: crossing(c) - alpha, least - 1e-6, most + 1e-6, xtol=1e-12)
    )


def obrien_fleming_bound(look: ArrayLike, looks: int, alpha: float = ALPHA) -> Floats:
    """Return how far from 0 z must be at a weekly look for the experiment to end there.

    Args:
        look: which of the planned looks, from 1 on; any shape.
        looks: how many are planned in all.
        alpha: two-sided, over all looks.
    """
    constant = obrien_fleming_constant(looks, alpha)
    return constant * np.sqrt(looks / np.asarray(look, dtype=np.float64))


def confidence_sequence(
    estimate: ArrayLike,
    standard_error: ArrayLike,
    n: ArrayLike,
    *,
    tuned_for: float,
    alpha: float = ALPHA,
) -> tuple[Floats, Floats]:
    """Return bounds that hold at all looks at once, however many and whenever.

    The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024),
    as GrowthBook has it.

    Args:
        estimate: the lift so far; any shape, as the others.
        standard_error: its standard error.
        n: customers so far, in both arms.
        tuned_for: at how many customers the bounds are to be narrowest; declared beforehand.
        alpha: chance of ever leaving the bounds.

    Returns:
        Lower and upper bounds; wider than those of a single look at any n.

    Raises:
        ValueError: `tuned_for` is not above 0.
    """
    if not tuned_for > 0:
        raise ValueError(f"tuned_for={tuned_for}; name a number of customers above 0")
    point, error, n = (
        np.asarray(value, dtype=np.float64) for value in (estimate, standard_error, n)
    )
    log = -2 * np.log(alpha)
    rho2 = (log + np.log(log + 1)) / tuned_for
    with np.errstate(divide="ignore", invalid="ignore"):
        mixture = n * rho2 + 1
        width = 2 * mixture / (n**2 * rho2) * np.log(np.sqrt(mixture) / alpha)
        half = np.sqrt(error**2 * n) * np.sqrt(width)
    return point - half, point + half


def always_valid_proportions(
    treatment: Sums, holdout: Sums, *, tuned_for: float, alpha: float = ALPHA
) -> tuple[Floats, Floats]:
    """Return bounds of a difference of shares that hold at all looks at once.

    `confidence_sequence` with the pooled error. With the arms' own errors a rare event, as an
    opt-out, looks certain while the small holdout has had none: of 100 experiments without an
    effect up to 19 are then told as harm.

    Args:
        treatment: the treated cells, y counting those with a yes among n; any shape.
        holdout: the cell each is compared with, same shape.
        tuned_for: at how many customers the bounds are to be narrowest; declared beforehand.
        alpha: chance of ever leaving the bounds.

    Returns:
        Lower and upper bounds; the difference itself where all or none say yes, which is no
        evidence either way.
    """
    return confidence_sequence(
        ratio(treatment) - ratio(holdout),
        pooled_error(treatment, holdout),
        treatment.n + holdout.n,
        tuned_for=tuned_for,
        alpha=alpha,
    )
