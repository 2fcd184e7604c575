"""When a source delivers, as its entry in `trustlift.yml` says."""

from datetime import date
from typing import Literal, get_args

from pydantic import Field

from ingestion.calendars import Calendar
from orchestration.config_types import Strict

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Delivery(Strict):
    """When a source delivers.

    Attributes:
        closed: No further delivery is expected: its age is no fault, and it is not read live.
        due_days: Weekdays on which something is due, such as `[mon, tue]`; the days between do not
            count when its age is judged.
        quiet_days: Single days on which nothing is due, such as holidays.
    """

    closed: bool = False
    due_days: list[Weekday] = Field(default_factory=lambda: list(get_args(Weekday)), min_length=1)
    quiet_days: list[date] = Field(default_factory=list)

    @property
    def calendar(self) -> Calendar:
        """The same, as the days that count."""
        names = get_args(Weekday)
        weekdays = frozenset(names.index(day) for day in self.due_days)
        return Calendar(due_weekdays=weekdays, quiet_days=frozenset(self.quiet_days))
