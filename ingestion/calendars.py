"""When a source is due: the days on which nothing is expected of it.

Registered as `raw.quiet_days`, a row per source and day, so that age and silence are judged by the
days that count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

EVERY_DAY = frozenset(range(7))
_LOOK_BACK = timedelta(days=400)
_SCHEMA = pa.schema(
    [
        ("source_name", pa.string()),
        ("quiet_date", pa.date32()),
        ("starts_at", pa.timestamp("us")),
        ("ends_at", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True)
class Calendar:
    """The days on which a source delivers.

    Attributes:
        due_weekdays: Numbers of the weekdays, Monday 0.
        quiet_days: Single days without a delivery, such as holidays.
    """

    due_weekdays: frozenset[int] = EVERY_DAY
    quiet_days: frozenset[date] = frozenset()

    def is_quiet(self, day: date) -> bool:
        """Say whether nothing is due on a day."""
        return day.weekday() not in self.due_weekdays or day in self.quiet_days


def register_quiet_days(
    connection: duckdb.DuckDBPyConnection,
    calendars: Mapping[str, Calendar],
    *,
    timezone: str,
    as_of: datetime,
) -> None:
    """Write `raw.quiet_days`: every quiet day of the 400 before the run and of the last one.

    Args:
        connection: The build database, open for writing.
        calendars: By source; one that is not named is due every day.
        timezone: IANA name of the zone whose days are meant.
        as_of: The moment the run looks from. Aware.
    """
    zone = ZoneInfo(timezone)
    last = as_of.astimezone(zone).date()
    days = [last - timedelta(days=back) for back in range(_LOOK_BACK.days, -1, -1)]
    rows = [
        {
            "source_name": source,
            "quiet_date": day,
            "starts_at": _midnight(day, zone),
            "ends_at": _midnight(day + timedelta(days=1), zone),
        }
        for source, calendar in sorted(calendars.items())
        for day in days
        if calendar.is_quiet(day)
    ]
    connection.register("quiet_day_rows", pa.Table.from_pylist(rows, schema=_SCHEMA))
    connection.execute("create schema if not exists raw")
    connection.execute("create or replace table raw.quiet_days as select * from quiet_day_rows")
    connection.unregister("quiet_day_rows")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
