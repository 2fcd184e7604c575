"""Figures that say whether the resolution of identity went astray, of the last day that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import duckdb

MART: Final = "kpi_identity_daily"
ADVICE: Final = {
    "largest_cluster_size": (
        "See the largest customers in resolver.identifier_customers: a value that many share "
        "belongs in seeds/identifier_blocklist.csv."
    ),
    "orphan_share_rise": (
        "See whether the sources that tell of logins and contacts delivered, and whether a client "
        "stopped sending who is logged in."
    ),
    "conflicting_identifier_rate": (
        "See resolver.identity_reviews by reason: one shared value belongs in "
        "seeds/identifier_blocklist.csv, a wrong birthday is corrected at its source."
    ),
}
_FIGURES = f"""
    with days as (
        select
            activity_date,
            is_mature,
            customer_count,
            largest_cluster_size,
            identifier_count,
            orphan_identifier_count / nullif(identifier_count, 0) as orphan_share,
            lag(orphan_identifier_count / nullif(identifier_count, 0), 7)
                over (order by activity_date) as orphan_share_before,
            conflicting_identifier_rate,
            conflicting_identifier_rate_denominator
        from marts.{MART}
    )

    select
        largest_cluster_size,
        customer_count,
        orphan_share - orphan_share_before,
        case when orphan_share_before is null then 0 else identifier_count end,
        conflicting_identifier_rate,
        case
            when conflicting_identifier_rate is null then 0
            else conflicting_identifier_rate_denominator
        end
    from days
    where is_mature
    order by activity_date desc
    limit 1
"""


def measure_identity(connection: duckdb.DuckDBPyConnection, mart: str) -> dict[str, object]:
    """Measure the mart of identity; for any other, and before a day is over, nothing is judged.

    Args:
        connection: the build database, with schema `marts`.
        mart: name of the mart.
    """
    found = connection.execute(_FIGURES).fetchall() if mart == MART else []
    figures = found[0] if found else (None, 0) * len(ADVICE)
    measured: dict[str, object] = {}
    for place, metric in enumerate(ADVICE):
        measured[metric] = figures[2 * place]
        measured[f"{metric}__rows"] = figures[2 * place + 1]
    return measured
