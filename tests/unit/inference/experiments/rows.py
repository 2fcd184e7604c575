"""Customers of a made-up experiment, one row each: what the sums must agree with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EXACT = 1e-9


@dataclass(frozen=True)
class Rows:
    """One arm's customers: y of x, and the same of the time before, c of d; shape (customers,)."""

    y: np.ndarray
    x: np.ndarray
    c: np.ndarray
    d: np.ndarray


def customers(count: int, *, seed: int, lift: float = 0.0) -> Rows:
    """Draw customers who differ in how much they do and how well, now and before alike."""
    rng = np.random.default_rng(seed)
    keen, skill = rng.gamma(2.0, 2.0, count), rng.beta(3, 5, count)
    x, d = rng.poisson(keen) + 1.0, rng.poisson(keen) + 1.0
    y = x * (skill + lift) + rng.normal(0, 0.5, count)
    return Rows(y, x, d * skill + rng.normal(0, 0.5, count), d)


def waits(count: int, *, seed: int, scale: float = 80.0) -> tuple[np.ndarray, np.ndarray]:
    """Draw when each had the event or was last seen, in whole days, and which of the two."""
    rng = np.random.default_rng(seed)
    event, loss = np.ceil(rng.exponential(scale, count)), rng.integers(30, 200, count)
    return np.minimum(event, loss), event <= loss
