"""What the verification vendor learns of each applicant, and when."""

import numpy as np
import pandas as pd

from simulation.banking import TRADING, Bank
from simulation.parameters import DAY, MINUTE, NOBODY, SimulationParameters
from simulation.randomness import between, stream
from simulation.verification import CREATED, DELETED, LEVEL, applicant_lives, applicant_rows
from simulation.world import World

_COLUMNS = ["customer", "type", "at", "answer", "label", "level", "is_sandbox"]
_SANDBOX_SHARE = 0.02


def make_applicant_events(
    parameters: SimulationParameters, chunk: int, world: World, bank: Bank
) -> pd.DataFrame:
    """Draw a chunk's webhooks in order of time.

    Returns:
        customer (NOBODY in the sandbox), type, at (whole milliseconds, in microseconds), answer and
        label (NOBODY = none), level, is_sandbox.
    """
    rng = stream(parameters.seed, chunk, "kyc")
    begun, later = applicant_lives(rng, world.people)
    parts = [*begun, *later, _upgrades(bank)]
    rows = pd.concat(parts, ignore_index=True)
    rows["at"] = rows["at"] // 1000 * 1000
    inside = (rows["at"] >= parameters.start_micros) & (rows["at"] < parameters.end_micros)
    rows = pd.concat([rows[inside], _sandbox(parameters, rng, int(inside.sum()))])
    return rows.sort_values(["at", "customer", "type"], kind="stable", ignore_index=True)[_COLUMNS]


def _upgrades(bank: Bank) -> pd.DataFrame:
    """Give the higher level that a trading account asks for."""
    trading = bank.accounts[bank.accounts["product_line"] == TRADING]
    return applicant_rows(
        LEVEL, trading["customer"].to_numpy(), trading["opened_at"].to_numpy() - 5 * MINUTE, level=1
    )


def _sandbox(parameters: SimulationParameters, rng: np.random.Generator, real: int) -> pd.DataFrame:
    """Give what developers try out on applicants who do not exist."""
    count = max(5, round(_SANDBOX_SHARE * real))
    at = parameters.start_micros + between(rng, 0, parameters.days * DAY, count) // 1000 * 1000
    kinds = rng.integers(CREATED, DELETED + 1, count)
    return applicant_rows(CREATED, np.full(count, NOBODY), at, type=kinds, is_sandbox=True)
