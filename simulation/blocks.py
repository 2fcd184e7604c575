"""The common layout of clean product events: one row an event, all columns integers.

`NOBODY` (-1) stands for "none" in every column; texts are only made when a file is written.
"""

from typing import Any

import numpy as np
import pandas as pd

from simulation.company import TYPE_CODE
from simulation.parameters import NOBODY
from simulation.randomness import Array

PROPERTIES = (
    "feature",
    "decision",
    "target",
    "prompt",
    "scope",
    "channel",
    "is_on",
    "flow",
    "flow_instance",
    "flow_step",
    "is_completion",
    "cents",
    "permission",
    "explanation",
    "outcome",
    "experiment",
    "task",
    "screen",
    "is_holdout",
)


def block(
    event: str | Array, customer: Array, session: Array, at: Array, **values: Any
) -> pd.DataFrame:
    """Lay out events of one type (a name, or a code each) with their properties.

    Returns:
        A frame with `type, customer, session, at` and every property, absent ones NOBODY.
    """
    count = len(at)
    kind = np.full(count, TYPE_CODE[event]) if isinstance(event, str) else event
    columns = {"type": kind, "customer": customer, "session": session, "at": at}
    for name in PROPERTIES:
        columns[name] = np.asarray(values.get(name, NOBODY))
        if columns[name].ndim == 0:
            columns[name] = np.full(count, columns[name])
        columns[name] = columns[name].astype(np.int64 if name in ("decision", "task") else np.int32)
    return pd.DataFrame(columns)
