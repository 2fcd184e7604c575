"""Whether each experiment may be read today, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from inference.experiment_cuts import Inputs
from inference.experiment_states import COVARIATES, states_of
from inference.experiment_weeks import to_table

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT_HEALTH = pa.schema(
    [
        pa.field("experiment_id", pa.string(), nullable=False),
        pa.field("treated_count", pa.int64(), nullable=False),
        pa.field("holdout_count", pa.int64(), nullable=False),
        pa.field("followed_count", pa.int64(), nullable=False),
        pa.field("holdout_share", pa.float64()),
        pa.field("is_holdout_out_of_range", pa.bool_(), nullable=False),
        pa.field("srm_p_value", pa.float64()),
        pa.field("is_srm_failed", pa.bool_(), nullable=False),
        *(pa.field(f"{name}_p_value", pa.float64()) for name in COVARIATES),
        pa.field("is_unbalanced", pa.bool_(), nullable=False),
        pa.field("novelty_change", pa.float64()),
        pa.field("novelty_change_ci_lower", pa.float64()),
        pa.field("novelty_change_ci_upper", pa.float64()),
        pa.field("is_novelty", pa.bool_(), nullable=False),
        pa.field("is_missing_metric", pa.bool_(), nullable=False),
        pa.field("minimum_detectable_effect", pa.float64()),
        pa.field("days_to_planned_effect", pa.int64()),
        pa.field("effect_kind", pa.string()),
        pa.field("has_always_valid_harm", pa.bool_(), nullable=False),
        pa.field("harm_metric", pa.string()),
        pa.field("readout_status", pa.string(), nullable=False),
        pa.field("conclusion", pa.string()),
        pa.field("is_neutral_with_power", pa.bool_(), nullable=False),
    ]
)


def infer_experiment_health(*frames: pd.DataFrame) -> pa.Table:
    """Judge every experiment as it stands today.

    Args:
        frames: those of `Inputs`, of everybody.

    Returns:
        A table of schema `EXPERIMENT_HEALTH`, by experiment.
    """
    looks = states_of(Inputs(*frames))
    return to_table(looks[looks["week_start_date"].isna()], EXPERIMENT_HEALTH)
