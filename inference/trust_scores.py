"""How each part of a feature's trust stands against the feature's own first weeks.

A part's baseline is the mean of its first weeks that are known, and their standard deviation is
what it is measured in; both stay as they are from then on. A feature is so compared with itself and
never with another one, and a week's standing does not change because later weeks came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRUST_SCORES = pa.schema(
    [
        pa.field("feature_id", pa.string(), nullable=False),
        pa.field("week_start_date", pa.date32(), nullable=False),
        pa.field("component", pa.string(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("baseline", pa.float64()),
        pa.field("z", pa.float64()),
        pa.field("trust_score", pa.float64()),
    ]
)
_SERIES = ["feature_id", "component"]
_WEEK = ["feature_id", "week_start_date"]


def infer_trust_scores(weeks: pd.DataFrame) -> pa.Table:
    """Standardise each part against its first weeks, up meaning better, and weigh the parts.

    Args:
        weeks: one row per `component`, `feature_id` and `week_start_date` (dates) that is known,
            with `numerator`, `denominator` (above 0), `direction` (1 or -1), `weight` and
            `baseline_weeks`, the number of first weeks, the same in every row.

    Returns:
        A table of schema `TRUST_SCORES`, by feature, week and component. `baseline` and `z` are
        NULL until the part has `baseline_weeks` known weeks, `z` also where these do not differ.
        `trust_score` is the weighted mean of the week's parts that have a `z`, NULL without any.
    """
    rows = weeks.sort_values([*_WEEK, "component"], ignore_index=True)
    value = rows["numerator"].astype(np.float64) / rows["denominator"].astype(np.float64)
    rows = rows.assign(value=value)
    place = rows.groupby(_SERIES).cumcount()
    first = rows[place < rows["baseline_weeks"]]
    baseline = first.groupby(_SERIES)["value"].agg(["mean", "std", "size"]).reset_index()
    rows = rows.merge(baseline, how="left", on=_SERIES)
    is_set = (rows["size"] >= rows["baseline_weeks"]).to_numpy(dtype=bool)
    spread = rows["std"].to_numpy(dtype=np.float64)
    has_spread = is_set & (spread > 0)
    mean = np.where(is_set, rows["mean"], np.nan)
    z = np.full(len(rows), np.nan)
    np.divide(rows["direction"] * (rows["value"] - mean), spread, out=z, where=has_spread)
    scored = rows.assign(baseline=mean, z=z)
    scored["trust_score"] = _weighted(scored, z)
    scored["week_start_date"] = scored["week_start_date"].astype("datetime64[s]").dt.date
    return pa.Table.from_pandas(
        scored[TRUST_SCORES.names], schema=TRUST_SCORES, preserve_index=False
    )


def _weighted(rows: pd.DataFrame, z: NDArray[np.float64]) -> pd.Series[float]:
    """Return each row's mean of its week's parts, by weight; NaN where none has a figure."""
    weight = rows["weight"].astype(np.float64).where(~np.isnan(z))
    parts = pd.DataFrame({"weighted": weight * z, "weight": weight})
    totals = parts.groupby([rows[name] for name in _WEEK]).transform("sum", min_count=1)
    score: pd.Series[float] = totals["weighted"] / totals["weight"]
    return score
