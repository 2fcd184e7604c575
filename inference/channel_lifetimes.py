"""How long customers stay, by how many channels they were written to in their first month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from inference.survival import QUANTILE, LifeTable

if TYPE_CHECKING:
    import pandas as pd

CHANNEL_LIFETIMES = pa.schema(
    [
        pa.field("channel_count", pa.int64(), nullable=False),
        pa.field("is_ai_coordinated", pa.bool_(), nullable=False),
        pa.field("rmst_days", pa.float64()),
        pa.field("ci_lower", pa.float64()),
        pa.field("ci_upper", pa.float64()),
        pa.field("horizon_days", pa.int64()),
    ]
)
LONGEST_HORIZON_DAYS = 180
_KEY = ["channel_count", "is_ai_coordinated"]


def infer_channel_lifetimes(life_tables: pd.DataFrame) -> pa.Table:
    """Give each group the mean days from the first active one to the last, up to a horizon.

    Args:
        life_tables: per group (`channel_count`, `is_ai_coordinated`) and `duration_days`:
            `at_risk_count`, `event_count`.

    Returns:
        A table of schema `CHANNEL_LIFETIMES`, by group. The horizon, the same for all so that they
        compare, is day 180 or the last that anybody was watched until. The mean is NULL where
        nobody of the group was watched so long, the interval also where nobody left before: no
        spread is no proof of none.
    """
    longest = life_tables["duration_days"].max() if len(life_tables) else 0
    horizon = min(LONGEST_HORIZON_DAYS, int(longest))
    ordered = life_tables.sort_values([*_KEY, "duration_days"], ignore_index=True)
    rows = []
    for (channel_count, is_ai_coordinated), group in ordered.groupby(_KEY, sort=True):
        columns = ("duration_days", "at_risk_count", "event_count")
        lives = LifeTable(*(group[name].to_numpy(dtype=np.float64) for name in columns))
        row = {
            "channel_count": channel_count,
            "is_ai_coordinated": is_ai_coordinated,
            "horizon_days": horizon,
        }
        if lives.is_known_until(horizon):
            mean, error = lives.restricted_mean(horizon)
            row["rmst_days"] = mean
            if error > 0:
                row["ci_lower"] = max(mean - QUANTILE * error, 0.0)
                row["ci_upper"] = min(mean + QUANTILE * error, float(horizon))
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=CHANNEL_LIFETIMES)
