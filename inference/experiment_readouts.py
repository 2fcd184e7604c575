"""What an experiment found: every metric of every variation and segment against the holdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from inference.experiment_cuts import (
    HOLDOUT,
    SUMS,
    TREATMENT,
    Inputs,
    arm,
    customers_of,
    life_table,
)
from inference.experiment_lifts import (
    SURVIVAL,
    always_valid,
    conclusions,
    effect_of,
    is_harm,
    is_wait_cut_short,
    lift_of,
    only,
    replaced,
    wait_lift,
)
from inference.experiment_states import states_of
from inference.experiment_weeks import to_table
from inference.experiments.corrections import fdr_p_values
from inference.experiments.lifts import Lift, cuped_lift, ratio_variance
from inference.experiments.power import minimum_detectable_effect
from inference.experiments.survival import log_rank, merged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inference.survival import LifeTable

    Bools = NDArray[np.bool_]

FDR_LEVEL = 0.05
_CELL = ["experiment_id", "metric_name", "segment_type", "segment_value"]
_ARM = ["feature_id", "variation_id", "variation_role"]
_FIGURES = (
    "numerator",
    "denominator",
    "mean",
    "variance",
    "absolute_lift",
    "absolute_lift_ci_lower",
    "absolute_lift_ci_upper",
    "relative_lift",
    "relative_lift_ci_lower",
    "relative_lift_ci_upper",
    "p_value",
    "fdr_p_value",
    "log_rank_p_value",
    "cuped_lift",
    "cuped_lift_ci_lower",
    "cuped_lift_ci_upper",
    "always_valid_ci_lower",
    "always_valid_ci_upper",
    "minimum_effect",
    "minimum_detectable_effect",
)
EXPERIMENT_READOUTS = pa.schema(
    [
        *(pa.field(name, pa.string(), nullable=False) for name in ("experiment_id", "feature_id")),
        *(
            pa.field(name, pa.string(), nullable=False)
            for name in ("variation_id", "variation_role")
        ),
        *(pa.field(name, pa.string(), nullable=False) for name in _CELL[1:]),
        pa.field("customer_count", pa.int64(), nullable=False),
        pa.field("holdout_count", pa.int64()),
        *(pa.field(name, pa.float64()) for name in _FIGURES),
        pa.field("has_always_valid_harm", pa.bool_(), nullable=False),
        pa.field("conclusion", pa.string()),
        pa.field("is_short_term_trap", pa.bool_()),
        pa.field("readout_status", pa.string(), nullable=False),
    ]
)


def infer_experiment_readouts(*frames: pd.DataFrame) -> pa.Table:
    """Compare every variation with the holdout, by metric and segment.

    Args:
        frames: those of `Inputs`, all segments.

    Returns:
        A table of schema `EXPERIMENT_READOUTS`. The holdout's rows, and those of a metric that only
        the treated have, are levels without a lift. Lifts of an experiment that may not be read,
        and those of fewer customers than `min_sample` in an arm, are NULL; the always-valid bounds
        of guardrails are there in any case.
    """
    inputs = Inputs(*frames)
    states = states_of(inputs.of_everybody())
    states = states[states["week_start_date"].isna()]
    rows, tables = _cells(inputs)
    rows = rows.merge(inputs.metrics.drop(columns="description"), on="metric_name")
    rows = rows.merge(
        states[["experiment_id", "readout_status", "is_readable", "min_sample", "primary_metric"]]
        .merge(inputs.experiments[["experiment_id", "minimum_effect"]], on="experiment_id")
        .rename(columns={"minimum_effect": "declared_effect"}),
        on="experiment_id",
    )
    is_primary = rows["metric_name"] == rows["primary_metric"]
    rows["minimum_effect"] = rows["declared_effect"].where(is_primary, rows["minimum_effect"])
    rows = _compared(rows, tables)
    return to_table(_traps(rows).sort_values([*_CELL, "variation_id"]), EXPERIMENT_READOUTS)


def _cells(inputs: Inputs) -> tuple[pd.DataFrame, dict[tuple[str, ...], LifeTable | None]]:
    """Put the days together: a row per cell and variation, and the life tables of waits."""
    metrics = inputs.metrics
    sums = inputs.days.groupby([*_CELL, *_ARM])[SUMS].sum().reset_index()
    wait_names = list(metrics.loc[metrics["method"] == SURVIVAL, "metric_name"])
    tables: dict[tuple[str, ...], LifeTable | None] = {}
    rows = []
    key = [*[name for name in _CELL if name != "metric_name"], *_ARM]
    for values, exits in inputs.waits.groupby(key):
        for name in wait_names:
            row = dict(zip(key, values, strict=True)) | {"metric_name": name}
            tables[tuple(row[part] for part in (*_CELL, "variation_id"))] = life_table(exits)
            rows.append(row)
    if rows:
        sums = pd.concat([sums, pd.DataFrame(rows)], ignore_index=True)
    return sums.sort_values([*_CELL, *_ARM], ignore_index=True), tables


def _compared(rows: pd.DataFrame, tables: dict[tuple[str, ...], LifeTable | None]) -> pd.DataFrame:
    """Add lifts and what follows from them; `rows` are in their final order and indexed by it."""
    own = rows.assign(variation_role=TREATMENT)
    keys = rows[[*_CELL, "variation_id"]]
    # All variations that are held out are one holdout.
    roles = rows.groupby([*_CELL, "variation_role"])[SUMS].sum(min_count=1).reset_index()
    treatment, holdout = arm(own, keys, TREATMENT), arm(roles, rows[_CELL], HOLDOUT)
    is_wait = (rows["method"] == SURVIVAL).to_numpy()
    held: dict[tuple[str, ...], list[LifeTable]] = {}
    for key in keys[is_wait & (rows["variation_role"] == HOLDOUT)].to_numpy(object):
        table = tables[tuple(key)]
        held.setdefault(tuple(key[:-1]), []).extend([table] if table else [])
    pooled = {cell: merged(parts) if parts else None for cell, parts in held.items()}
    pairs = [
        (tables[tuple(key)], pooled.get(tuple(key[:-1]))) for key in keys[is_wait].to_numpy(object)
    ]
    sides = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    lift = lift_of(treatment, holdout, rows["method"].to_numpy(object))
    n, other_n, variance = treatment.n.copy(), holdout.n.copy(), ratio_variance(treatment)
    events = np.full(len(rows), np.nan)
    is_cut_short = np.zeros(len(rows), dtype=np.bool_)
    if pairs:
        is_cut_short[is_wait] = is_wait_cut_short(*sides)
        lift = replaced(lift, is_wait, wait_lift(*sides))
        n[is_wait], other_n[is_wait] = (customers_of(side) for side in sides)
        events[is_wait] = [table.events.sum() if table else 0 for table in sides[0]]
    least = rows["min_sample"].to_numpy(np.float64)
    # The denominator of a rate of answers or messages may be smaller than who was watched.
    is_enough, other_is_enough = (
        np.where(is_wait, people, np.minimum(people, side.x)) >= least
        for people, side in ((n, treatment), (other_n, holdout))
    )
    is_treated = (rows["variation_role"] != HOLDOUT).to_numpy()
    is_compared = is_treated & ~rows["is_treated_only"].to_numpy(np.bool_)
    is_compared &= is_enough & other_is_enough
    is_shown = is_compared & rows["is_readable"].to_numpy(np.bool_)
    shown = only(lift, is_shown)
    effect = effect_of(shown, rows["effect_kind"].to_numpy(object))
    cuped = only(cuped_lift(treatment, holdout), is_shown & ~is_wait)
    lower, upper = always_valid(
        treatment,
        holdout,
        is_watched=is_compared & rows["is_guardrail"].to_numpy(np.bool_),
        min_sample=least,
    )
    family = rows.groupby(["experiment_id", "variation_id"]).ngroup().to_numpy().astype(np.int64)
    corrected = fdr_p_values(shown.p_value, family)
    is_segment = (rows["segment_type"] != "all").to_numpy()
    log_ranks = np.full(len(rows), np.nan)
    log_ranks[is_wait] = [log_rank(one, other) if one and other else np.nan for one, other in pairs]
    return rows.assign(
        customer_count=n,
        holdout_count=np.where(is_treated, other_n, np.nan),
        numerator=np.where(is_wait, events, treatment.y),
        denominator=np.where(is_wait, n, treatment.x),
        mean=np.where(is_enough, lift.treatment, np.nan),
        variance=np.where(is_enough & ~is_wait, variance, np.nan),
        absolute_lift=shown.absolute,
        absolute_lift_ci_lower=shown.ci_lower,
        absolute_lift_ci_upper=shown.ci_upper,
        relative_lift=shown.relative,
        relative_lift_ci_lower=shown.relative_ci_lower,
        relative_lift_ci_upper=shown.relative_ci_upper,
        p_value=shown.p_value,
        fdr_p_value=corrected,
        log_rank_p_value=np.where(is_shown, log_ranks, np.nan),
        **_named("cuped_lift", cuped),
        always_valid_ci_lower=lower,
        always_valid_ci_upper=upper,
        has_always_valid_harm=is_harm(lower, upper, rows),
        minimum_detectable_effect=np.where(
            is_cut_short, np.nan, minimum_detectable_effect(effect.standard_error)
        ),
        conclusion=conclusions(
            effect,
            rows,
            is_cut_short=is_cut_short,
            is_significant=~is_segment | (corrected < FDR_LEVEL),
        ),
    )


def _named(name: str, lift: Lift) -> dict[str, NDArray[np.float64]]:
    return {
        name: lift.absolute,
        f"{name}_ci_lower": lift.ci_lower,
        f"{name}_ci_upper": lift.ci_upper,
    }


def _traps(rows: pd.DataFrame) -> pd.DataFrame:
    """Say where clicks rise while people stay no longer: a trap of the short term."""
    key = ["experiment_id", "variation_id", "segment_type", "segment_value"]
    clicks = rows.loc[rows["metric_name"] == "click_through_rate"].set_index(key)
    stays = rows.loc[rows["metric_name"] == "account_retention"].set_index(key)
    both = clicks[["absolute_lift_ci_lower"]].join(stays[["absolute_lift_ci_upper"]]).dropna()
    trap = (both["absolute_lift_ci_lower"] > 0) & (both["absolute_lift_ci_upper"] <= 0)
    joined = rows.merge(trap.rename("is_short_term_trap").reset_index(), how="left", on=key)
    joined["is_short_term_trap"] = joined["is_short_term_trap"].astype(object)
    return joined
