"""What the traded symbols cost at the end of each trading day, and what kind of market it was."""

import numpy as np
import pandas as pd

from simulation.banking import SYMBOLS
from simulation.parameters import DAY, HOUR, MINUTE, SimulationParameters
from simulation.randomness import stream

REGIMES = ("calm", "volatile", "falling")
# Daily growth and its spread, in logarithms, in the order of REGIMES.
_GROWTH = np.array([0.0006, 0.0, -0.004])
_SPREAD = np.array([0.006, 0.022, 0.014])
# Trading days that a regime lasts, at least and at most.
_SPELL = (25, 60)


def make_market(parameters: SimulationParameters) -> pd.DataFrame:
    """Draw the closing prices of every symbol on every weekday.

    Returns:
        One row a day and symbol, in order of receipt: `day` (days since 1970), `symbol`, `cents`,
        `regime` (codes), `at` and `received` (microseconds).
    """
    rng = stream(parameters.seed, 0, "market")
    first = parameters.start_micros // DAY
    days = np.arange(first, first + parameters.days)
    # 1970-01-01 was a Thursday.
    days = days[(days + 3) % 7 < 5]
    spells: list[int] = []
    while len(spells) < len(days):
        others = [code for code in range(len(REGIMES)) if not spells or code != spells[-1]]
        code = int(rng.choice(others)) if spells else 0
        spells += [code] * int(rng.integers(*_SPELL))
    regime = np.array(spells[: len(days)])
    steps = rng.normal(_GROWTH[regime], _SPREAD[regime], (len(SYMBOLS), len(days)))
    opening = rng.integers(400, 4_000, (len(SYMBOLS), 1))
    cents = np.maximum((opening * np.exp(np.cumsum(steps, axis=1))).astype(np.int64), 1)
    rows = pd.DataFrame(
        {
            "day": np.repeat(days, len(SYMBOLS)),
            "symbol": np.tile(np.arange(len(SYMBOLS)), len(days)),
            "cents": cents.T.ravel(),
            "regime": np.repeat(regime, len(SYMBOLS)),
        }
    )
    rows["at"] = rows["day"] * DAY + 16 * HOUR + 35 * MINUTE
    rows["received"] = rows["at"] + 25 * MINUTE
    return rows
