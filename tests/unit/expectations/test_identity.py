from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

import warehouse
from expectations import marts
from tests.unit.expectations.worlds import only

AS_OF = datetime(2026, 6, 28, tzinfo=UTC)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """Ten days of identities, of which the last one is not over."""
    connection = warehouse.connect(None)
    connection.execute(
        """
        create schema marts;
        create table marts.kpi_identity_daily as
        select
            date '2026-06-18' + cast(range as integer) as activity_date,
            range < 9 as is_mature,
            300 as customer_count,
            20 as largest_cluster_size,
            1000 + range as identifier_count,
            50 as orphan_identifier_count,
            cast(case when range < 9 then 0.01 end as double) as conflicting_identifier_rate,
            case when range < 9 then 900 end as conflicting_identifier_rate_denominator,
            cast(0.7 as double) as several_sources_rate,
            date '2026-06-27' as data_through_date
        from range(10)
        """
    )
    return connection


@pytest.mark.parametrize(
    ("rule", "spoilt", "status"),
    [
        ("no_giant_customer", "largest_cluster_size = 100", "passed"),
        ("no_giant_customer", "largest_cluster_size = 101", "failed"),
        ("orphans_do_not_jump", "orphan_identifier_count = 150", "passed"),
        ("orphans_do_not_jump", "orphan_identifier_count = 155", "failed"),
        ("identities_do_not_conflict", "conflicting_identifier_rate = 0.05", "passed"),
        ("identities_do_not_conflict", "conflicting_identifier_rate = 0.051", "failed"),
        ("identities_do_not_conflict", "conflicting_identifier_rate = 'nan'", "not_evaluated"),
    ],
)
def test_the_last_day_that_is_over_is_judged(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, rule: str, spoilt: str, status: str
) -> None:
    connection.execute(
        f"update marts.kpi_identity_daily set {spoilt} where activity_date = date '2026-06-26'"
    )
    connection.execute(
        "update marts.kpi_identity_daily set largest_cluster_size = 500, "
        "orphan_identifier_count = 900 where not is_mature"
    )
    report = marts.run(connection, published=tmp_path, thresholds=only(tmp_path, rule), as_of=AS_OF)
    assert [(one.subject, one.status) for one in report.verdicts] == [
        ("kpi_identity_daily", status)
    ]


def test_nothing_is_judged_before_a_day_is_over(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.execute("update marts.kpi_identity_daily set is_mature = false")
    rules = only(tmp_path, "no_giant_customer", "orphans_do_not_jump", "identities_do_not_conflict")
    report = marts.run(connection, published=tmp_path, thresholds=rules, as_of=AS_OF)
    assert report.verdicts == ()
