"""Goal waits: everybody assigned is compared, over the same time."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from inference.goal_waits import infer_goal_waits


def arm(
    role: str, median_weeks: float, *, count: int = 4_000, watched_weeks: int = 40
) -> dict[str, Any]:
    """Draw exponential waits of one arm, watched for a time that differs from person to person."""
    rng = np.random.default_rng(len(role))
    waits = rng.exponential(median_weeks * 7 / np.log(2), count).astype(int)
    ends = rng.integers(watched_weeks * 3, watched_weeks * 7 + 1, count)
    return {"role": role, "durations": np.minimum(waits, ends), "is_event": waits <= ends}


def life_tables(*arms: dict[str, Any]) -> pd.DataFrame:
    frames = []
    for one in arms:
        times = np.unique(one["durations"])
        frames.append(
            pd.DataFrame(
                {
                    "feature_id": "tips",
                    "experiment_id": "exp",
                    "variation_id": one["role"],
                    "variation_role": one["role"],
                    "duration_days": times,
                    "at_risk_count": [(one["durations"] >= time).sum() for time in times],
                    "event_count": [
                        (one["is_event"] & (one["durations"] == time)).sum() for time in times
                    ],
                }
            )
        )
    return pd.concat(frames)


def inferred(*arms: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows = infer_goal_waits(life_tables(*arms)).to_pylist()
    return {row["variation_id"]: row for row in rows}


def test_medians_and_weeks_saved_are_those_drawn() -> None:
    rows = inferred(arm("treatment", 11), arm("holdout", 17))
    assert rows["treatment"]["median_weeks"] == pytest.approx(11, abs=0.8)
    assert rows["holdout"]["median_weeks"] == pytest.approx(17, abs=0.8)
    means = [m / np.log(2) * (1 - 0.5 ** (26 / m)) for m in (17, 11)]
    saved = rows["treatment"]
    assert saved["weeks_saved_ci_lower"] < means[0] - means[1] < saved["weeks_saved_ci_upper"]
    assert saved["rmst_horizon_weeks"] == 26
    assert saved["reached_by_week_11"] == pytest.approx(0.5, abs=0.03)
    assert rows["holdout"]["weeks_saved"] is None


def test_the_mean_of_those_who_got_there_would_hide_the_difference() -> None:
    arms = arm("treatment", 11), arm("holdout", 17)
    completed = [one["durations"][one["is_event"]].mean() / 7 for one in arms]
    naive = completed[1] - completed[0]
    assert naive < inferred(*arms)["treatment"]["weeks_saved_ci_lower"]


def test_arms_are_cut_at_the_time_that_both_were_watched() -> None:
    rows = inferred(arm("treatment", 11, watched_weeks=12), arm("holdout", 17))
    assert rows["treatment"]["rmst_horizon_weeks"] == 12
    assert rows["holdout"]["rmst_horizon_weeks"] == 12
    assert rows["treatment"]["reached_by_week_17"] is None
    assert rows["holdout"]["reached_by_week_17"] is not None


def test_those_in_two_arms_are_described_and_not_compared() -> None:
    rows = inferred(arm("treatment", 11), arm("holdout", 17), arm("mixed", 11, watched_weeks=3))
    assert rows["mixed"]["weeks_saved"] is None
    assert rows["treatment"]["rmst_horizon_weeks"] == 26


def test_without_a_holdout_nothing_is_saved() -> None:
    assert inferred(arm("treatment", 11))["treatment"]["weeks_saved"] is None
