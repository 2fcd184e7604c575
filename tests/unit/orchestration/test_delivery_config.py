from datetime import date

import pytest
from pydantic import ValidationError

from orchestration.delivery import Delivery


def test_a_source_is_due_every_day_unless_it_says_otherwise() -> None:
    calendar = Delivery().calendar
    assert not any(calendar.is_quiet(date(2026, 3, day)) for day in range(1, 15))


def test_weekdays_and_holidays_are_told_apart_from_days_that_count() -> None:
    delivery = Delivery(
        due_days=["mon", "tue", "wed", "thu", "fri"], quiet_days=[date(2026, 3, 19)]
    )
    quiet = [day for day in range(16, 23) if delivery.calendar.is_quiet(date(2026, 3, day))]
    assert quiet == [19, 21, 22]


@pytest.mark.parametrize("days", [[], ["monday"]])
def test_days_that_are_none_are_refused(days: list[str]) -> None:
    with pytest.raises(ValidationError):
        Delivery.model_validate({"due_days": days})
