"""Who belongs to which arm of which feature's experiment, and since when."""

from dataclasses import dataclass

import numpy as np

from simulation.company import (
    CHALLENGE_LEAVE_DAYS,
    CHALLENGE_LEAVERS,
    FEATURE_IDS,
    FEATURES,
    HOLDOUT_SHARE,
    STAGES,
)
from simulation.parameters import DAY, HOUR, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Bools, Ints, between, chance, stream


@dataclass(frozen=True)
class Arms:
    """Assignments of a chunk (customers x live features).

    Args:
        is_holdout: Whether the customer is held out of the feature.
        assigned_at: Microseconds of the assignment; at or after the end means never.
        stage_share: Share of customers the stage let in.
    """

    is_holdout: Bools
    assigned_at: Ints
    stage_share: Array


def live_features(parameters: SimulationParameters) -> list[int]:
    """Give the codes of the features rolled out within the simulated period."""
    return [c for c, feature in enumerate(FEATURES) if feature.rollout_day < parameters.days]


def assign(parameters: SimulationParameters, chunk: int, people: People) -> Arms:
    """Draw arms and assignment times of every customer for every feature."""
    rng = stream(parameters.seed, chunk, "experiment")
    shape = (people.count, len(FEATURES))
    is_holdout = np.zeros(shape, dtype=bool)
    assigned_at = np.full(shape, np.iinfo(np.int64).max)
    stage_share = np.ones(shape)
    signed_up = people.column("signed_up_at")
    for code, feature in enumerate(FEATURES):
        is_holdout[:, code] = chance(rng, HOLDOUT_SHARE, people.count)
        is_early = chance(rng, STAGES[0][1], people.count)
        wait = np.where(is_early, STAGES[0][0], STAGES[1][0])
        opens = parameters.start_micros + (feature.rollout_day + wait) * DAY
        settled = signed_up + between(rng, HOUR, 12 * HOUR, people.count)
        at = np.maximum(opens + between(rng, 0, 3 * HOUR, people.count), settled)
        is_present = at < people.column("active_until")
        if feature.rollout_day < parameters.days:
            assigned_at[is_present, code] = at[is_present]
        stage_share[:, code] = np.where(
            is_early & (settled < opens + STAGES[1][0] * DAY), STAGES[0][1], STAGES[1][1]
        )
    return Arms(is_holdout, assigned_at, stage_share)


def wear_out(parameters: SimulationParameters, chunk: int, people: People, arms: Arms) -> None:
    """Let some of those who were challenged every day leave, months after it began."""
    rng = stream(parameters.seed, chunk, "worn_out")
    code = FEATURE_IDS.index("daily_challenge")
    first, last = CHALLENGE_LEAVE_DAYS
    leaves = parameters.start_micros + between(rng, first * DAY, last * DAY, people.count)
    is_worn = chance(rng, CHALLENGE_LEAVERS, people.count) & ~arms.is_holdout[:, code]
    is_worn &= (arms.assigned_at[:, code] < leaves) & people.is_genuine
    stays = people.column("active_until")
    people.customers["active_until"] = np.where(is_worn, np.minimum(stays, leaves), stays)
