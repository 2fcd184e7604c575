"""Who is in which experiment since when, as an ideal pipeline knows it at the end."""

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.company import FEATURE_IDS, FEATURES, TYPE_CODE, VARIATIONS
from simulation.parameters import NEVER
from simulation.randomness import Bools
from simulation.truth import Truth, pick, times
from simulation.world import World

_PLACE = ["customer", "feature"]


def record_enrolments(
    world: World,
    *,
    assigned: pd.DataFrame,
    exposed: pd.DataFrame,
    is_event_kept: Bools,
    truth: Truth,
) -> None:
    """Record each genuine customer known to be in a feature's experiment.

    Args:
        world: What really happened.
        assigned: Kept assignments: customer, feature, at (microseconds).
        exposed: Kept rows of the exposure log: customer, feature, is_holdout, at.
        is_event_kept: For each product event, whether an ideal pipeline keeps it.
        truth: Takes the table `enrolments`; without an exposure `first_exposed_at` is null.
    """
    is_exposure = (world.events["type"] == TYPE_CODE["[Experiment] Exposure"]).to_numpy()
    told = world.events[is_exposure & is_event_kept][[*_PLACE, "is_holdout", "at"]]
    seen = pd.concat([exposed, told.astype({"is_holdout": bool})], ignore_index=True)
    met = seen.groupby(_PLACE).agg(exposed=("at", "min"), arms=("is_holdout", "nunique"))
    first = assigned.groupby(_PLACE).agg(assigned=("at", "min"))
    both = first.join(met, how="outer").fillna(NEVER).astype(np.int64).reset_index()
    customer, feature = both["customer"].to_numpy(), both["feature"].to_numpy()
    experiments = tuple(one.experiment_id for one in FEATURES)
    truth.add(
        "enrolments",
        pa.table(
            {
                "experiment_id": pick(experiments, feature),
                "feature_id": pick(FEATURE_IDS, feature),
                "customer_ref": world.people.refs.take(customer),
                "variation_id": pick(VARIATIONS, world.arms.is_holdout[customer, feature]),
                "is_mixed": pa.array((both["arms"] > 1).to_numpy()),
                "assigned_at": times(both["assigned"].to_numpy()),
                "first_exposed_at": times(both["exposed"].to_numpy()),
            }
        ),
    )
