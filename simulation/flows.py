"""Loan simulations and deposits inside sessions."""

import numpy as np
import pandas as pd

from simulation.blocks import block
from simulation.company import STEPS
from simulation.parameters import MINUTE, SECOND
from simulation.randomness import Ints, at_least, between, chance
from simulation.sessions import PROSPECT, SETTINGS


def known_sessions(sessions: pd.DataFrame) -> Ints:
    """Give the numbers of ordinary sessions of people who log in."""
    purpose = sessions["purpose"].to_numpy()
    return np.flatnonzero((purpose != PROSPECT) & (purpose != SETTINGS))


def loan_and_deposit_events(rng: np.random.Generator, sessions: pd.DataFrame) -> list[pd.DataFrame]:
    """Give loan simulations (many abandoned) and deposits begun."""
    customer, start = sessions["customer"].to_numpy(), sessions["start"].to_numpy()
    begun = at_least(rng, 0.025, 2, known_sessions(sessions))
    cents = rng.integers(10, 300, len(begun)) * 10_000
    at = start[begun] + between(rng, 10 * SECOND, MINUTE, len(begun))
    parts = [block("loan_simulation_started", customer[begun], begun, at, flow_instance=begun)]
    for step in range(STEPS):
        goes_on = chance(rng, 0.8, len(begun))
        begun, cents, at = begun[goes_on], cents[goes_on], at[goes_on]
        at = at + between(rng, 5 * SECOND, 60 * SECOND, len(begun))
        parts.append(
            block(
                "loan_simulation_step",
                customer[begun],
                begun,
                at,
                flow_instance=begun,
                flow_step=step,
                is_completion=0,
                cents=cents,
            )
        )
    parts.append(
        block(
            "loan_simulation_completed",
            customer[begun],
            begun,
            at + between(rng, 2 * SECOND, 20 * SECOND, len(begun)),
            flow_instance=begun,
            flow_step=STEPS - 1,
            is_completion=1,
            cents=cents,
        )
    )
    saved = at_least(rng, 0.02, 2, known_sessions(sessions))
    parts.append(
        block(
            "deposit_started",
            customer[saved],
            saved,
            start[saved] + between(rng, 20 * SECOND, 2 * MINUTE, len(saved)),
            cents=rng.integers(10, 500, len(saved)) * 100,
        )
    )
    return parts
