"""Repeated looks, splits, balance and novelty, each beside the common rule that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.validity.checks import ERROR, SRM_ERROR, Check, per_cent
from inference.experiments.conclusions import WORKS, conclude
from inference.experiments.health import SIGNIFICANCE, balance_p_values, is_unbalanced, srm_p_value
from inference.experiments.lifts import (
    pooled_error,
    proportion_lift,
    ratio,
    ratio_lift,
    ratio_variance,
)
from inference.experiments.novelty import is_changing, novelty_lift
from inference.experiments.power import minimum_detectable_effect, planned_standard_error
from inference.experiments.sequential import (
    always_valid_proportions,
    confidence_sequence,
    obrien_fleming_bound,
)
from inference.experiments.sums import Sums

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DAYS, PER_DAY, HOLDOUT_SHARE = 28, 1_000, 0.15
SHARE, RARE = 0.1, 0.005
# Tuned for half the planned customers: bounds are read on the way.
TUNED_FOR = DAYS * PER_DAY / 2
COVARIATES = 5
SMALL, SMALL_HELD = 1_000, 150
# How much customers differ, and how much a week of one differs from her others.
USUAL, WEEKLY = 0.5, 2.0


def check_looks(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge daily looks by always-valid bounds and by none, and weekly ones by planned bounds."""
    held = round(PER_DAY * HOLDOUT_SHARE)
    looks, arms = f"any-look error, {DAYS} daily looks", (PER_DAY - held, held)
    rare, rare_control = (_running(rng, draws, count, RARE) for count in arms)
    ever = _ever(*always_valid_proportions(rare, rare_control, tuned_for=TUNED_FOR))
    name = f"{looks}, always-valid, {100 * RARE:.1f} % say yes"
    yield Check(name, "0", draws, ever, (None, ERROR[1]))
    own = ratio_lift(rare, rare_control)
    size = rare.n + rare_control.n
    ever = _ever(*confidence_sequence(own.absolute, own.standard_error, size, tuned_for=TUNED_FOR))
    name = f"{looks}, always-valid, {100 * RARE:.1f} % say yes, the arms’ own errors"
    yield Check(name, "0", draws, ever, (8.0, None), is_control=True)
    treated, control = (_running(rng, draws, count, SHARE) for count in arms)
    lift = proportion_lift(treated, control)
    ever = _ever(*always_valid_proportions(treated, control, tuned_for=TUNED_FOR))
    name = f"{looks}, always-valid, {100 * SHARE:.0f} % say yes"
    yield Check(name, "0", draws, ever, (None, ERROR[1]))
    naive = _ever(lift.ci_lower, lift.ci_upper)
    yield Check(f"{looks}, intervals of one look", "0", draws, naive, (20.0, None), is_control=True)
    weekly = (lift.absolute / pooled_error(treated, control))[:, 6::7]
    bound = obrien_fleming_bound(np.arange(1, 5), 4)
    found = per_cent((np.abs(weekly) > bound).any(axis=1))
    yield Check("any-look error, O’Brien–Fleming at 4 weekly looks", "0", draws, found, ERROR)


def check_weeks(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge conclusions that are drawn anew each week after the end, as customers still come.

    With a minimum as small as can be, so that nothing but the interval stands in the way.
    """
    held = round(7 * PER_DAY * HOLDOUT_SHARE)
    treated, control = (
        _running(rng, draws, count, SHARE, looks=12) for count in (7 * PER_DAY - held, held)
    )
    lift = proportion_lift(treated, control)
    parts = (part[:, 3:].ravel() for part in (lift.absolute, lift.ci_lower, lift.ci_upper))
    works = (conclude(*parts, minimum=1e-9) == WORKS).reshape(draws, -1)
    found = per_cent((works[:, 1:] & works[:, :-1]).any(axis=1))
    name = "works in two weeks running, weeks 4 to 12"
    yield Check(name, "0", draws, found, (None, ERROR[1]))


def check_splits(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge the test of the split: its false alarms, and whether it sees customers lost."""
    shares, customers, many = (1 - HOLDOUT_SHARE, HOLDOUT_SHARE), 100_000, 10 * draws
    held = rng.binomial(customers, HOLDOUT_SHARE, many)
    found = per_cent(_srm(customers - held, held, shares))
    yield Check("SRM false alarms at .001", "none", many, found, SRM_ERROR)
    held = rng.binomial(customers, HOLDOUT_SHARE, draws)
    found = per_cent(_srm(customers - held, rng.binomial(held, 0.95), shares))
    yield Check(
        "SRM detection, 100,000 customers", "5 % of the holdout lost", draws, found, (97, None)
    )


def check_balance(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge the balance of covariates in a small experiment, beside standardised differences."""
    many = 10 * draws
    arms = [_covariates(rng, many, count) for count in (SMALL - SMALL_HELD, SMALL_HELD)]
    experiments = np.repeat(np.arange(many), COVARIATES)
    flags = is_unbalanced(balance_p_values(arms[0], arms[1]), experiments)
    found = per_cent(flags.reshape(many, COVARIATES).any(axis=1))
    name = f"balance false alarms, z at .001/{COVARIATES}, {SMALL:,} customers"
    yield Check(name, "none", many, found, SRM_ERROR)
    spread = np.sqrt((ratio_variance(arms[0]) + ratio_variance(arms[1])) / 2)
    differs = np.abs(ratio(arms[0]) - ratio(arms[1])) / spread > 0.1
    name = f"balance false alarms per covariate, standardised difference > .1, {SMALL:,} customers"
    yield Check(name, "none", many, per_cent(differs), (20.0, None), is_control=True)


def check_novelty(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge novelty on a lift that stays as it is, and that four weeks find in 80 % of draws."""
    customers, share = 4_000, HOLDOUT_SHARE
    variance = USUAL**2 + WEEKLY**2 / 4
    error = planned_standard_error(variance, customers=customers, holdout_share=share)
    effect = float(minimum_detectable_effect(error))
    held = round(customers * share)
    treated, control = (
        _weeks(rng, draws, count, lift) for count, lift in ((customers - held, effect), (held, 0.0))
    )
    found = per_cent(is_changing(novelty_lift(treated, control)))
    truth = "constant lift, found in 80 % of months"
    yield Check("novelty, interval of the same customers’ change", truth, draws, found, ERROR)
    later = ratio_lift(treated, control).absolute
    first = ratio(_swapped(treated)) - ratio(_swapped(control))
    decays = per_cent(later < first / 2)
    yield Check("novelty, lift decays > 50 %", truth, draws, decays, (15.0, None), is_control=True)


def _ever(lower: Floats, upper: Floats) -> float:
    """Return how often an interval has not 0 in it at one look at least, in per cent."""
    return per_cent(((lower > 0) | (upper < 0)).any(axis=1))


def _running(
    rng: np.random.Generator, draws: int, per_look: int, share: float, looks: int = DAYS
) -> Sums:
    """Draw an arm from look to look and add up; shape (draws, looks)."""
    yes = rng.binomial(per_look, share, (draws, looks)).cumsum(axis=1).astype(np.float64)
    n = np.broadcast_to(per_look * np.arange(1.0, looks + 1), yes.shape)
    return Sums.of_means(n, yes, yes)


def _srm(
    treated: NDArray[np.int64], held: NDArray[np.int64], shares: tuple[float, float]
) -> NDArray[np.bool_]:
    return srm_p_value(np.column_stack([treated, held]), shares) < SIGNIFICANCE


def _covariates(rng: np.random.Generator, draws: int, count: int) -> Sums:
    """Draw means and spreads of independent covariates as samples have them."""
    size = draws * COVARIATES
    mean = rng.standard_normal(size) / np.sqrt(count)
    squares = rng.chisquare(count - 1, size) + count * mean**2
    return Sums.of_means(np.full(size, float(count)), count * mean, squares)


def _weeks(rng: np.random.Generator, draws: int, count: int, lift: float) -> Sums:
    """Draw week 1 and the mean of weeks 3 and 4 of customers who differ among each other."""
    parts = []
    for _ in range(draws):
        weeks = USUAL * rng.standard_normal(count) + WEEKLY * rng.standard_normal((3, count)) + lift
        parts.append((weeks[1:].mean(axis=0), weeks[0]))
    later, first = (np.array([part[place] for part in parts]) for place in (0, 1))
    return Sums.of_customers(later, c=first)


def _swapped(sums: Sums) -> Sums:
    return Sums.of_means(sums.n, sums.c, sums.cc)
