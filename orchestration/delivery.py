"""When a source delivers, as its entry in `trustlift.yml` says."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from ingestion.calendars import Calendar
from orchestration.config_types import Strict

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Delivery(Strict):
    """When a source delivers.

    Attributes:
        closed: No further delivery is expected, so age is no fault; a live one is not read any more.
        due_days: Weekdays on which something is due, such as `[mon, tue]`; the days between do not
            count when its age is judged.
        quiet_days: Single days on which nothing is due, such as holidays.
    """

    closed: bool = False
    due_days: Annotated[list[Weekday], Field(min_length=1)] = list(get_args(Weekday))
    quiet_days: list[date] = []

    @property
    def calendar(self) -> Calendar:
        """The same, as the days that count."""
        names = get_args(Weekday)
        weekdays = frozenset(names.index(day) for day in self.due_days)
        return Calendar(due_weekdays=weekdays, quiet_days=frozenset(self.quiet_days))
