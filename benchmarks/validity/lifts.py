"""Lifts of every type of metric: error without an effect, coverage and power with one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from benchmarks.validity.checks import COVERAGE, ERROR, POWER, Check, covers, per_cent
from inference.experiments.lifts import (
    Lift,
    cuped_lift,
    proportion_lift,
    ratio_lift,
    ratio_variance,
    variance_kept,
)
from inference.experiments.power import minimum_detectable_effect, planned_standard_error
from inference.experiments.sums import Sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Arm = Callable[[np.random.Generator, int, int, float], Sums]
    Compare = Callable[[Sums, Sums], Lift]

CUSTOMERS, HOLDOUT_SHARE = 20_000, 0.15
HELD = round(CUSTOMERS * HOLDOUT_SHARE)
LIFT = 0.05
_CHUNK = 100
_SIGMA, _PAYERS, _CAPPED = 2.0, 0.1, 0.995


@dataclass(frozen=True)
class Metric:
    """A type of metric.

    Attributes:
        name: what the table calls it.
        arm: draws an arm, of a generator, draws, customers and the effect added to the metric.
        compare: what is judged.
        mean: the metric without an effect.
    """

    name: str
    arm: Arm
    compare: Compare
    mean: float


def _means(rng: np.random.Generator, draws: int, count: int, effect: float) -> Sums:
    usual = rng.standard_gamma(2.0, (draws, count))
    now, before = rng.standard_normal((2, draws, count))
    return Sums.of_customers(usual + now + effect, c=usual + before)


def _ratios(rng: np.random.Generator, draws: int, count: int, effect: float) -> Sums:
    """A customer's own rate now and before; the number of occasions differs."""
    rate = 0.6 * rng.random((draws, count))
    x, d = np.ceil(2 * rng.standard_exponential((2, draws, count)))
    return Sums.of_customers(x * (rate + effect), x, c=d * rate, d=d)


def _shares(rng: np.random.Generator, draws: int, count: int, effect: float) -> Sums:
    yes = rng.binomial(count, 0.1 + effect, draws).astype(np.float64)
    return Sums.of_means(np.full(draws, float(count)), yes, yes)


def _money(rng: np.random.Generator, draws: int, count: int, factor: float, *, cap: float) -> Sums:
    pays = rng.random((draws, count)) < _PAYERS
    amount = np.zeros((draws, count))
    amount[pays] = np.exp(_SIGMA * rng.standard_normal(int(pays.sum()))) * (1 + factor)
    return Sums.of_customers(np.minimum(amount, cap))


def _capped_mean(factor: float, cap: float) -> float:
    """Return the mean payment, cut at the cap."""
    log_cap, place = np.log(cap), np.log1p(factor)
    below = stats.norm.cdf((log_cap - place - _SIGMA**2) / _SIGMA)
    above = stats.norm.sf((log_cap - place) / _SIGMA)
    return float(_PAYERS * (np.exp(place + _SIGMA**2 / 2) * below + cap * above))


METRICS = (
    Metric("mean", _means, ratio_lift, 2.0),
    Metric("mean, CUPED", _means, cuped_lift, 2.0),
    Metric("proportion", _shares, proportion_lift, 0.1),
    Metric("ratio", _ratios, ratio_lift, 0.3),
    Metric("ratio, CUPED", _ratios, cuped_lift, 0.3),
)


def check_lifts(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge means, proportions and ratios, plain and adjusted."""
    for metric in METRICS:
        null = compared(metric, rng, draws, 0.0)
        yield from _errors(metric.name, null)
        effect = LIFT * metric.mean
        lift = compared(metric, rng, draws, effect)
        truth = f"lift {100 * LIFT:.0f} %"
        yield Check(f"coverage, {metric.name}", truth, draws, _absolute(effect, lift), COVERAGE)
        relative = covers(LIFT, lift.relative_ci_lower, lift.relative_ci_upper)
        yield Check(
            f"coverage of the relative lift, {metric.name}", truth, draws, relative, COVERAGE
        )
        planned = _planned_effect(metric, rng)
        found = per_cent(compared(metric, rng, draws, planned).p_value < 0.05)
        yield Check(f"power, {metric.name}", "the planned effect", draws, found, POWER)


def check_money(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge money with a heavy tail, raw and winsorised at a cap of the time before."""
    pool = np.where(
        rng.random(10 * CUSTOMERS) < _PAYERS, rng.lognormal(0, _SIGMA, 10 * CUSTOMERS), 0
    )
    cap = float(np.quantile(pool, _CAPPED))
    metric = Metric("money, winsorised", partial(_money, cap=cap), ratio_lift, np.nan)
    yield from _errors(metric.name, compared(metric, rng, draws, 0.0))
    truth = _capped_mean(LIFT, cap) - _capped_mean(0.0, cap)
    lift = compared(metric, rng, draws, LIFT)
    injected = f"lift {100 * LIFT:.0f} % before the cap"
    yield Check(f"coverage, {metric.name}", injected, draws, _absolute(truth, lift), COVERAGE)
    raw = Metric("money, raw", partial(_money, cap=np.inf), ratio_lift, np.nan)
    found = per_cent(compared(raw, rng, draws, 0.0).p_value < 0.05)
    yield Check("A/A error, money, raw", "0", draws, found, (8.0, None), is_control=True)


def compared(metric: Metric, rng: np.random.Generator, draws: int, effect: float) -> Lift:
    """Draw both arms so many times, and compare them."""
    chunks = [min(_CHUNK, draws - start) for start in range(0, draws, _CHUNK)]
    pairs = [
        (metric.arm(rng, size, CUSTOMERS - HELD, effect), metric.arm(rng, size, HELD, 0.0))
        for size in chunks
    ]
    treated, held = (_joined([pair[place] for pair in pairs]) for place in (0, 1))
    return metric.compare(treated, held)


def _joined(parts: list[Sums]) -> Sums:
    return Sums(*(np.concatenate([getattr(one, f.name) for one in parts]) for f in fields(Sums)))


def _errors(name: str, null: Lift) -> Iterator[Check]:
    draws = len(null.p_value)
    yield Check(f"A/A error, {name}", "0", draws, per_cent(null.p_value < 0.05), ERROR)
    uniform = float(stats.kstest(null.p_value, "uniform").pvalue)
    yield Check(f"p is uniform, {name} (KS p)", "0", draws, uniform, (0.001, None))


def _absolute(truth: float, lift: Lift) -> float:
    return covers(truth, lift.ci_lower, lift.ci_upper)


def _planned_effect(metric: Metric, rng: np.random.Generator) -> float:
    """Plan by how much customers differ in a pilot, and again as they would with that effect.

    The second time is for shares: theirs spread more the nearer they are to a half.
    """
    effect = 0.0
    for _ in range(2):
        treated = metric.arm(rng, 20, CUSTOMERS - HELD, effect)
        held = metric.arm(rng, 20, HELD, 0.0)
        variance = ratio_variance(treated + held).mean()
        if metric.compare is cuped_lift:
            variance *= variance_kept(ratio_lift(treated, held), cuped_lift(treated, held)).mean()
        error = planned_standard_error(variance, customers=CUSTOMERS, holdout_share=HOLDOUT_SHARE)
        effect = float(minimum_detectable_effect(error))
    return effect
