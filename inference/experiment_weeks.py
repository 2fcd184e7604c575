"""What experiments said at the end of each week: what verdicts on features read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from inference.experiment_cuts import Inputs
from inference.experiment_states import states_of

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT_WEEKS = pa.schema(
    [
        pa.field("experiment_id", pa.string(), nullable=False),
        pa.field("week_start_date", pa.date32(), nullable=False),
        pa.field("feature_id", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("readout_status", pa.string(), nullable=False),
        pa.field("conclusion", pa.string()),
        pa.field("is_neutral_with_power", pa.bool_(), nullable=False),
        pa.field("has_always_valid_harm", pa.bool_(), nullable=False),
        pa.field("harm_metric", pa.string()),
        pa.field("runtime_days", pa.int64(), nullable=False),
        pa.field("is_running", pa.bool_(), nullable=False),
        pa.field("metric_name", pa.string()),
        pa.field("absolute_lift", pa.float64()),
        pa.field("lift_ci_lower", pa.float64()),
        pa.field("lift_ci_upper", pa.float64()),
        pa.field("relative_lift", pa.float64()),
        pa.field("minimum_effect", pa.float64()),
        pa.field("effect_kind", pa.string()),
    ]
)


def infer_experiment_weeks(*frames: pd.DataFrame) -> pa.Table:
    """Judge every experiment at the end of each of its weeks, as then known.

    Args:
        frames: those of `Inputs`, of everybody.

    Returns:
        A table of schema `EXPERIMENT_WEEKS`, by experiment and week, from the week in which the
        experiment started through the last that is over. All its treated variations are one.
    """
    looks = states_of(Inputs(*frames))
    weeks = looks[looks["week_start_date"].notna()]
    weeks = weeks.rename(columns={"primary_metric": "metric_name"})
    return to_table(weeks, EXPERIMENT_WEEKS)


def to_table(rows: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """Give the columns of a schema; NaN is NULL."""
    columns = []
    for field in schema:
        values = rows[field.name]
        if pa.types.is_date(field.type):
            values = values.dt.date
        elif pa.types.is_integer(field.type):
            values = values.astype("Int64")
        columns.append(pa.array(values, field.type, from_pandas=True))
    return pa.table(columns, schema=schema)
