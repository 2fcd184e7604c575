"""What new customers do in their first week, of which one thing goes with staying and one does not.

Who will stay longer than two months makes a budget in the first session much more often. Rates are
looked at in any session of the first week: whoever comes often does it more often, and stays more
often too, but not because of it.
"""

import numpy as np
import pandas as pd

from simulation.blocks import block
from simulation.parameters import DAY, MINUTE, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import between, chance, stream
from simulation.sessions import ORDINARY

STAYS = 60 * DAY
BUDGET_SHARES = (0.2, 0.75)
RATES_SHARE = 0.5


def early_action_events(
    parameters: SimulationParameters, chunk: int, people: People, sessions: pd.DataFrame
) -> list[pd.DataFrame]:
    """Give the budgets and looks at rates of customers who joined within the period."""
    rng = stream(parameters.seed, chunk, "early_actions")
    is_new = people.column("signed_up_at") >= parameters.start_micros
    ordinary = sessions[sessions["purpose"] == ORDINARY].sort_values("start", kind="stable")
    ordinary = ordinary[is_new[ordinary["customer"].to_numpy()]]
    first = ordinary.drop_duplicates("customer")
    who, start = first["customer"].to_numpy(), first["start"].to_numpy()
    stays = people.column("active_until")[who] - start > STAYS
    budgets = chance(rng, np.where(stays, BUDGET_SHARES[1], BUDGET_SHARES[0]), len(first))
    begin = ordinary["customer"].map(first.set_index("customer")["start"]).to_numpy()
    is_early = ordinary["start"].to_numpy() < begin + 6 * DAY
    early = ordinary[is_early & chance(rng, RATES_SHARE, len(ordinary))]
    return [
        _within(rng, "budget_created", first[budgets]),
        _within(rng, "rates_viewed", early),
    ]


def _within(rng: np.random.Generator, event: str, sessions: pd.DataFrame) -> pd.DataFrame:
    """Let an event happen soon after each session began."""
    at = sessions["start"].to_numpy() + between(rng, 20 * SECOND, 3 * MINUTE, len(sessions))
    return block(event, sessions["customer"].to_numpy(), sessions.index.to_numpy(), at)
