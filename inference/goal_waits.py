"""How long customers wait for their first goal reached, and how many weeks a variation saves.

Everybody assigned counts, with a goal or without: to ask only those who reached one would compare
the quick with the quick. Waits are cut at 26 weeks or where an arm was not watched any longer, at
the same time in all arms of an experiment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from inference.life_tables import risk_by
from inference.survival import QUANTILE, LifeTable

if TYPE_CHECKING:
    import pandas as pd

_FIGURES = (
    "median_weeks",
    "rmst_weeks",
    "rmst_weeks_ci_lower",
    "rmst_weeks_ci_upper",
    "rmst_horizon_weeks",
    *(
        f"reached_by_week_{week}{figure}"
        for week in (11, 17, 26)
        for figure in ("", "_ci_lower", "_ci_upper")
    ),
    "weeks_saved",
    "weeks_saved_ci_lower",
    "weeks_saved_ci_upper",
)
GOAL_WAITS = pa.schema(
    [
        pa.field("feature_id", pa.string(), nullable=False),
        pa.field("experiment_id", pa.string(), nullable=False),
        pa.field("variation_id", pa.string(), nullable=False),
        pa.field("holdout_count", pa.int64()),
        *(pa.field(name, pa.float64()) for name in _FIGURES),
    ]
)
WEEKS = (11, 17, 26)
HORIZON_DAYS = 26 * 7
HOLDOUT, MIXED = "holdout", "mixed"
_ARM = ["variation_id", "variation_role"]


def infer_goal_waits(life_tables: pd.DataFrame) -> pa.Table:
    """Describe the wait in each arm, and compare it with the holdout's.

    Args:
        life_tables: per arm (`feature_id`, `experiment_id`, `variation_id`, `variation_role`) and
            `duration_days`: `at_risk_count`, `event_count`. A role is `holdout` in one arm of an
            experiment, and `mixed` for those in two arms, who are described and not compared.

    Returns:
        A table of schema `GOAL_WAITS`, by experiment and variation. `weeks_saved` is the holdout's
        restricted mean minus the arm's; NULL in the holdout and without one. Shares are NULL where
        nobody was watched for so long, the intervals of means where nobody reached a goal.
    """
    ordered = life_tables.sort_values(["experiment_id", *_ARM, "duration_days"], ignore_index=True)
    rows: list[dict[str, object]] = []
    for (experiment, feature), tables in ordered.groupby(["experiment_id", "feature_id"]):
        arms = {key: _table(group) for key, group in tables.groupby(_ARM, sort=True)}
        watched = [int(arm.times[-1]) for (_, role), arm in arms.items() if role != MIXED]
        horizon = min([HORIZON_DAYS, *watched])
        holdout = next((arm for (_, role), arm in arms.items() if role == HOLDOUT), None)
        for (variation, role), arm in arms.items():
            row = {"feature_id": feature, "experiment_id": experiment, "variation_id": variation}
            row.update(_describe(arm, horizon))
            if holdout is not None and role not in (HOLDOUT, MIXED):
                row.update(_compare(arm, holdout, horizon))
            rows.append(row)
    return pa.Table.from_pylist(rows, schema=GOAL_WAITS)


def _table(group: pd.DataFrame) -> LifeTable:
    columns = ("duration_days", "at_risk_count", "event_count")
    return LifeTable(*(group[name].to_numpy(dtype=np.float64) for name in columns))


def _describe(arm: LifeTable, horizon: int) -> dict[str, float | None]:
    """Give an arm's median, restricted mean and shares, times in weeks."""
    median = arm.median()
    figures: dict[str, float | None] = {"median_weeks": None if median is None else median / 7}
    if arm.is_known_until(horizon) and horizon > 0:
        mean, error = arm.restricted_mean(horizon)
        figures["rmst_weeks"] = mean / 7
        figures["rmst_horizon_weeks"] = horizon / 7
        if error > 0:
            figures["rmst_weeks_ci_lower"] = max(mean - QUANTILE * error, 0.0) / 7
            figures["rmst_weeks_ci_upper"] = min(mean + QUANTILE * error, float(horizon)) / 7
    for week in WEEKS:
        name = f"reached_by_week_{week}"
        if arm.is_known_until(week * 7):
            table = (part.astype(np.int64) for part in arm)
            risk = risk_by(*table, window_days=week * 7 + 1)
            figures |= {name: risk.value, f"{name}_ci_lower": risk.ci_lower}
            figures[f"{name}_ci_upper"] = risk.ci_upper
    return figures


def _compare(arm: LifeTable, holdout: LifeTable, horizon: int) -> dict[str, float | None]:
    """Give the weeks that an arm saves, and how many customers the holdout has."""
    figures: dict[str, float | None] = {"holdout_count": int(holdout.at_risk[0])}
    if horizon <= 0:
        return figures
    (mean, error), (other_mean, other_error) = (
        one.restricted_mean(horizon) for one in (arm, holdout)
    )
    saved, half = other_mean - mean, QUANTILE * float(np.hypot(error, other_error))
    figures["weeks_saved"] = saved / 7
    if half > 0:
        figures["weeks_saved_ci_lower"] = (saved - half) / 7
        figures["weeks_saved_ci_upper"] = (saved + half) / 7
    return figures
