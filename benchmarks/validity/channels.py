"""Channels that help, drawn by chance and chosen by customers who would have stayed anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.validity.checks import COVERAGE, Check, covers
from inference.experiments.lifts import proportion_lift
from inference.experiments.sums import Sums

if TYPE_CHECKING:
    from collections.abc import Iterator

CUSTOMERS = 20_000
# How likely two halves of the customers are to stay, and how often as likely with channels.
STAYING = np.array([0.2, 0.4])
HELPS = {1: 1.5, 2: 1.2}
# What part of each half chooses some channels where nobody draws.
CHOOSING = np.array([0.3, 0.7])


def check_channels(rng: np.random.Generator, draws: int) -> Iterator[Check]:
    """Judge the lift of channels against none, randomised and as customers chose."""
    for channels, helps in HELPS.items():
        injected = f"retention × {helps}"
        for is_chosen in (False, True):
            taking = CHOOSING if is_chosen else np.array([0.5, 0.5])
            treated = _retained(rng, draws, taking, helps)
            lift = proportion_lift(treated, _retained(rng, draws, 1 - taking, 1.0))
            found = covers(helps - 1, lift.relative_ci_lower, lift.relative_ci_upper)
            how = "as customers chose" if is_chosen else "randomised"
            name = f"coverage, channel count {channels} against none, {how}"
            band = (None, 50.0) if is_chosen else COVERAGE
            yield Check(name, injected, draws, found, band, is_control=is_chosen)


def _retained(rng: np.random.Generator, draws: int, taking: np.ndarray, helps: float) -> Sums:
    count = rng.binomial(CUSTOMERS // 2, taking, (draws, 2))
    stayed = rng.binomial(count, STAYING * helps).sum(axis=1).astype(np.float64)
    return Sums.of_means(count.sum(axis=1), stayed, stayed)
