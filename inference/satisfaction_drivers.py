"""How much each driver moves satisfaction: a regression on scores of one scale.

All scores are standardised, so that a coefficient says by how many standard deviations satisfaction
differs between customers who differ by one in the driver, the other drivers being equal. Errors are
clustered by customer, who may answer several surveys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

SATISFACTION_DRIVERS = pa.schema(
    [
        pa.field("driver", pa.string(), nullable=False),
        pa.field("survey_count", pa.int64(), nullable=False),
        pa.field("customer_count", pa.int64(), nullable=False),
        *(
            pa.field(name, pa.float64())
            for name in ("coefficient", "ci_lower", "ci_upper", "p_value", "r_squared")
        ),
    ]
)
DRIVERS = ("needs_met", "trust", "experience", "ease")
CONFIDENCE = 0.95
# Customers below which errors clustered by them are too small to be believed.
MIN_CUSTOMERS = 30


def infer_satisfaction_drivers(scores: pd.DataFrame) -> pa.Table:
    """Regress satisfaction on its drivers.

    Args:
        scores: one row per survey answered in whole: `customer_id`, `satisfaction` and a column per
            driver, each between 0 and 1.

    Returns:
        A table of schema `SATISFACTION_DRIVERS`, one row per driver in the order of `DRIVERS`; no
        row without a survey. The figures are NULL on fewer than `MIN_CUSTOMERS` customers, and
        where a score never varies or one driver follows from the others.
    """
    if scores.empty:
        return SATISFACTION_DRIVERS.empty_table()
    customer_count = int(scores["customer_id"].nunique())
    figures = _regress(scores) if customer_count >= MIN_CUSTOMERS else None
    rows = [
        {
            "driver": driver,
            "survey_count": len(scores),
            "customer_count": customer_count,
            **(figures[driver] if figures else {}),
        }
        for driver in DRIVERS
    ]
    return pa.Table.from_pylist(rows, schema=SATISFACTION_DRIVERS)


def _regress(scores: pd.DataFrame) -> dict[str, dict[str, float]] | None:
    import statsmodels.api as sm

    ordered = scores.sort_values(["customer_id", "satisfaction", *DRIVERS], kind="stable")
    values = ordered[["satisfaction", *DRIVERS]].to_numpy(dtype=np.float64)
    spread = values.std(axis=0, ddof=1)
    if not (spread > 0).all():
        return None
    standard = (values - values.mean(axis=0)) / spread
    if np.linalg.matrix_rank(standard[:, 1:]) < len(DRIVERS):
        return None
    groups = np.unique(ordered["customer_id"].to_numpy(), return_inverse=True)[1]
    fitted = sm.OLS(standard[:, 0], sm.add_constant(standard[:, 1:])).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    bounds = fitted.conf_int(alpha=1 - CONFIDENCE)
    return {
        driver: {
            "coefficient": float(fitted.params[place]),
            "ci_lower": float(bounds[place, 0]),
            "ci_upper": float(bounds[place, 1]),
            "p_value": float(fitted.pvalues[place]),
            "r_squared": float(fitted.rsquared),
        }
        for place, driver in enumerate(DRIVERS, 1)
    }
