"""Whether one way of explaining a permission gets it more often than the others of its week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

PERMISSION_LIFTS = pa.schema(
    [
        pa.field("permission_scope", pa.string(), nullable=False),
        pa.field("explanation_id", pa.string(), nullable=False),
        pa.field("week_start_date", pa.date32(), nullable=False),
        pa.field("absolute_lift", pa.float64(), nullable=False),
        pa.field("ci_lower", pa.float64(), nullable=False),
        pa.field("ci_upper", pa.float64(), nullable=False),
    ]
)
CONFIDENCE = 0.95
_KEY = ["permission_scope", "explanation_id", "week_start_date"]


def infer_permission_lifts(weeks: pd.DataFrame) -> pa.Table:
    """Compare the share of grants with that of the scope's other explanations of the week.

    Args:
        weeks: one row per `permission_scope`, `explanation_id` and `week_start_date` (dates), with
            `prompt_count`, `grant_count` and the same of the others, `rest_prompt_count` and
            `rest_grant_count`; each customer is in one row of a scope and week.

    Returns:
        A table of schema `PERMISSION_LIFTS`, without the rows that have nobody to compare with.
        The lift is a difference of shares; its interval is Newcombe's, of two Wilson intervals.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    compared = weeks[(weeks["prompt_count"] > 0) & (weeks["rest_prompt_count"] > 0)]
    compared = compared.sort_values(_KEY, ignore_index=True)
    own, asked, rest, rest_asked = (
        compared[name].to_numpy(dtype=np.float64)
        for name in ("grant_count", "prompt_count", "rest_grant_count", "rest_prompt_count")
    )
    bounds = [
        confint_proportions_2indep(*cell, compare="diff", method="newcomb", alpha=1 - CONFIDENCE)
        for cell in zip(own, asked, rest, rest_asked, strict=True)
    ]
    found = compared[_KEY].assign(
        week_start_date=compared["week_start_date"].astype("datetime64[s]").dt.date,
        absolute_lift=own / asked - rest / rest_asked,
        ci_lower=[float(lower) for lower, _ in bounds],
        ci_upper=[float(upper) for _, upper in bounds],
    )
    return pa.Table.from_pandas(found, schema=PERMISSION_LIFTS, preserve_index=False)
