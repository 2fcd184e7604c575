"""By which policy each decision was taken, and what the log says of its chances.

Rules take a tenth of the decisions and log no chance. The models draw by the shares of their
behaviours and log them, with two faults that a reader of the log must notice: the loan model lists
an action that it never takes, and the spend coach promises a floor that one behaviour lies under.
"""

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa

from simulation.company import BEHAVIOURS, FEATURES
from simulation.parameters import DAY, SimulationParameters
from simulation.randomness import Array
from simulation.truth import Truth, pick, times
from simulation.world import World

POLICY_TYPES = ("rules", "model")
POLICIES = tuple(f"{kind}_{f.feature_id}_1" for kind in ("rules", "policy") for f in FEATURES)
FORMATS = ("card", "banner")
NEVER_TAKEN = {"loan_nudges": "no_nudge"}
ACTION_LISTS = tuple(
    orjson.dumps(
        [b.name for b in f.behaviours] + [n for k, n in NEVER_TAKEN.items() if k == f.feature_id]
    ).decode()
    for f in FEATURES
)
FLOOR = 0.05
_BROKEN_FLOOR = 0.45
_BROKEN_FROM_DAY = 200
_SPEND_COACH = [feature.feature_id for feature in FEATURES].index("spend_coach")
_CARD = 0


def policies(parameters: SimulationParameters, decisions: pd.DataFrame) -> pd.DataFrame:
    """Say of each decision which policy took it, and what it logs.

    Returns:
        `type`, `policy`, `actions` and `format` as codes; `propensity` and `floor`, NaN
        where none is logged.
    """
    decided, feature = decisions["decided"].to_numpy(), decisions["feature"].to_numpy()
    is_model = decided % 10 != 0
    shares: Array = np.array([behaviour.share for behaviour in BEHAVIOURS])
    day = (decided - parameters.start_micros) // DAY
    is_broken = (feature == _SPEND_COACH) & (day >= _BROKEN_FROM_DAY)
    floor = np.where(is_broken, _BROKEN_FLOOR, FLOOR)
    return pd.DataFrame(
        {
            "type": is_model.astype(int),
            "policy": feature + len(FEATURES) * is_model,
            "actions": np.where(is_model, feature, -1),
            "format": np.where(is_model, decided // 10 % len(FORMATS), _CARD),
            "propensity": np.where(is_model, shares[decisions["behaviour"].to_numpy()], np.nan),
            "floor": np.where(is_model, floor, np.nan),
        }
    )


def record_decisions(
    parameters: SimulationParameters, world: World, is_kept: Array, truth: Truth
) -> None:
    """Record each kept decision with the policy that took it."""
    kept = world.decisions[is_kept]
    taken = policies(parameters, kept)
    truth.add(
        "policy_decisions",
        pa.table(
            {
                "decision_id": world.decision_ids.take(np.flatnonzero(is_kept)),
                "customer_ref": world.people.refs.take(kept["customer"].to_numpy()),
                "decided_at": times(kept["decided"].to_numpy()),
                "served_at": times(kept["served"].to_numpy()),
                "feature_id": pick(tuple(f.feature_id for f in FEATURES), kept["feature"]),
                "policy_type": pick(POLICY_TYPES, taken["type"]),
                "policy_id": pick(POLICIES, taken["policy"]),
                "eligible_actions": pick(ACTION_LISTS, taken["actions"]),
                "action": pick(tuple(b.name for b in BEHAVIOURS), kept["behaviour"]),
                "propensity": pa.array(taken["propensity"], from_pandas=True),
                "exploration_floor": pa.array(taken["floor"], from_pandas=True),
                "format": pick(FORMATS, taken["format"]),
            }
        ),
    )
