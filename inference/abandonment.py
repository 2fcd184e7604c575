"""Whether who gave up a flow stays away more often than who completed it, as active as they were.

Risks of being away are compared within deciles of activity and pooled by Mantel and Haenszel; the
variance of the pooled ratio's logarithm is Greenland and Robins' (1985), which holds for many small
strata as for few large ones. It is association.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy import stats

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ABANDONMENT = pa.schema(
    [
        pa.field("flow_id", pa.string(), nullable=False),
        pa.field("step", pa.string(), nullable=False),
        *(
            pa.field(name, pa.float64())
            for name in (
                "adjusted_risk_ratio",
                "adjusted_risk_ratio_ci_lower",
                "adjusted_risk_ratio_ci_upper",
                "p_value",
            )
        ),
    ]
)
CONFIDENCE = 0.95
_COUNTS = [
    "abandoned_inactive_count",
    "abandoned_count",
    "completed_inactive_count",
    "completed_count",
]


def infer_abandonment(strata: pd.DataFrame) -> pa.Table:
    """Pool the risk ratios of each flow's step.

    Args:
        strata: one row per flow, step and activity decile: customers who gave up there and who
            completed the flow, and how many of each were away afterwards.

    Returns:
        A table of schema `ABANDONMENT`, one row per flow and step in their order. All figures are
        NULL where no decile has both kinds of customer or nobody who completed was away; the
        interval as well where nobody who gave up was.
    """
    rows = [
        {"flow_id": key[0], "step": key[1], **_pool(group[_COUNTS].to_numpy(np.float64))}
        for key, group in strata.groupby(["flow_id", "step"], sort=True)
    ]
    return pa.Table.from_pylist(rows, schema=ABANDONMENT)


def _pool(counts: Floats) -> dict[str, float | None]:
    """Pool strata; counts in the order of `_COUNTS`."""
    counts = counts[(counts[:, 1] > 0) & (counts[:, 3] > 0)]
    away, left, away_completed, completed = counts.T
    total = left + completed
    over, under = (away * completed / total).sum(), (away_completed * left / total).sum()
    figures = dict.fromkeys(ABANDONMENT.names[2:])
    if not under:
        return figures
    ratio = float(over / under)
    figures["adjusted_risk_ratio"] = ratio
    if not over:
        return figures
    away_all = away + away_completed
    spread = (left * completed * away_all - away * away_completed * total) / total**2
    error = np.sqrt(spread.sum() / (over * under))
    half = stats.norm.ppf((1 + CONFIDENCE) / 2) * error
    figures["adjusted_risk_ratio_ci_lower"] = float(ratio * np.exp(-half))
    figures["adjusted_risk_ratio_ci_upper"] = float(ratio * np.exp(half))
    figures["p_value"] = _p_value(away, left, away_completed, completed)
    return figures


def _p_value(away: Floats, left: Floats, away_completed: Floats, completed: Floats) -> float | None:
    """Return Cochran's, Mantel's and Haenszel's two-sided p-value; None where all are alike."""
    from statsmodels.stats.contingency_tables import StratifiedTable

    away_all = away + away_completed
    speaks = (away_all > 0) & (away_all < left + completed)
    if not speaks.any():
        return None
    tables = np.array([[away, left - away], [away_completed, completed - away_completed]])
    stratified = StratifiedTable(tables[:, :, speaks])
    return float(stratified.test_null_odds(correction=False).pvalue)
