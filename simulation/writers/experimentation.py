"""The experiment platform: assignments and exposures by day."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.company import FEATURE_IDS, FEATURES, FLOWS, VARIATIONS
from simulation.deliveries import Habits, deliver
from simulation.follow_ups import ARMS, HELD_OUT
from simulation.jsontext import booleans, lines, names, numbers, quoted, stamps, text
from simulation.parameters import DAY, HOUR, MINUTE, SECOND, SimulationParameters
from simulation.randomness import at_least, between, stream
from simulation.reasons import KEPT, Marks, judge
from simulation.truth import Truth, pick, times
from simulation.world import World
from simulation.writers.files import write_daily_lines

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
