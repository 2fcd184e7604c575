"""What share of their income customers save: intervals clustered by customer.

The rate is a ratio of two sums of money and may lie below 0 or above 1: whoever spends savings has
a negative one. Customers without income in the month count in the numerator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from inference.clustered_ratios import standard_error
from inference.survival import QUANTILE

if TYPE_CHECKING:
    import pandas as pd

_KEY = ["month_start_date", "experiment_id", "variation_id", "segment_type", "segment_value"]
SAVINGS_RATES = pa.schema(
    [
        pa.field("month_start_date", pa.date32(), nullable=False),
        *(pa.field(name, pa.string(), nullable=False) for name in _KEY[1:]),
        pa.field("ci_lower", pa.float64()),
        pa.field("ci_upper", pa.float64()),
    ]
)


def infer_savings_rates(sums: pd.DataFrame) -> pa.Table:
    """Give each cell the interval of its savings rate.

    Args:
        sums: one row per cell: its key, `customer_count`, and the sums over customers of savings y
            and income x, y², xy, x², in the reporting currency.

    Returns:
        A table of schema `SAVINGS_RATES`, in the order of the key; NULL with fewer than two
        customers, without income, or where all customers save the same share.
    """
    cells = sums.sort_values(_KEY, ignore_index=True)
    error = standard_error(cells)
    total_x = cells["sum_x"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        value = cells["sum_y"].to_numpy() / total_x
        half = QUANTILE * np.where((error > 0) & (total_x > 0), error, np.nan)
    columns = [cells[name].to_list() for name in _KEY[1:]]
    days = (
        [day.date() for day in cells["month_start_date"].dt.to_pydatetime()] if len(cells) else []
    )
    bounds = [
        pa.array(bound, pa.float64(), from_pandas=True) for bound in (value - half, value + half)
    ]
    return pa.table([days, *columns, *bounds], schema=SAVINGS_RATES)
