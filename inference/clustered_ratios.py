"""Rates whose customers have several rows: intervals and comparisons clustered by customer.

A rate is R = Σy / Σx over customers, y and x being a customer's sums. Its standard error by the
delta method, with the small-sample factor n/(n-1), is that of a regression of the rows on a
constant with errors clustered by customer.

A cell is compared with the rest of its family: the family's sums without the cell's. The two are
taken for independent, and so are the cells within the rest. Neither is exact, since a customer may
be in several cells: in a cell and in the rest (the error of the difference is then too large, where
a customer's answers agree) or in two cells of the rest (the rest's error is then too small).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLUSTERED_RATIOS = pa.schema(
    [
        pa.field("kpi_name", pa.string(), nullable=False),
        pa.field("metric_name", pa.string(), nullable=False),
        pa.field("cell_key", pa.string(), nullable=False),
        *(
            pa.field(name, pa.float64())
            for name in (
                "ci_lower",
                "ci_upper",
                "rest_value",
                "difference",
                "p_value",
                "fdr_p_value",
            )
        ),
    ]
)
CONFIDENCE = 0.95
_FAMILY = ["kpi_name", "metric_name", "family_key"]
_CELL = ["kpi_name", "metric_name", "cell_key"]
_SUMS = ["customer_count", "sum_y", "sum_x", "sum_yy", "sum_xy", "sum_xx"]
# Residual sums of squares are differences of large sums: what is this small beside them is zero.
_ROUNDING = 1e-12


def infer_clustered_ratios(sums: pd.DataFrame) -> pa.Table:
    """Give each cell its interval and its difference from the rest of its family.

    Args:
        sums: one row per cell: `kpi_name`, `metric_name`, `cell_key`, `family_key`,
            `customer_count` and the sums over customers of y, x, y², xy, x².

    Returns:
        A table of schema `CLUSTERED_RATIOS`, by kpi, metric and cell. Where nothing or everything
        of all customers counts, the sums show no spread, which is no proof of none: the interval is
        Wilson's for as many customers. It is NULL with fewer than two customers, a zero
        denominator, or where all have one rate between the two. The comparison is NULL as well
        where the cell is alone in its family or the rest has fewer than two customers.
    """
    cells = sums.sort_values([*_FAMILY, "cell_key"], ignore_index=True)
    cell = cells[_SUMS].astype(np.float64)
    families = cells[_FAMILY].assign(**cell).groupby(_FAMILY, sort=False)
    rest = families[_SUMS].transform("sum") - cell
    error = standard_error(cell)
    value = _ratio(cell)
    lower, upper = _interval(value, error, cell["customer_count"].to_numpy())
    compared = cells[_CELL].assign(ci_lower=lower, ci_upper=upper)
    has_rest = families[_SUMS[0]].transform("size").to_numpy() > 1
    is_comparable = (
        has_rest
        & ~np.isnan(value)
        & (rest["customer_count"].to_numpy() >= 2)
        & (cell["customer_count"].to_numpy() >= 2)
        & (rest["sum_x"].to_numpy() > 0)
    )
    compared["rest_value"] = np.where(has_rest, _ratio(rest), np.nan)
    compared["difference"] = np.where(is_comparable, value - _ratio(rest), np.nan)
    p_values = np.full(len(cells), np.nan)
    cell_rows, rest_rows = cell.to_numpy(), rest.to_numpy()
    for row in np.flatnonzero(is_comparable & (error + standard_error(rest) > 0)):
        p_values[row] = _compare(cell_rows[row], rest_rows[row])
    compared["p_value"] = p_values
    compared["fdr_p_value"] = _corrected(compared["p_value"], families.ngroup())
    ordered = compared.sort_values(_CELL)
    return pa.Table.from_pandas(ordered, schema=CLUSTERED_RATIOS, preserve_index=False)


def _interval(
    value: NDArray[np.float64], error: NDArray[np.float64], count: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the bounds of each rate, within 0 and 1."""
    from statsmodels.stats.proportion import proportion_confint

    half = stats.norm.ppf((1 + CONFIDENCE) / 2) * np.where(error > 0, error, np.nan)
    lower, upper = np.clip(value - half, 0, 1), np.clip(value + half, 0, 1)
    is_extreme = (error == 0) & ((value == 0) | (value == 1))
    customers = count[is_extreme]
    lower[is_extreme], upper[is_extreme] = proportion_confint(
        value[is_extreme] * customers, customers, alpha=1 - CONFIDENCE, method="wilson"
    )
    return lower, upper


def standard_error(sums: pd.DataFrame) -> NDArray[np.float64]:
    """Return the standard error of each ratio, clustered by customer.

    Args:
        sums: columns `customer_count` and the five sums; one row per ratio.

    Returns:
        Shape (rows,); 0 where all customers have the same rate, NaN where there is no ratio or only
        one customer.
    """
    count = sums["customer_count"].to_numpy()
    total_x, total_yy, total_xy, total_xx = (sums[name].to_numpy() for name in _SUMS[2:])
    ratio = _ratio(sums)
    # Σ(y − R·x)², whose mean is zero by the definition of R.
    squares = total_yy - 2 * ratio * total_xy + ratio**2 * total_xx
    scale = total_yy + 2 * np.abs(ratio * total_xy) + ratio**2 * total_xx
    squares = np.where(squares > _ROUNDING * scale, squares, np.where(np.isnan(ratio), np.nan, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.asarray(np.sqrt(count / (count - 1) * squares) / total_x, dtype=np.float64)
    error[~((count >= 2) & (total_x > 0))] = np.nan
    return error


def _ratio(sums: pd.DataFrame) -> NDArray[np.float64]:
    total_y, total_x = sums["sum_y"].to_numpy(), sums["sum_x"].to_numpy()
    ratio = np.full(len(sums), np.nan)
    np.divide(total_y, total_x, out=ratio, where=total_x > 0)
    return ratio


def _compare(cell: NDArray[np.float64], rest: NDArray[np.float64]) -> float:
    """Return the two-sided p-value of the difference (Welch's t); sums in the order of `_SUMS`."""
    from tea_tasting import RatioOfMeans

    metric = RatioOfMeans(
        "y", "x", alternative="two-sided", confidence_level=CONFIDENCE, equal_var=False, use_t=True
    )
    result = metric.analyze_aggregates(aggregates(rest), aggregates(cell))
    return float(result.pvalue)


def aggregates(sums: NDArray[np.float64]) -> object:
    """Give the library's aggregates of one group.

    Args:
        sums: number of customers, then Σy, Σx, Σy², Σxy, Σx² over them.
    """
    from tea_tasting.aggr import Aggregates

    count, total_y, total_x, total_yy, total_xy, total_xx = sums.tolist()
    return Aggregates(
        count_=int(count),
        mean_={"y": total_y / count, "x": total_x / count},
        var_={
            "y": (total_yy - total_y**2 / count) / (count - 1),
            "x": (total_xx - total_x**2 / count) / (count - 1),
        },
        cov_={("x", "y"): (total_xy - total_x * total_y / count) / (count - 1)},
    )


def _corrected(p_values: pd.Series[float], families: pd.Series[int]) -> pd.Series[float]:
    """Correct p-values for their number in each family by Benjamini and Hochberg's method."""
    known = p_values[p_values.notna()]
    by_family = known.groupby(families[known.index])
    corrected = by_family.transform(stats.false_discovery_control)
    return corrected.reindex(p_values.index)
