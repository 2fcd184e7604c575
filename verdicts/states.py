"""What is remembered of a feature from one week to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is remembered of a feature from one week to the next.

    Attributes:
        verdict: watch, scale, fix, remove or sunset.
        since: The week it became that.
        weeks_in_state: Weeks with this verdict, this one included; blocked ones do not count.
        born: The week in which it became another product; None in its first life.
        age_weeks: Weeks since then or its first, that one included.
        fix_cycle_count: How often it had to be fixed.
        clock_weeks_left: Weeks left to fix it; None outside a fix.
        frozen_weeks: Weeks for which blocked data have stopped this clock.
        unused_weeks: Weeks running with low engagement.
        distrust_weeks: Weeks running with low trust or harm, and engagement not low.
        recovery_weeks: Weeks running with high trust and without harm after the fix.
        qualifying_weeks: Weeks running in which it qualified for scaling.
        failing_weeks: Weeks running in which it did not.
        blocked_weeks: Weeks running without data.
        fixed_on: The week in which this fix was shipped.
        trust_since: Trust rests on weeks from here on.
        recovered_on: The week it last recovered.
        resumable_weeks: Weeks that were left on the clock then.
        has_pivoted: Its one pivot is spent.
        is_paused: It must not be shown until a fix is shipped.
    """

    verdict: str = "watch"
    since: date
    weeks_in_state: int = 0
    born: date | None = None
    age_weeks: int = 0
    fix_cycle_count: int = 0
    clock_weeks_left: int | None = None
    frozen_weeks: int = 0
    unused_weeks: int = 0
    distrust_weeks: int = 0
    recovery_weeks: int = 0
    qualifying_weeks: int = 0
    failing_weeks: int = 0
    blocked_weeks: int = 0
    fixed_on: date | None = None
    trust_since: date | None = None
    recovered_on: date | None = None
    resumable_weeks: int | None = None
    has_pivoted: bool = False
    is_paused: bool = False
