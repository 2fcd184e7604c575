"""The registry of experiments, features, stages and releases: CSV files kept under review."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from simulation.company import FEATURES, FLOWS, HOLDOUT_SHARE, RELEASES, STAGES
from simulation.experiment import live_features
from simulation.follow_ups import ARM_SHARES, HELD_OUT, PROGRAMME_DAY
from simulation.parameters import DAY, HOUR, SimulationParameters
from simulation.reasons import KEPT
from simulation.truth import Truth, times
from simulation.writers.files import seconds_text, write_csv

Rows = list[tuple[object, ...]]
_PLANNED_DAYS = 56
_EXPERIMENTS = (
    "experiment_id feature_id registered_at started_at ended_at planned_days holdout_share "
    "primary_metric minimum_effect kind follows_experiment_id mandatory_metrics money_cap"
)
# What is declared of an experiment beside what the policy asks of all.
_MANDATORY = {
    "subscription_finder": (
        "savings_rate;account_retention;task_completion_time;any_opt_out_rate_28d;"
        "conversion_rate_28d"
    )
}
_MONEY_CAPS = {"bill_forecast": "250.00", "loan_nudges": "500.00"}


def export_registry(parameters: SimulationParameters, folder: Path, truth: Truth) -> None:
    """Write what was registered of all features that go live, and the true releases."""
    _write_table(
        folder,
        truth,
        "experiments",
        _EXPERIMENTS,
        _experiments(parameters),
        received_column=2,
        time_columns=(2, 3),
        key_columns=(0,),
    )
    _write_table(
        folder,
        truth,
        "features",
        "feature_id registered_at owner launched_at description",
        _features(parameters),
        received_column=1,
        time_columns=(1, 3),
        key_columns=(0,),
    )
    _write_table(
        folder,
        truth,
        "stages",
        "experiment_id stage stage_share started_at",
        _stages(parameters),
        received_column=3,
        time_columns=(3,),
        key_columns=(0, 1),
    )
    _write_releases(parameters, folder, truth)


def _experiments(parameters: SimulationParameters) -> Rows:
    """Give the features' experiments, then those of the follow-ups on flows."""
    day0 = parameters.start_micros
    begins = day0 + PROGRAMME_DAY * DAY
    rows: Rows = []
    for code in live_features(parameters):
        f = FEATURES[code]
        starts = day0 + f.rollout_day * DAY
        registered = starts - 10 * DAY + 10 * HOUR
        said = (_MANDATORY.get(f.feature_id), _MONEY_CAPS.get(f.feature_id))
        rows.append(
            (
                *(f.experiment_id, f.feature_id, registered, starts, None, _PLANNED_DAYS),
                *(HOLDOUT_SHARE, *f.primary_metric, "test", None, *said),
            )
        )
    for flow in FLOWS:
        registered = begins - 10 * DAY + 10 * HOUR
        rows.append(
            (
                *(f"exp_follow_up_{flow}", f"follow_up_{flow}", registered, begins, None),
                *(_PLANNED_DAYS, ARM_SHARES[HELD_OUT], "conversion_rate_28d", 0.05),
                *[None] * 4,
            )
        )
    return rows


def _stages(parameters: SimulationParameters) -> Rows:
    """Give whom the rollouts let in from when; a follow-up is for everybody at once."""
    day0 = parameters.start_micros
    rows: Rows = [
        (FEATURES[code].experiment_id, stage + 1, share, day0 + day * DAY)
        for code in live_features(parameters)
        for stage, (wait, share) in enumerate(STAGES)
        if (day := FEATURES[code].rollout_day + wait) < parameters.days
    ]
    if parameters.days > PROGRAMME_DAY:
        rows += [(f"exp_follow_up_{f}", 1, 1.0, day0 + PROGRAMME_DAY * DAY) for f in FLOWS]
    return rows


def _features(parameters: SimulationParameters) -> Rows:
    """Give who answers for each feature, and since when it is live."""
    day0 = parameters.start_micros
    begins = day0 + PROGRAMME_DAY * DAY
    rows: Rows = []
    for code in live_features(parameters):
        f = FEATURES[code]
        starts = day0 + f.rollout_day * DAY
        registered = starts - 20 * DAY + 9 * HOUR
        rows.append((f.feature_id, registered, f"{f.category} team", starts, f.description))
    rows += [
        (
            f"follow_up_{flow}",
            begins - 20 * DAY + 9 * HOUR,
            "lifecycle team",
            begins,
            f"Reminds of a {flow.replace('_', ' ')} that was given up",
        )
        for flow in FLOWS
    ]
    return rows


def _write_releases(parameters: SimulationParameters, folder: Path, truth: Truth) -> None:
    """Write releases known before the end, and the true ones."""
    day0 = parameters.start_micros
    releases = [
        (r.release_id, r.feature_id, r.kind, day0 + r.day * DAY, r.stage_share, None, None)
        for r in RELEASES
        if r.day < parameters.days
    ]
    columns = "release_id feature_id kind released_at stage_share rolled_back_at fix_for_feature_id"
    _write_table(
        folder,
        truth,
        "releases",
        columns,
        releases,
        received_column=3,
        time_columns=(3,),
        key_columns=(0,),
    )
    true_columns = {
        name: pa.array([row[place] for row in releases])
        for place, name in enumerate(columns.split()[:5])
    }
    true_columns["released_at"] = times(np.array([row[3] for row in releases]))
    truth.add("releases", pa.table(true_columns))


def _write_table(
    folder: Path,
    truth: Truth,
    table: str,
    columns: str,
    rows: Sequence[tuple[object, ...]],
    *,
    received_column: int,
    time_columns: tuple[int, ...],
    key_columns: tuple[int, ...],
) -> None:
    """Write one reference CSV and its truth; every row is kept."""
    path = f"{table}/{table}.csv"
    shown = [
        [seconds_text(v) if c in time_columns else v for c, v in enumerate(r)]  # type: ignore[arg-type]
        for r in rows
    ]
    write_csv(folder / path, columns.split(), shown)
    truth.add_received(
        "experimentation",
        table,
        received=np.array([row[received_column] for row in rows], dtype=np.int64),
        key=pa.array(["|".join(str(row[c]) for c in key_columns) for row in rows]),
        reason=np.full(len(rows), KEPT),
        file=np.zeros(len(rows)),
        files=[path],
        line=np.arange(len(rows)) + 1,
    )
