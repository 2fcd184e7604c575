"""Customers who saw two variations: all are found, by core's own query, and nobody else.

So they are left out of both arms alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd

from benchmarks.validity.checks import Check, per_cent
from tests.unit.macros.rendering import render_model

if TYPE_CHECKING:
    from collections.abc import Iterator

CUSTOMERS, HOLDOUT_SHARE, LEAKED = 200_000, 0.15, 0.005
_START = pd.Timestamp("2026-01-05")


def check_leaks(rng: np.random.Generator, _draws: int) -> Iterator[Check]:
    """Judge who is found to be in two arms, half by a second assignment, half by an exposure."""
    held = rng.random(CUSTOMERS) < HOLDOUT_SHARE
    leaked = rng.random(CUSTOMERS) < LEAKED
    enrolled = _enrolled(held, leaked)
    mixed = np.zeros(CUSTOMERS, dtype=np.bool_)
    mixed[enrolled["customer_id"].to_numpy()] = enrolled["is_mixed"].to_numpy(dtype=np.bool_)
    truth = f"{100 * LEAKED:.1f} % of {CUSTOMERS:,} in both arms"
    found, others = per_cent(mixed[leaked]), per_cent(mixed[~leaked])
    yield Check("mixed customers found", truth, 1, found, (100.0, 100.0))
    yield Check("others taken for mixed", truth, 1, others, (0.0, 0.0))


def _enrolled(held: np.ndarray, leaked: np.ndarray) -> pd.DataFrame:
    """Run the query on customers known by a device each, the leaked by another one as well."""
    numbers = np.arange(len(held))
    variation = np.where(held, "holdout", "with_feature")
    other = np.where(held, "with_feature", "holdout")
    by_exposure = leaked & (numbers % 2 == 0)
    again = leaked & ~by_exposure
    assignments = pd.DataFrame(
        {
            "identifier_key": np.concatenate([numbers, numbers[again] + len(held)]),
            "variation_id": np.concatenate([variation, other[again]]),
            "experiment_id": "e",
            "assigned_at": _START,
        }
    )
    assignments["variation_role"] = assignments["variation_id"]
    exposures = pd.DataFrame(
        {
            "identifier_key": numbers[by_exposure] + len(held),
            "variation_id": other[by_exposure],
            "variation_role": np.where(held[by_exposure], "treatment", "holdout"),
            "experiment_id": "e",
            "exposed_at": _START + pd.Timedelta(days=1),
            "is_counterfactual": False,
        }
    )
    tables = {
        "fct_assignments": assignments,
        "fct_exposures": exposures,
        "dim_identifiers": pd.DataFrame(
            {
                "identifier_key": np.arange(2 * len(held)),
                "customer_id": np.tile(numbers, 2),
            }
        ),
        "dim_experiments": pd.DataFrame(
            {
                "experiment_id": ["e"],
                "feature_id": ["f"],
                "started_at": [_START],
                "ended_at": pd.Series([None], dtype="datetime64[us]"),
            }
        ),
    }
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(render_model("core/fct_enrolments.sql")).df()
