"""How often the machine is wrong: 2,000 simulated features at, above and below the trust limit."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest

from verdicts.machine import Verdict, verdicts
from verdicts.policy import VerdictPolicy
from verdicts.weeks import Week

POLICY = VerdictPolicy()
MONDAY = date(2026, 1, 5)
FEATURES, CUSTOMERS, WEEKS = 2_000, 4_000, 52


def features(
    hazard: float, *, weeks: int, customers: int = CUSTOMERS, released_every: int | None = None
) -> Iterator[list[Verdict]]:
    """Judge features that are used and liked, and turned off at a weekly hazard.

    A feature may have a fix and a new version every so many weeks, so that no verdict is final.
    """
    draw = np.random.default_rng([20_260_105, round(hazard * 100_000)])
    for _ in range(FEATURES):
        at_risk, told = customers, []
        for number in range(weeks):
            opt_outs = int(draw.binomial(at_risk, hazard))
            is_released = released_every is not None and number % released_every == 0
            told.append(
                Week(
                    week_start_date=MONDAY + timedelta(weeks=number),
                    exposed_enabled_count=at_risk,
                    weekly_active_count=int(draw.binomial(at_risk, 0.3)),
                    exposed_customer_count=customers,
                    at_risk_count=at_risk,
                    opt_out_count=opt_outs,
                    helpful_count=int(draw.binomial(100, 0.8)),
                    helpful_answer_count=100,
                    csat_positive_count=int(draw.binomial(100, 0.85)),
                    csat_answer_count=100,
                    has_fix=is_released,
                    has_version=is_released,
                )
            )
            at_risk -= opt_outs
        yield list(verdicts(told, policy=POLICY))


@pytest.mark.parametrize("released_every", [None, 4])
def test_at_the_limit_a_feature_changes_its_verdict_less_than_once_a_year(
    released_every: int | None,
) -> None:
    told = features(POLICY.opt_out_hazard, weeks=WEEKS, released_every=released_every)
    changes = [sum(verdict.is_changed for verdict in one) for one in told]
    assert 0 < np.mean(changes) < 1


@pytest.mark.parametrize("customers", [2_000, CUSTOMERS])
def test_a_true_hazard_of_one_percent_is_fixed_by_week_six_in_the_median(customers: int) -> None:
    weeks = [_first_fix(one) for one in features(0.01, weeks=26, customers=customers)]
    assert np.median(weeks) <= 6


def test_a_true_hazard_of_half_a_percent_is_hardly_ever_fixed() -> None:
    weeks = [_first_fix(one) for one in features(0.005, weeks=WEEKS)]
    assert np.mean(np.isfinite(weeks)) < 0.01


def _first_fix(told: list[Verdict]) -> float:
    return next((float(n) for n, v in enumerate(told, 1) if v.state.verdict == "fix"), np.inf)
