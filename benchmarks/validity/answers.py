"""Permissions, surveys and complaints: shares of those who were asked, or who spoke up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.validity.checks import COVERAGE, Check, covers, per_cent
from inference.experiments.lifts import proportion_lift, ratio
from inference.experiments.sums import Sums
from inference.permission_lifts import infer_permission_lifts
from inference.theme_spikes import TRAILING_DAYS, infer_theme_spikes

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKED = 1_000
GENERIC, EXPLAINED = 0.12, 0.18
# How customers would score from 1 to 5, and how likely each is to answer: the moved answer.
SCORES = np.array([0.10, 0.10, 0.20, 0.35, 0.25])
ANSWERS = np.array([0.40, 0.25, 0.10, 0.10, 0.20])
TICKETS, MANY = 3.0, 18.0


def check_permissions(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge the difference of two explanations."""
    weeks = pd.DataFrame(
        {
            "permission_scope": "account_data",
            "explanation_id": [f"{draw:06}" for draw in range(draws)],
            "week_start_date": pd.Timestamp("2026-01-05"),
            "prompt_count": ASKED,
            "grant_count": rng.binomial(ASKED, EXPLAINED, draws),
            "rest_prompt_count": ASKED,
            "rest_grant_count": rng.binomial(ASKED, GENERIC, draws),
        }
    )
    lifts = infer_permission_lifts(weeks).to_pandas()
    lower, upper = lifts["ci_lower"].to_numpy(), lifts["ci_upper"].to_numpy()
    found = covers(EXPLAINED - GENERIC, lower, upper)
    yield Check("coverage, permission explained", "12 % and 18 % grant", draws, found, COVERAGE)


def check_surveys(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge what a rate of answers is about: of those who answer, and not of all."""
    everybody, answering = SCORES[3:].sum(), (SCORES * ANSWERS)[3:].sum() / (SCORES @ ANSWERS)
    customers = 20_000
    scored = rng.multinomial(customers, SCORES, draws)
    answered = rng.binomial(scored, ANSWERS).astype(np.float64)
    n, yes = answered.sum(axis=1), answered[:, 3:].sum(axis=1)
    rate = Sums.of_means(n, yes, yes)
    injected = f"{100 * everybody:.0f} % content, who answers depends on it"
    bias, known = 100 * (ratio(rate).mean() - everybody), 100 * (answering - everybody)
    name = "bias of the raw CSAT (points)"
    yield Check(name, injected, draws, bias, (known - 0.1, known + 0.1))
    # The lift over nobody's rate of 0 is the rate with its own interval.
    nobody = Sums.of_means(np.full(draws, 1e12), np.zeros(draws), np.zeros(draws))
    own = proportion_lift(rate, nobody)
    found = covers(answering, own.ci_lower, own.ci_upper)
    yield Check("coverage, CSAT of those who answer", injected, draws, found, COVERAGE)
    found = covers(everybody, own.ci_lower, own.ci_upper)
    name = "coverage, raw CSAT of all customers"
    yield Check(name, injected, draws, found, (None, 50.0), is_control=True)


def check_spikes(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge daily tickets that do not change, and a last day with six times as many."""
    days = TRAILING_DAYS + 1
    exposed = np.ceil(1_000 * np.exp(0.2 * rng.standard_normal((draws, days))))
    tickets = rng.poisson(TICKETS * exposed / 1_000)
    injected = f"{TICKETS:.0f} tickets a day, as many are exposed"
    found = per_cent(_spikes(tickets, exposed))
    yield Check("spikes per day, negative binomial", injected, draws, found, (None, 0.2))
    before, last = tickets[:, :-1], tickets[:, -1]
    usual = np.median(before, axis=1)
    deviation = np.median(np.abs(before - usual[:, None]), axis=1)
    naive = per_cent(last > usual + 3 * deviation)
    name = "spikes per day, median + 3 raw MAD"
    yield Check(name, injected, draws, naive, (2.0, None), is_control=True)
    tickets[:, -1] = rng.poisson(MANY * exposed[:, -1] / 1_000)
    found = per_cent(_spikes(tickets, exposed))
    yield Check("spikes found, negative binomial", "a day with six times", draws, found, (90, None))


def _spikes(tickets: np.ndarray, exposed: np.ndarray) -> np.ndarray:
    """Say of the last day of each series whether it is a spike; shapes (series, days)."""
    draws, days = tickets.shape
    frame = pd.DataFrame(
        {
            "theme": np.repeat([f"{draw:06}" for draw in range(draws)], days),
            "feature_id": "f",
            "activity_date": np.tile(pd.date_range("2026-01-01", periods=days), draws),
            "ticket_count": tickets.ravel(),
            "exposed_count": exposed.ravel(),
        }
    )
    found = infer_theme_spikes(frame)["is_spike"].to_numpy(zero_copy_only=False)
    return np.asarray(found.reshape(draws, days)[:, -1], dtype=np.bool_)
