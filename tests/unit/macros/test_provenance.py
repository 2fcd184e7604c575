"""A mart is known as far as its least known input, and as good as the worst of its window."""

from datetime import date

import duckdb
import pytest

from tests.unit.macros.rendering import render


@pytest.mark.parametrize(
    ("tables", "through"),
    [
        (["events"], date(2026, 1, 18)),
        (["events", "tickets"], date(2026, 1, 11)),
        # Nobody brings it: it holds nothing back.
        (["events", "surveys"], date(2026, 1, 18)),
        # Heard from today, which is not over.
        (["ledger"], date(2026, 1, 19)),
    ],
)
def test_a_mart_reaches_as_far_as_the_least_known_of_its_inputs(
    tables: list[str], through: date
) -> None:
    text = f"{{{{ data_through({tables}) }}}}"
    with duckdb.connect() as connection:
        connection.execute(
            """
            create table fct_input_freshness as select * from (values
                ('events', date '2026-01-18'),
                ('tickets', date '2026-01-11'),
                ('ledger', date '2026-01-20')
            ) as inputs (canonical_table, last_received_date)
            """
        )
        sql = render(text, as_of="2026-01-20 12:00:00")
        assert connection.execute(sql).fetchall() == [(through,)]


@pytest.mark.parametrize(
    ("days", "weeks"),
    [
        (0, ["2026-01-05"]),
        (1, ["2025-12-29", "2026-01-05"]),
        (7, ["2025-12-29", "2026-01-05"]),
        (8, ["2025-12-22", "2025-12-29", "2026-01-05"]),
    ],
)
def test_what_went_wrong_in_a_window_degrades_the_week_it_began_in(
    days: int, weeks: list[str]
) -> None:
    text = f'{{{{ degraded_windows(["events"], days={days}) }}}}'
    with duckdb.connect() as connection:
        connection.execute(
            """
            create table input_quality_daily as select * from (values
                ('events', date '2026-01-05', true),
                ('events', date '2026-01-05', true),
                ('events', date '2026-01-12', false),
                ('tickets', date '2026-01-19', true)
            ) as days (canonical_table, week_start_date, is_degraded)
            """
        )
        found = connection.execute(f"select * from ({render(text)}) order by 1").fetchall()
        assert [str(week) for (week,) in found] == weeks
