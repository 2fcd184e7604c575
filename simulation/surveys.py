"""Answers that customers give in surveys: under an insight, on leaving, now and then."""

import numpy as np
import pandas as pd

from simulation.parameters import MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.randomness import at_least, between, chance, stream
from simulation.sessions import ORDINARY
from simulation.world import World

INSTRUMENTS = ("micro", "csat", "exit", "driver")
MICRO, CSAT, EXIT, DRIVER = range(4)
EXIT_TEXTS = (
    "Too many suggestions",
    "It knows too much about my spending",
    "The advice was not useful to me",
    "I prefer to decide by myself",
    "I did not understand why I got these",
)
DRIVER_TEXTS = ("It meets my needs", "I trust it", "Easy to use", "Good experience")


def make_responses(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Draw the responses of a chunk in order of time.

    Returns:
        customer, instrument, decision (NOBODY = none), choice, at (whole milliseconds, in
        microseconds).
    """
    rng = stream(parameters.seed, chunk, "surveys")
    decisions, sessions = world.decisions, world.sessions
    answered = decisions[decisions["answered"] >= 0]
    parts = [_rows(answered, MICRO, answered["answered"], answered["is_yes"], answered.index)]
    offs = world.settings[~world.settings["is_on"] & (world.settings["session"] >= 0)]
    chosen = offs.iloc[at_least(rng, 0.25, 1, np.arange(len(offs)))]
    at = chosen["at"] + between(rng, 5 * SECOND, 90 * SECOND, len(chosen))
    parts.append(_rows(chosen, EXIT, at, rng.integers(0, len(EXIT_TEXTS), len(chosen))))
    known = np.flatnonzero((sessions["purpose"] == ORDINARY).to_numpy())
    for instrument, share, scale in ((CSAT, 0.006, 5), (DRIVER, 0.002, len(DRIVER_TEXTS))):
        asked = sessions.iloc[at_least(rng, share, 3, known)]
        when = asked["start"] + between(rng, MINUTE, 6 * MINUTE, len(asked))
        choice = rng.integers(0, scale, len(asked))
        if instrument == CSAT:
            choice = np.where(chance(rng, 0.7, len(asked)), rng.integers(3, 5, len(asked)), choice)
        parts.append(_rows(asked, instrument, when, choice))
    responses = pd.concat(parts, ignore_index=True)
    responses["at"] = responses["at"] // 1000 * 1000
    inside = responses["at"] < parameters.end_micros
    return responses[inside].sort_values(["at", "customer"], kind="stable", ignore_index=True)


def _rows(
    source: pd.DataFrame, instrument: int, at: object, choice: object, decision: object = NOBODY
) -> pd.DataFrame:
    """Lay out responses of one instrument."""
    rows = pd.DataFrame({"customer": source["customer"].to_numpy()})
    rows["instrument"] = instrument
    rows["decision"] = np.asarray(decision)
    rows["choice"] = np.asarray(choice).astype(np.int64)
    rows["at"] = np.asarray(at)
    return rows
