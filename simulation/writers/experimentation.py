"""The experiment platform: assignments and exposures by day, registry and releases as CSV."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.company import FEATURES, HOLDOUT_SHARE, RELEASES, STAGES, VARIATIONS
from simulation.deliveries import Habits, deliver
from simulation.experiment import live_features
from simulation.jsontext import booleans, lines, names, numbers, quoted, stamps, text
from simulation.parameters import DAY, HOUR, MINUTE, SECOND, SimulationParameters
from simulation.randomness import stream
from simulation.reasons import KEPT, Marks, judge
from simulation.truth import Truth, pick, times
from simulation.world import World
from simulation.writers.files import seconds_text, write_csv, write_daily_lines

SLA = 48 * HOUR
_EXPERIMENT_IDS = tuple(feature.experiment_id for feature in FEATURES)
_FEATURE_IDS = tuple(feature.feature_id for feature in FEATURES)


def export_assignments(
    parameters: SimulationParameters, chunk: int, world: World, folder: Path, truth: Truth
) -> None:
    """Write who was assigned to which variation, and the truth of it."""
    rng = stream(parameters.seed, chunk, "assignments")
    customer, feature = np.nonzero(world.arms.assigned_at < parameters.end_micros)
    at = world.arms.assigned_at[customer, feature]
    is_holdout = world.arms.is_holdout[customer, feature]
    sent = deliver(rng, at, Habits(usual=(SECOND, MINUTE), late_share=0.01, copy_share=0.01))
    order = np.lexsort((sent.copy, sent.record, sent.received))
    rows = sent.only(order[sent.received[order] < parameters.end_micros])
    person, code = customer[rows.record], feature[rows.record]
    units = world.people.refs.take(person)
    written = lines(
        {
            "experiment_id": names(_EXPERIMENT_IDS, code),
            "unit_type": names(("customer",), np.zeros(len(code))),
            "unit": quoted(units),
            "variation_id": names(VARIATIONS, is_holdout[rows.record]),
            "variation_role": names(VARIATIONS, is_holdout[rows.record]),
            "assigned_at": quoted(stamps(at[rows.record])),
            "eligible_at": quoted(stamps(at[rows.record])),
            "stage_share": numbers(world.arms.stage_share[person, code]),
            "logged_at": quoted(stamps(rows.received)),
        }
    )
    file, files, line = write_daily_lines(folder, "assignments", chunk, written, rows.received)
    is_internal, is_erased = world.people.flags(person)
    reason = judge(
        Marks(
            record=rows.record,
            received=rows.received,
            is_test=is_internal,
            is_erased=is_erased,
        )
    )
    truth.add_received(
        "experimentation",
        "assignments",
        received=rows.received,
        key=text(pick(_EXPERIMENT_IDS, code), "|", units, "#", numbers(rows.copy)),
        reason=reason,
        file=file,
        files=files,
        line=line,
        flags=pd.DataFrame({"is_late": rows.is_late}),
    )
    kept = np.unique(rows.record[reason == KEPT])
    truth.add(
        "assignments",
        pa.table(
            {
                "experiment_id": pick(_EXPERIMENT_IDS, feature[kept]),
                "feature_id": pick(_FEATURE_IDS, feature[kept]),
                "customer_ref": world.people.refs.take(customer[kept]),
                "variation_id": pick(VARIATIONS, is_holdout[kept]),
                "assigned_at": times(at[kept]),
            }
        ),
    )


def export_exposures(
    parameters: SimulationParameters, chunk: int, world: World, folder: Path, truth: Truth
) -> None:
    """Write the first triggered exposure of each customer, counterfactual in the holdout."""
    rng = stream(parameters.seed, chunk, "exposures")
    first = world.first_exposures
    at = first["decided"].to_numpy()
    customer, feature = first["customer"].to_numpy(), first["feature"].to_numpy()
    is_holdout = first["is_holdout"].to_numpy()
    sent = deliver(rng, at, Habits(late_share=0.01, stale_share=0.002, copy_share=0.01))
    order = np.lexsort((sent.copy, sent.record, sent.received))
    rows = sent.only(order[sent.received[order] < parameters.end_micros])
    code = feature[rows.record]
    units = world.people.refs.take(customer[rows.record])
    written = lines(
        {
            "experiment_id": names(_EXPERIMENT_IDS, code),
            "unit_type": names(("customer",), np.zeros(len(code))),
            "unit": quoted(units),
            "variation_id": names(VARIATIONS, is_holdout[rows.record]),
            "is_counterfactual": booleans(is_holdout[rows.record]),
            "exposed_at": quoted(stamps(at[rows.record])),
            "logged_at": quoted(stamps(rows.received)),
        }
    )
    file, files, line = write_daily_lines(folder, "exposures", chunk, written, rows.received)
    is_internal, is_erased = world.people.flags(customer[rows.record])
    truth.add_received(
        "experimentation",
        "exposures",
        received=rows.received,
        key=text(pick(_EXPERIMENT_IDS, code), "|", units, "#", numbers(rows.copy)),
        reason=judge(
            Marks(
                record=rows.record,
                received=rows.received,
                is_test=is_internal,
                is_stale=rows.received - at[rows.record] > SLA,
                is_erased=is_erased,
            )
        ),
        file=file,
        files=files,
        line=line,
        flags=pd.DataFrame({"is_late": rows.is_late}),
    )


def export_registry(parameters: SimulationParameters, folder: Path, truth: Truth) -> None:
    """Write experiments, stages and releases known before the end, and the true releases."""
    day0 = parameters.start_micros
    live = [FEATURES[code] for code in live_features(parameters)]
    experiments = [
        (
            f.experiment_id,
            f.feature_id,
            day0 + (f.rollout_day - 10) * DAY + 10 * HOUR,
            day0 + f.rollout_day * DAY,
            None,
            56,
            HOLDOUT_SHARE,
            "savings_rate",
            0.01,
        )
        for f in live
    ]
    _write_table(
        folder,
        truth,
        "experiments",
        "experiment_id feature_id registered_at started_at ended_at planned_days holdout_share "
        "primary_metric minimum_effect",
        experiments,
        received_column=2,
        time_columns=(2, 3),
        key_columns=(0,),
    )
    stages = [
        (f.experiment_id, stage + 1, share, day0 + (f.rollout_day + wait) * DAY)
        for f in live
        for stage, (wait, share) in enumerate(STAGES)
        if f.rollout_day + wait < parameters.days
    ]
    _write_table(
        folder,
        truth,
        "stages",
        "experiment_id stage stage_share started_at",
        stages,
        received_column=3,
        time_columns=(3,),
        key_columns=(0, 1),
    )
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
