"""The stage: sums in, figures out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference.clustered_ratios import infer_clustered_ratios
from inference.opt_out_trends import infer_opt_out_trends
from warehouse import read_frame, write_table

if TYPE_CHECKING:
    import duckdb

_RATIO_SUMS = """
    select
        kpi_name,
        metric_name,
        cell_key,
        family_key,
        cast(customer_count as bigint) as customer_count,
        cast(sum_y as double) as sum_y,
        cast(sum_x as double) as sum_x,
        cast(sum_yy as double) as sum_yy,
        cast(sum_xy as double) as sum_xy,
        cast(sum_xx as double) as sum_xx
    from marts.sums_clustered_ratios
    order by kpi_name, metric_name, family_key, cell_key
"""
_OPT_OUT_STRATA = """
    select
        feature_id,
        experiment_id,
        variation_id,
        activity_date,
        cast(before_at_risk as double) as before_at_risk,
        cast(before_opt_outs as double) as before_opt_outs,
        cast(after_at_risk as double) as after_at_risk,
        cast(after_opt_outs as double) as after_opt_outs
    from marts.sums_opt_out_strata
    order by feature_id, experiment_id, variation_id, activity_date, stratum
"""


@dataclass(frozen=True)
class Inferred:
    """What a run did.

    Attributes:
        ratio_count: cells that got an interval, or NULLs for want of data.
        trend_count: days of a feature's variation judged, or NULLs for want of data.
    """

    ratio_count: int
    trend_count: int


def run(connection: duckdb.DuckDBPyConnection) -> Inferred:
    """Write `inference.clustered_ratios` and `inference.opt_out_trends`.

    Args:
        connection: the build database, with the marts tagged `sums`.
    """
    ratios = infer_clustered_ratios(read_frame(connection, _RATIO_SUMS))
    trends = infer_opt_out_trends(read_frame(connection, _OPT_OUT_STRATA))
    write_table(connection, "inference.clustered_ratios", ratios)
    write_table(connection, "inference.opt_out_trends", trends)
    return Inferred(ratio_count=ratios.num_rows, trend_count=trends.num_rows)
