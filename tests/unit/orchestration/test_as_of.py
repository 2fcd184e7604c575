from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from orchestration.as_of import choose_as_of, format_as_of, parse_as_of
from orchestration.places import choose_places, main_places, places_for
from orchestration.status import record_outcome

NOON = datetime(2026, 6, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-06-28", datetime(2026, 6, 28, tzinfo=UTC)),
        (date(2026, 6, 28), datetime(2026, 6, 28, tzinfo=UTC)),
        ("2026-06-28T12:00:00Z", NOON),
        ("2026-06-28 14:00:00+02:00", NOON),
        (datetime(2026, 6, 28, 14, tzinfo=timezone(timedelta(hours=2))), NOON),
    ],
)
def test_a_moment_becomes_utc(value: object, moment: datetime) -> None:
    assert parse_as_of(value) == moment
    assert parse_as_of(value).tzinfo is UTC


@pytest.mark.parametrize("value", ["2026-06-28 12:00:00", "28/06/2026", "", 7, None])
def test_what_could_mean_two_moments_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_as_of(value)


def test_dbt_reads_utc_without_an_offset() -> None:
    assert format_as_of(NOON.astimezone(timezone(timedelta(hours=5)))) == "2026-06-28 12:00:00"


def test_what_is_typed_wins_over_the_file_and_the_file_over_the_clock() -> None:
    now = NOON.replace(microsecond=7)
    configured = NOON - timedelta(days=1)
    assert choose_as_of("2026-01-01", configured, now=now) == datetime(2026, 1, 1, tzinfo=UTC)
    assert choose_as_of("", configured, now=now) == configured
    assert choose_as_of("", None, now=now) == NOON


def test_a_moment_ahead_of_the_clock_is_refused() -> None:
    """Published once, it would make every later run a look back."""
    with pytest.raises(ValueError, match="ahead of the clock"):
        choose_as_of("2099-01-01", None, now=NOON)
    with pytest.raises(ValueError, match="ahead of the clock"):
        choose_as_of("", NOON + timedelta(days=2), now=NOON)


def test_a_look_back_builds_apart_but_reads_the_same_lake(tmp_path: Path) -> None:
    before = NOON - timedelta(days=30)
    apart = places_for(tmp_path, as_of=before, last_published=NOON)
    main = main_places(tmp_path)
    assert apart.root == tmp_path / "as_of" / "20260529T120000Z"
    assert apart.lake == main.lake
    assert apart.lock == main.lock
    assert not {apart.build, apart.published, apart.identity_state, apart.status} & {
        main.build,
        main.published,
        main.identity_state,
        main.status,
    }


@pytest.mark.parametrize("days", [0, 1])
def test_the_same_or_a_later_moment_builds_in_the_main_place(tmp_path: Path, days: int) -> None:
    main = main_places(tmp_path)
    record_outcome(main.status, "published", as_of=NOON, run_id="1", now=NOON)
    assert choose_places(tmp_path, as_of=NOON + timedelta(days=days)) == main
    assert choose_places(tmp_path, as_of=NOON - timedelta(days=1)) != main


def test_a_blocked_run_does_not_turn_later_ones_into_look_backs(tmp_path: Path) -> None:
    main = main_places(tmp_path)
    record_outcome(main.status, "blocked", as_of=NOON, run_id="1", now=NOON)
    assert choose_places(tmp_path, as_of=NOON - timedelta(days=1)) == main
