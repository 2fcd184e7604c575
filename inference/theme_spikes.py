"""Whether a day has more tickets of a theme than its trailing days let expect.

Tickets come in proportion to the customers exposed, and not evenly: a bad day brings several. The
count expected of a day is therefore predicted by a negative binomial distribution whose spread has
two parts, that of the trailing days beyond chance and that of not knowing their rate well. The rate
of few tickets is so never taken for certain, least of all a rate of none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

THEME_SPIKES = pa.schema(
    [
        pa.field("theme", pa.string(), nullable=False),
        pa.field("feature_id", pa.string(), nullable=False),
        pa.field("activity_date", pa.date32(), nullable=False),
        pa.field("expected_ticket_count", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("is_spike", pa.bool_()),
    ]
)
SIGNIFICANCE = 0.001
MIN_TICKETS = 5
TRAILING_DAYS = 56
# A feature that is younger has no usual yet; in its first weeks complaints are read, not tested.
MIN_DAYS = 28
# Jeffreys' prior of a rate of events: half an event in no time.
_PRIOR = 0.5
_KEY = ["theme", "feature_id", "activity_date"]


def infer_theme_spikes(days: pd.DataFrame) -> pa.Table:
    """Compare each day's tickets with what the days before it let expect.

    Args:
        days: one row per theme, feature and date, no date between first and last left out, with
            `ticket_count` and `exposed_count`: tickets and exposed customers of the day.

    Returns:
        A table of schema `THEME_SPIKES`, one row per key in its order. `p_value` is one-sided: how
        likely at least so many tickets are where nothing has changed. All three figures are NULL
        on a day without exposed customers, and where fewer than `MIN_DAYS` of the trailing days
        had any.
    """
    ordered = days.sort_values(_KEY, ignore_index=True)
    tickets = ordered["ticket_count"].to_numpy(dtype=np.float64)
    exposed = ordered["exposed_count"].to_numpy(dtype=np.float64)
    groups = ordered.groupby(_KEY[:2], sort=False).ngroup()
    series = np.asarray(groups, dtype=np.int64)
    expected, shape = _predict(tickets, exposed, series)
    p_value = stats.nbinom.sf(tickets - 1, shape, shape / (shape + expected))
    is_known = ~np.isnan(expected)
    columns = {
        "theme": pa.array(ordered["theme"], pa.string()),
        "feature_id": pa.array(ordered["feature_id"], pa.string()),
        "activity_date": pa.array(pd.to_datetime(ordered["activity_date"]).dt.date, pa.date32()),
        "expected_ticket_count": pa.array(expected, mask=~is_known),
        "p_value": pa.array(p_value, mask=~is_known),
        "is_spike": pa.array((p_value < SIGNIFICANCE) & (tickets >= MIN_TICKETS), mask=~is_known),
    }
    return pa.table(columns, schema=THEME_SPIKES)


def _predict(
    tickets: NDArray[np.float64], exposed: NDArray[np.float64], series: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the mean and the shape of each day's prediction, NaN where there is none."""

    def trailing(values: NDArray[np.float64]) -> NDArray[np.float64]:
        before = np.concatenate([[0.0], np.cumsum(values)])[:-1]
        place = np.arange(len(values))
        first = np.searchsorted(series, series) if len(values) else place
        sums: NDArray[np.float64] = before - before[np.maximum(place - TRAILING_DAYS, first)]
        return sums

    counted = np.where(exposed > 0, tickets, 0.0)
    count, exposure = trailing(counted), trailing(exposed)
    is_known = (trailing((exposed > 0).astype(np.float64)) >= MIN_DAYS) & (exposed > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = count / exposure
        expected = exposed * (count + _PRIOR) / exposure
        squares = trailing(counted**2) - 2 * rate * trailing(counted * exposed)
        squares += rate**2 * trailing(exposed**2)
        # What the squares exceed chance by, as a share of the squared mean.
        excess = (squares - count) / (rate**2 * trailing(exposed**2))
    spread = np.where(count > 0, np.maximum(excess, 0.0), 0.0) + 1 / (count + _PRIOR)
    return np.where(is_known, expected, np.nan), np.where(is_known, 1 / spread, np.nan)
