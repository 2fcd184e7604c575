"""How many of a cohort have turned a feature off by the end of a week, and of four."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from inference.life_tables import risk_by

if TYPE_CHECKING:
    import pandas as pd

OPT_OUT_CURVES = pa.schema(
    [
        pa.field("feature_id", pa.string(), nullable=False),
        pa.field("cohort_week_start_date", pa.date32(), nullable=False),
        pa.field("window_days", pa.int64(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("ci_lower", pa.float64(), nullable=False),
        pa.field("ci_upper", pa.float64(), nullable=False),
    ]
)
WINDOWS = (7, 28)


def infer_opt_out_curves(life_tables: pd.DataFrame) -> pa.Table:
    """Estimate each cohort's risk of a first opt-out within each of `WINDOWS`.

    Args:
        life_tables: one row per `feature_id`, `cohort_week_start_date` (dates) and `day_number`,
            with `at_risk_count` and `opt_out_count`, in customers.

    Returns:
        A table of schema `OPT_OUT_CURVES`, by feature, cohort and window.
    """
    rows = []
    for (feature, cohort), table in life_tables.groupby(
        ["feature_id", "cohort_week_start_date"], sort=True
    ):
        day, at_risk, opt_outs = (
            table[name].to_numpy(dtype="int64")
            for name in ("day_number", "at_risk_count", "opt_out_count")
        )
        for window in WINDOWS:
            risk = risk_by(day, at_risk, opt_outs, window_days=window)
            rows.append((feature, cohort, window, *risk))
    names = OPT_OUT_CURVES.names
    return pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) for row in rows], schema=OPT_OUT_CURVES
    )
