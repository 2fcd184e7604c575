"""Always-valid bounds are those of shares, and few customers of a holdout are no harm yet."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from inference.experiment_lifts import always_valid
from inference.experiments.sums import Sums

SEED = Path(__file__).parents[3] / "seeds" / "experiment_metrics.csv"


def arm(customers: float, yes: float) -> Sums:
    return Sums.of_means(np.array([customers]), np.array([yes]), np.array([yes]))


def test_every_guardrail_is_a_share_of_customers() -> None:
    rows = list(csv.DictReader(SEED.open(encoding="utf-8")))
    guardrails = [row for row in rows if row["is_guardrail"] == "true"]
    assert guardrails
    assert {row["method"] for row in guardrails} == {"proportion"}


def test_a_holdout_without_an_opt_out_yet_is_no_harm_and_one_that_stays_low_is() -> None:
    watched, least = np.array([True]), np.array([100.0])
    early = always_valid(arm(850, 17), arm(150, 0), is_watched=watched, min_sample=least)
    assert early[0][0] < 0 < early[1][0]
    later = always_valid(arm(8500, 170), arm(1500, 3), is_watched=watched, min_sample=least)
    assert later[0][0] > 0
    few = always_valid(arm(850, 17), arm(99, 0), is_watched=watched, min_sample=least)
    assert np.isnan(few[0][0])
    other = always_valid(arm(850, 17), arm(150, 0), is_watched=~watched, min_sample=least)
    assert np.isnan(other[0][0])
