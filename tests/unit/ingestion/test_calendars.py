from datetime import UTC, date, datetime

import duckdb

from ingestion.calendars import Calendar, register_quiet_days

AS_OF = datetime(2026, 3, 31, 6, tzinfo=UTC)


def quiet_days(calendar: Calendar, where: str = "true") -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        register_quiet_days(connection, {"crm": calendar}, timezone="Europe/Madrid", as_of=AS_OF)
        return connection.execute(
            "select quiet_date, cast(starts_at as text), cast(ends_at as text) from raw.quiet_days "
            f"where {where} order by quiet_date"
        ).fetchall()


def test_a_source_that_is_due_every_day_has_no_quiet_days() -> None:
    assert quiet_days(Calendar()) == []


def test_weekends_and_holidays_are_quiet_with_their_bounds_in_utc() -> None:
    calendar = Calendar(due_weekdays=frozenset(range(5)), quiet_days=frozenset({date(2026, 3, 30)}))
    assert quiet_days(calendar, "quiet_date >= '2026-03-27'") == [
        (date(2026, 3, 28), "2026-03-27 23:00:00", "2026-03-28 23:00:00"),
        # The day on which summer time begins has 23 hours.
        (date(2026, 3, 29), "2026-03-28 23:00:00", "2026-03-29 22:00:00"),
        (date(2026, 3, 30), "2026-03-29 22:00:00", "2026-03-30 22:00:00"),
    ]


def test_a_day_ahead_is_not_listed() -> None:
    assert quiet_days(Calendar(quiet_days=frozenset({date(2026, 4, 1)}))) == []
