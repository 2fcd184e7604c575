"""A source's age counts the hours in which something was due, and no others."""

import duckdb
import pytest

from tests.unit.macros.rendering import render_model


@pytest.mark.parametrize(
    ("last_received", "is_closed", "hours"),
    [
        ("2026-03-31 02:00", False, 4.0),
        # Friday evening to Tuesday morning: what is left of Friday, Monday, and Tuesday so far.
        ("2026-03-27 20:00", False, 3 + 24 + 8),
        # Received on the quiet day itself: the rest of it does not count either.
        ("2026-03-28 12:00", False, 24 + 8),
        ("2026-03-27 20:00", True, None),
    ],
)
def test_quiet_days_do_not_age_a_source(
    last_received: str, is_closed: bool, hours: float | None
) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create table stg_lake__contracts as
            select 'crm' as source_name, 'contacts' as table_name, {is_closed} as is_closed;
            create table hygiene_batches as select * from (values
                ('crm', 'contacts', timestamp '{last_received}', date '{last_received[:10]}'),
                ('crm', 'contacts', timestamp '2026-03-01 02:00', date '2026-03-01')
            ) as batches (source_name, table_name, last_received_at, received_date);
            create table stg_lake__quiet_days as select
                source_name, cast(quiet_date as date) as quiet_date,
                cast(starts_at as timestamp) as starts_at, cast(ends_at as timestamp) as ends_at
            from (values
                ('crm', '2026-03-28', '2026-03-27 23:00', '2026-03-28 23:00'),
                ('crm', '2026-03-29', '2026-03-28 23:00', '2026-03-29 22:00'),
                ('other', '2026-03-30', '2026-03-29 22:00', '2026-03-30 22:00')
            ) as days (source_name, quiet_date, starts_at, ends_at)
            """
        )
        sql = render_model("core/fct_table_freshness.sql", as_of="2026-03-31 06:00:00")
        found = connection.execute(f"select freshness_hours from ({sql})").fetchall()
    assert found == [(hours,)]
