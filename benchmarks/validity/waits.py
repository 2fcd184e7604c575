"""Waits and hazards with customers who leave before it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.validity.checks import COVERAGE, ERROR, Check, covers, per_cent
from inference.experiments.lifts import ratio_lift
from inference.experiments.sums import Sums
from inference.experiments.survival import hazard_ratio, log_rank, rmst_lift
from inference.opt_out_trends import infer_opt_out_trends
from inference.survival import LifeTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TREATED, HELD = 1_700, 300
MEDIAN, LONG_MEDIAN, HORIZON = 11.0, 17.0, 26.0
SLOW, FAST = 0.005 / 7, 0.01 / 7
# The exponential losses that leave about a quarter of the quicker arm's waits unknown.
LOSS = np.log(2) / MEDIAN / 3


def check_waits(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge the log-rank test, restricted means, and the mean of those who got there."""
    lost = "25 % censored"
    arms = [
        (_waits(rng, TREATED, LONG_MEDIAN), _waits(rng, HELD, LONG_MEDIAN)) for _ in range(draws)
    ]
    found = per_cent(np.array([log_rank(_table(*a), _table(*b)) for a, b in arms]) < 0.05)
    yield Check("log-rank error", f"both medians 17 weeks, {lost}", draws, found, ERROR)
    arms = [(_waits(rng, TREATED, MEDIAN), _waits(rng, HELD, LONG_MEDIAN)) for _ in range(draws)]
    tables = [[_table(*arm) for arm in side] for side in zip(*arms, strict=True)]
    lift = rmst_lift(tables[0], tables[1], horizon=HORIZON)
    truth = _restricted(MEDIAN) - _restricted(LONG_MEDIAN)
    injected = f"medians 11 and 17 weeks, {lost}"
    found = covers(truth, lift.ci_lower, lift.ci_upper)
    yield Check("coverage, difference of means up to 26 weeks", injected, draws, found, COVERAGE)
    naive = [[_completed(*arm) for arm in side] for side in zip(*arms, strict=True)]
    means = ratio_lift(*(Sums.of_means(*np.array(side).T) for side in naive))
    truth = (MEDIAN - LONG_MEDIAN) / np.log(2)
    found = covers(truth, means.ci_lower, means.ci_upper)
    name = "coverage, means of those who completed"
    yield Check(name, injected, draws, found, (None, 80.0), is_control=True)


def check_opt_outs(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge the hazard ratio, and in how many days a rise after a release is told."""
    truth = FAST / (1 - FAST) / (SLOW / (1 - SLOW))
    pairs = zip(
        _opt_outs(rng, draws, 17_000, FAST), _opt_outs(rng, draws, 3_000, SLOW), strict=True
    )
    ratios = np.array([hazard_ratio(*pair) for pair in pairs])
    found = covers(truth, ratios[:, 1], ratios[:, 2])
    injected = ".5 % and 1.0 % a week, censored"
    yield Check("coverage, hazard ratio of opting out", injected, draws, found, COVERAGE)
    rising = infer_opt_out_trends(_release(rng, draws)).to_pandas()
    told = rising.groupby("feature_id")["is_rising"].any()
    injected = ".5 %, then 1.0 % a week of 5,000"
    found = per_cent(told.to_numpy(dtype=np.bool_))
    yield Check("a rise of opt-outs told within 7 days", injected, draws, found, (90.0, None))


def _waits(rng: np.random.Generator, count: int, median: float) -> tuple[Floats, NDArray[np.bool_]]:
    event = rng.standard_exponential(count) * median / np.log(2)
    loss = rng.standard_exponential(count) / LOSS
    return np.minimum(event, loss), event <= loss


def _table(times: Floats, is_event: NDArray[np.bool_]) -> LifeTable:
    order = np.argsort(times)
    at_risk = np.arange(len(times), 0, -1, dtype=np.float64)
    return LifeTable(times[order], at_risk, is_event[order].astype(np.float64))


def _completed(times: Floats, is_event: NDArray[np.bool_]) -> tuple[float, float, float]:
    done = times[is_event]
    return float(len(done)), float(done.sum()), float(done @ done)


def _restricted(median: float) -> float:
    rate = np.log(2) / median
    return float((1 - np.exp(-rate * HORIZON)) / rate)


def _opt_outs(
    rng: np.random.Generator, draws: int, count: int, hazard: float, *, days: int = 56
) -> list[LifeTable]:
    """Draw customers of whom 1 % a day are lost for other reasons."""
    at_risk = np.empty((days, draws))
    events = np.empty((days, draws))
    left = np.full(draws, count)
    for day in range(days):
        out = rng.binomial(left, hazard)
        at_risk[day], events[day] = left, out
        left = left - out - rng.binomial(left - out, 0.01)
    times = np.arange(1.0, days + 1)
    return [LifeTable(times, at_risk[:, n], events[:, n]) for n in range(draws)]


def _release(rng: np.random.Generator, draws: int) -> pd.DataFrame:
    """Draw 28 days before a release and each of the 7 days after it, in two strata of one size."""
    strata = []
    for stratum in range(2):
        before = rng.binomial(28 * 2_500, SLOW, draws)
        after = rng.binomial(2_500, FAST, (draws, 7)).cumsum(axis=1)
        for day in range(7):
            counts = {
                "feature_id": [f"{draw:06}" for draw in range(draws)],
                "activity_date": pd.Timestamp("2026-01-05") + pd.Timedelta(days=day),
                "stratum": stratum,
                "before_at_risk": 28.0 * 2_500,
                "before_opt_outs": before.astype(np.float64),
                "after_at_risk": 2_500.0 * (day + 1),
                "after_opt_outs": after[:, day].astype(np.float64),
            }
            strata.append(pd.DataFrame(counts))
    return pd.concat(strata).assign(experiment_id="none", variation_id="none")
