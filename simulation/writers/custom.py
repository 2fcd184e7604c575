"""The company's own files, read through the source `custom` by the mapping in `trustlift.yml`."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from simulation.banking import SYMBOLS
from simulation.market import REGIMES, make_market
from simulation.parameters import SimulationParameters
from simulation.reasons import KEPT
from simulation.truth import Truth, pick, times
from simulation.writers.files import day_name, seconds_text, write_csv


def export_market(parameters: SimulationParameters, folder: Path, truth: Truth) -> None:
    """Write the closing prices as one CSV, and the truth of them; every row is kept."""
    rows = make_market(parameters)
    columns = ("day", "symbol", "close", "regime", "closed_at", "written_at")
    shown = [
        (
            day_name(day),
            SYMBOLS[symbol],
            f"{cents / 100:.2f}",
            REGIMES[regime],
            seconds_text(at),
            seconds_text(received),
        )
        for day, symbol, cents, regime, at, received in rows.to_numpy().tolist()
    ]
    write_csv(folder / "market.csv", columns, shown)
    truth.add_received(
        "custom",
        "market",
        received=rows["received"].to_numpy(),
        key=pa.array([f"{day}|{symbol}" for day, symbol, *_ in shown]),
        reason=np.full(len(rows), KEPT),
        file=np.zeros(len(rows)),
        files=["market.csv"],
        line=np.arange(len(rows)) + 1,
    )
    days = rows.drop_duplicates("day")
    truth.add(
        "market_days",
        pa.table(
            {
                "price_date": pa.array([day_name(day) for day in days["day"]]),
                "market_regime": pick(REGIMES, days["regime"]),
                "closed_at": times(days["at"].to_numpy()),
            }
        ),
    )
