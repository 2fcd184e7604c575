"""Faulty batches on request: one received day of Amplitude, spoiled in place of the healthy one."""

import numpy as np
import pandas as pd

from simulation.noise import REPEAT
from simulation.parameters import DAY, HOUR, SimulationParameters
from simulation.randomness import Array, Bools, at_least, stream

REPEATED_SHARE = 0.3
BLANK_SHARE = 0.5


def faulty_rows(parameters: SimulationParameters, rows: pd.DataFrame) -> Bools:
    """Tell which rows were received on the day that the scenario spoils."""
    first = parameters.start_micros + (parameters.faulty_date - parameters.start).days * DAY
    received = rows["received"].to_numpy()
    chosen: Bools = (received >= first) & (received < first + DAY)
    return chosen


def repeat_rows(parameters: SimulationParameters, chunk: int, rows: pd.DataFrame) -> pd.DataFrame:
    """Repeat a share of the day's rows, each within its own hour so that no other file changes.

    Returns:
        The repeats, with the clocks of a second upload.
    """
    rng = stream(parameters.seed, chunk, "scenario")
    able = np.flatnonzero(faulty_rows(parameters, rows) & (rows["fault"].to_numpy() == 0))
    repeats = rows.iloc[at_least(rng, REPEATED_SHARE, 1, able)].copy()
    received = repeats["received"].to_numpy()
    left = (received // HOUR + 1) * HOUR - received
    delay = 1 + (rng.random(len(repeats)) * (left - 1)).astype(np.int64)
    for clock in ("received", "server_received", "client_upload"):
        repeats[clock] = repeats[clock].to_numpy() + delay
    repeats["copy"] = REPEAT
    repeats["is_late"] = False
    repeats["is_near_duplicate"] = False
    return repeats


def blank_cells(
    parameters: SimulationParameters, chunk: int, rows: pd.DataFrame, columns: int
) -> Array:
    """Draw the cells (rows x columns) that the faulty day leaves empty."""
    rng = stream(parameters.seed, chunk, "scenario")
    blank = np.zeros((len(rows), columns), dtype=bool)
    spoiled = faulty_rows(parameters, rows)
    blank[spoiled] = rng.random((int(spoiled.sum()), columns)) < BLANK_SHARE
    return blank
