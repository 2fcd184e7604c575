"""Whether the most valuable customers use a feature more often than the rest: association."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

HIGH_VALUE_FEATURES = pa.schema(
    [
        pa.field("feature_id", pa.string(), nullable=False),
        *(
            pa.field(name, pa.float64())
            for name in (
                "absolute_lift",
                "absolute_lift_ci_lower",
                "absolute_lift_ci_upper",
                "p_value",
                "fdr_p_value",
            )
        ),
    ]
)
CONFIDENCE = 0.95


def infer_high_value_features(counts: pd.DataFrame) -> pa.Table:
    """Compare the shares of users by Newcombe's interval and the score test of a difference.

    Args:
        counts: one row per feature: customers in the top decile of value and in the rest, and how
            many of each used it.

    Returns:
        A table of schema `HIGH_VALUE_FEATURES` by feature. All figures are NULL where one of the
        groups is empty, p-values as well where all used the feature or nobody did. P-values are
        corrected over the features by Benjamini and Hochberg.
    """
    rows = [
        {"feature_id": row["feature_id"], **_compare(row)}
        for row in counts.sort_values("feature_id").to_dict("records")
    ]
    known = [row for row in rows if row.get("p_value") is not None]
    if known:
        corrected = stats.false_discovery_control([row["p_value"] for row in known], method="bh")
        for row, p_value in zip(known, corrected, strict=True):
            row["fdr_p_value"] = float(p_value)
    return pa.Table.from_pylist(rows, schema=HIGH_VALUE_FEATURES)


def _compare(row: Mapping[Hashable, int]) -> dict[str, float]:
    """Give one feature's difference, its interval and its p-value."""
    from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

    top_used, top, rest_used, rest = (
        int(row[name]) for name in ("top_used_count", "top_count", "rest_used_count", "rest_count")
    )
    if not top or not rest:
        return {}
    lower, upper = confint_proportions_2indep(
        top_used, top, rest_used, rest, method="newcomb", compare="diff", alpha=1 - CONFIDENCE
    )
    figures = {
        "absolute_lift": top_used / top - rest_used / rest,
        "absolute_lift_ci_lower": float(lower),
        "absolute_lift_ci_upper": float(upper),
    }
    if 0 < top_used + rest_used < top + rest:
        test = test_proportions_2indep(
            top_used, top, rest_used, rest, method="score", compare="diff", correction=False
        )
        if np.isfinite(test.pvalue):
            figures["p_value"] = float(test.pvalue)
    return figures
