"""The experiment platform: assignments and exposures by day, registry and releases as CSV."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.company import (
    FEATURE_IDS,
    FEATURES,
    FLOWS,
    HOLDOUT_SHARE,
    RELEASES,
    STAGES,
    VARIATIONS,
)
from simulation.deliveries import Habits, deliver
from simulation.experiment import live_features
from simulation.follow_ups import ARM_SHARES, ARMS, HELD_OUT, PROGRAMME_DAY
from simulation.jsontext import booleans, lines, names, numbers, quoted, stamps, text
from simulation.parameters import DAY, HOUR, MINUTE, SECOND, SimulationParameters
from simulation.randomness import at_least, between, stream
from simulation.reasons import KEPT, Marks, judge
from simulation.truth import Truth, pick, times
from simulation.world import World
from simulation.writers.files import seconds_text, write_csv, write_daily_lines

SLA = 48 * HOUR
# Those of features first, then those of the follow-ups on flows.
_EXPERIMENT_IDS = (
    *(feature.experiment_id for feature in FEATURES),
    *(f"exp_follow_up_{flow}" for flow in FLOWS),
)
_VARIATION_IDS = (*VARIATIONS, *ARMS)
_HOLDOUTS = (VARIATIONS.index("holdout"), len(VARIATIONS) + HELD_OUT)
_STRAYED = FEATURE_IDS.index("subscription_finder")


def export_assignments(
    parameters: SimulationParameters, chunk: int, world: World, folder: Path, truth: Truth
) -> pd.DataFrame:
    """Write who was assigned to which variation, and the truth of it.

    Returns:
        Kept assignments to features' experiments: customer, feature, at (microseconds).
    """
    rng = stream(parameters.seed, chunk, "assignments")
    drawn = _assignments(parameters, world)
    customer, at = drawn["customer"].to_numpy(), drawn["at"].to_numpy()
    experiment, variation = drawn["experiment"].to_numpy(), drawn["variation"].to_numpy()
    sent = deliver(rng, at, Habits(usual=(SECOND, MINUTE), late_share=0.01, copy_share=0.01))
    order = np.lexsort((sent.copy, sent.record, sent.received))
    rows = sent.only(order[sent.received[order] < parameters.end_micros])
    person, code = customer[rows.record], experiment[rows.record]
    is_holdout = np.isin(variation[rows.record], _HOLDOUTS).astype(np.int64)
    units = world.people.refs.take(person)
    written = lines(
        {
            "experiment_id": names(_EXPERIMENT_IDS, code),
            "unit_type": names(("customer",), np.zeros(len(code))),
            "unit": quoted(units),
            "variation_id": names(_VARIATION_IDS, variation[rows.record]),
            "variation_role": names(VARIATIONS, is_holdout),
            "assigned_at": quoted(stamps(at[rows.record])),
            "eligible_at": quoted(stamps(at[rows.record])),
            "stage_share": numbers(drawn["stage_share"].to_numpy()[rows.record]),
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
    kept = kept[experiment[kept] < len(FEATURES)]
    truth.add(
        "assignments",
        pa.table(
            {
                "experiment_id": pick(_EXPERIMENT_IDS, experiment[kept]),
                "feature_id": pick(FEATURE_IDS, experiment[kept]),
                "customer_ref": world.people.refs.take(customer[kept]),
                "variation_id": pick(VARIATIONS, variation[kept]),
                "assigned_at": times(at[kept]),
            }
        ),
    )
    return pd.DataFrame({"customer": customer[kept], "feature": experiment[kept], "at": at[kept]})


def _assignments(parameters: SimulationParameters, world: World) -> pd.DataFrame:
    """Gather who was assigned to what: to features' experiments first, then to follow-ups.

    Returns:
        customer, experiment and variation (codes), at (microseconds), stage_share.
    """
    arms, programme = world.arms, world.follow_ups
    customer, feature = np.nonzero(arms.assigned_at < parameters.end_micros)
    member, flow = np.nonzero(
        (programme.arm >= 0)
        & (programme.assigned_at < parameters.end_micros)
        & (programme.assigned_at < world.people.column("active_until")[:, None])
    )
    return pd.DataFrame(
        {
            "customer": np.concatenate([customer, member]),
            "experiment": np.concatenate([feature, len(FEATURES) + flow]),
            "variation": np.concatenate(
                [
                    arms.is_holdout[customer, feature].astype(np.int64),
                    len(VARIATIONS) + programme.arm[member, flow],
                ]
            ),
            "at": np.concatenate(
                [arms.assigned_at[customer, feature], programme.assigned_at[member, flow]]
            ),
            "stage_share": np.concatenate(
                [arms.stage_share[customer, feature], np.ones(len(member))]
            ),
        }
    )


def export_exposures(
    parameters: SimulationParameters, chunk: int, world: World, folder: Path, truth: Truth
) -> pd.DataFrame:
    """Write the first triggered exposure of each customer, counterfactual in the holdout.

    Returns:
        Kept rows: customer, feature, is_holdout, at (microseconds).
    """
    rng = stream(parameters.seed, chunk, "exposures")
    first = pd.concat([world.first_exposures, _strays(parameters, chunk, world)], ignore_index=True)
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
    reason = judge(
        Marks(
            record=rows.record,
            received=rows.received,
            is_test=is_internal,
            is_stale=rows.received - at[rows.record] > SLA,
            is_erased=is_erased,
        )
    )
    arm = pick(VARIATIONS, is_holdout[rows.record])
    truth.add_received(
        "experimentation",
        "exposures",
        received=rows.received,
        key=text(pick(_EXPERIMENT_IDS, code), "|", units, "|", arm, "#", numbers(rows.copy)),
        reason=reason,
        file=file,
        files=files,
        line=line,
        flags=pd.DataFrame({"is_late": rows.is_late}),
    )
    kept = first.iloc[np.unique(rows.record[reason == KEPT])]
    return kept[["customer", "feature", "is_holdout", "decided"]].rename(columns={"decided": "at"})


def _strays(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Draw exposures of a few to the other arm, on a device that had kept an old allocation."""
    rng = stream(parameters.seed, chunk, "strays")
    first = world.first_exposures
    is_able = (first["feature"] == _STRAYED) & world.people.is_genuine[first["customer"].to_numpy()]
    is_able &= first["decided"] < parameters.end_micros - 4 * DAY
    some = first.iloc[at_least(rng, 0.01, 1, np.flatnonzero(is_able))]
    later = between(rng, HOUR, 2 * DAY, len(some))
    strays: pd.DataFrame = some.assign(
        is_holdout=~some["is_holdout"], decided=some["decided"] + later
    )
    return strays


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
    begins = day0 + PROGRAMME_DAY * DAY
    experiments += [
        (
            f"exp_follow_up_{flow}",
            f"follow_up_{flow}",
            begins - 10 * DAY + 10 * HOUR,
            begins,
            None,
            56,
            ARM_SHARES[HELD_OUT],
            "recovery_rate",
            0.05,
        )
        for flow in FLOWS
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
    features = [
        (
            f.feature_id,
            day0 + (f.rollout_day - 20) * DAY + 9 * HOUR,
            f"{f.category} team",
            day0 + f.rollout_day * DAY,
        )
        for f in live
    ]
    features += [
        (f"follow_up_{flow}", begins - 20 * DAY + 9 * HOUR, "lifecycle team", begins)
        for flow in FLOWS
    ]
    _write_table(
        folder,
        truth,
        "features",
        "feature_id registered_at owner launched_at",
        features,
        received_column=1,
        time_columns=(1, 3),
        key_columns=(0,),
    )
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
