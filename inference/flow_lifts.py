"""How much more abandoned flows are recovered with a follow-up than in the randomised holdout.

Whoever got a message lived through the hours until it went out without coming back of their own
accord; to compare them with those who got none is to compare the slow with the quick. Arms drawn
before the abandonment have the slow and the quick alike. A customer may give up several flows: the
difference of the two ratios is that of means clustered by customer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from inference.clustered_ratios import CONFIDENCE, aggregates

if TYPE_CHECKING:
    import pandas as pd

_FIGURES = (
    "absolute_lift",
    "absolute_lift_ci_lower",
    "absolute_lift_ci_upper",
    "relative_lift",
    "p_value",
)
FLOW_LIFTS = pa.schema(
    [
        pa.field("flow_id", pa.string(), nullable=False),
        pa.field("follow_up", pa.string(), nullable=False),
        pa.field("week_start_date", pa.date32(), nullable=False),
        *(pa.field(name, pa.float64()) for name in _FIGURES),
    ]
)
HOLDOUT = "holdout"
_WEEK = ["flow_id", "week_start_date"]
_SUMS = ["customer_count", "sum_y", "sum_x", "sum_yy", "sum_xy", "sum_xx"]


def infer_flow_lifts(sums: pd.DataFrame) -> pa.Table:
    """Compare every arm of a flow with its holdout, on all that is known up to each week.

    Args:
        sums: one row per flow, follow-up and week: `flow_id`, `follow_up`, `week_start_date` (a
            date), `customer_count` and the sums over customers, since the beginning, of y
            (recovered), x (abandoned), y², xy, x².

    Returns:
        A table of schema `FLOW_LIFTS`, one row per arm that is not the holdout, in order of its
        key. Figures are NULL where either side has fewer than two customers, or neither shows any
        spread; `relative_lift` alone where nobody of the holdout recovered.
    """
    holdouts = sums[sums["follow_up"] == HOLDOUT].set_index(_WEEK)
    arms = sums[sums["follow_up"] != HOLDOUT].sort_values(["flow_id", "follow_up", _WEEK[1]])
    rows = []
    for arm in arms.to_dict("records"):
        key = (arm["flow_id"], arm["week_start_date"])
        control = holdouts.loc[key] if key in holdouts.index else None
        figures: list[float | None] = [None] * len(_FIGURES)
        if control is not None and min(arm["customer_count"], control["customer_count"]) >= 2:
            figures = _compare(
                np.array([control[name] for name in _SUMS], dtype=np.float64),
                np.array([arm[name] for name in _SUMS], dtype=np.float64),
            )
        rows.append((arm["flow_id"], arm["follow_up"], arm["week_start_date"], *figures))
    columns = list(zip(*rows, strict=True)) or [()] * len(FLOW_LIFTS)
    return pa.table([list(column) for column in columns], schema=FLOW_LIFTS)


def _compare(control: np.ndarray, arm: np.ndarray) -> list[float | None]:
    """Give the figures of one arm; sums in the order of `_SUMS`."""
    from tea_tasting import RatioOfMeans

    metric = RatioOfMeans(
        "y", "x", alternative="two-sided", confidence_level=CONFIDENCE, equal_var=False, use_t=True
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        result = metric.analyze_aggregates(aggregates(control), aggregates(arm))
    figures = (
        result.effect_size,
        result.effect_size_ci_lower,
        result.effect_size_ci_upper,
        result.rel_effect_size,
        result.pvalue,
    )
    return [float(figure) if np.isfinite(figure) else None for figure in figures]
