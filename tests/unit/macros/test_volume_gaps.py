"""A gap is found, and nothing else is: the model run on hours whose truth is known."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.unit.macros.rendering import render_model

ZONE = "Europe/Madrid"
EPOCH = date(1970, 1, 1)
START = datetime(2026, 1, 5, tzinfo=UTC)
WEEKS = 12


def traffic(*, peak: float, seed: int, weeks: int = WEEKS, start: datetime = START) -> pd.DataFrame:
    """Draw rows of one source by the hour: busy days, quiet nights, bursts as in sessions."""
    rng = np.random.default_rng(seed)
    hours = [start + timedelta(hours=hour) for hour in range(weeks * 7 * 24)]
    local = [hour.astimezone(ZoneInfo(ZONE)) for hour in hours]
    by_day = np.array([0.7 if moment.weekday() >= 5 else 1.0 for moment in local])
    by_hour = np.array([max(0.02, np.sin((moment.hour - 5) / 19 * np.pi)) for moment in local])
    sessions = rng.poisson(peak * by_day * by_hour / 4)
    rows = [int(rng.poisson(4, size=count).sum()) for count in sessions]
    return pd.DataFrame(
        {
            "source_name": "app",
            "hour_start_at": [hour.replace(tzinfo=None) for hour in hours],
            "activity_date": [moment.date() for moment in local],
            "local_hour_number": [
                (moment.toordinal() - EPOCH.toordinal()) * 24 + moment.hour for moment in local
            ],
            "received_count": rows,
        }
    )


def find_gaps(
    hours: pd.DataFrame, quiet: tuple[str, ...] = (), delivered: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Run the model on hours and return its rows in order.

    Args:
        hours: Rows of `fct_source_hours`.
        quiet: Days on which nothing is due.
        delivered: Hours whose files came; None where files do not go by the hour.
    """
    files = hours[:0] if delivered is None else delivered
    days = pd.DataFrame(
        {"source_name": ["app"] * len(quiet), "quiet_date": pd.to_datetime(list(quiet)).date}
    )
    with duckdb.connect() as connection:
        connection.register("days", days)
        connection.register("fct_source_hours", hours)
        connection.execute(
            "create table stg_lake__quiet_days as select cast(source_name as varchar) as "
            "source_name, cast(quiet_date as date) as quiet_date from days"
        )
        connection.register("stg_lake__delivered_hours", files[["source_name", "hour_start_at"]])
        sql = render_model("core/fct_volume_gaps.sql", timezone=ZONE)
        found: pd.DataFrame = connection.sql(sql).df()
    return found.sort_values(["source_name", "hour_start_at"])


def lose(hours: pd.DataFrame, start: str, count: int, share: float = 0.0) -> pd.DataFrame:
    """Take rows out of some hours, all but a share of them."""
    first = pd.Timestamp(start)
    lost = hours["hour_start_at"].between(first, first + pd.Timedelta(hours=count - 1))
    kept = (hours["received_count"] * share).astype(int)
    return hours.assign(received_count=hours["received_count"].where(~lost, kept))


@pytest.mark.parametrize("peak", [8.0, 40.0, 400.0, 20_000.0])
def test_chance_makes_no_gaps(peak: float) -> None:
    found = pd.concat([find_gaps(traffic(peak=peak, seed=seed, weeks=26)) for seed in range(4)])
    assert found["least_count"].notna().any() == (peak > 8)
    assert not found["is_gap"].any()


def test_half_a_day_that_is_missing_is_found_from_its_second_hour_on() -> None:
    hours = lose(traffic(peak=2_000, seed=1), "2026-03-18 08:00", 12)
    gaps = find_gaps(hours).query("is_gap")["hour_start_at"]
    assert list(gaps) == list(pd.date_range("2026-03-18 09:00", "2026-03-18 19:00", freq="h"))


def test_the_weeks_after_a_gap_still_know_what_to_expect() -> None:
    hours = lose(lose(traffic(peak=200, seed=2), "2026-03-11 08:00", 12), "2026-03-18 10:00", 4)
    gaps = find_gaps(hours).query("is_gap")["hour_start_at"]
    assert pd.Timestamp("2026-03-18 11:00") in set(gaps)
    assert (
        not find_gaps(lose(traffic(peak=200, seed=2), "2026-03-11 08:00", 12))
        .query("is_gap and hour_start_at > '2026-03-12'")["is_gap"]
        .any()
    )


def test_one_low_hour_is_no_gap_and_a_third_of_the_traffic_is() -> None:
    once = lose(traffic(peak=2_000, seed=3), "2026-03-18 10:00", 1)
    assert not find_gaps(once)["is_gap"].any()
    third = lose(traffic(peak=2_000, seed=3), "2026-03-18 10:00", 3, share=0.33)
    assert find_gaps(third)["is_gap"].sum() == 2


def test_a_change_of_summer_time_is_no_gap() -> None:
    found = find_gaps(traffic(peak=2_000, seed=4, start=datetime(2026, 1, 19, tzinfo=UTC)))
    after = found[found["hour_start_at"] >= "2026-03-29"]
    assert after["least_count"].notna().sum() > 100
    assert not after["is_gap"].any()


def test_a_quiet_day_has_nothing_to_miss() -> None:
    hours = lose(traffic(peak=200, seed=5), "2026-03-18 06:00", 14)
    assert find_gaps(hours)["is_gap"].any()
    found = find_gaps(hours, quiet=("2026-03-18",))
    assert not found["is_gap"].any()
    assert found[found["hour_start_at"].dt.date == date(2026, 3, 18)]["least_count"].isna().all()


def test_a_daily_batch_has_no_gaps() -> None:
    hours = traffic(peak=200, seed=6)
    at_two = hours["hour_start_at"].dt.hour == 2
    hours["received_count"] = np.where(at_two, 5_000, 0)
    hours = lose(hours, "2026-03-18 00:00", 24)
    assert not find_gaps(hours)["is_gap"].any()


def test_nothing_is_expected_before_half_of_the_weeks_are_there() -> None:
    found = find_gaps(traffic(peak=200, seed=7))
    first = found[found["least_count"].notna()]["hour_start_at"].min()
    assert START.replace(tzinfo=None) + timedelta(weeks=4) <= first
    assert first < START.replace(tzinfo=None) + timedelta(weeks=5)


def test_a_file_that_never_came_is_told_from_an_hour_without_traffic() -> None:
    hours = lose(traffic(peak=2_000, seed=8), "2026-03-18 08:00", 12)
    lost = hours["hour_start_at"].between("2026-03-18 08:00", "2026-03-18 13:00")
    gaps = find_gaps(hours, delivered=hours[~lost]).query("is_gap")
    never_came = gaps["hour_start_at"] <= "2026-03-18 13:00"
    assert set(gaps[never_came]["gap_kind"]) == {"no_data"}
    assert set(gaps[~never_came]["gap_kind"]) == {"no_traffic"}


def test_where_files_do_not_go_by_the_hour_nobody_knows_which_it_is() -> None:
    found = find_gaps(lose(traffic(peak=2_000, seed=8), "2026-03-18 08:00", 12))
    assert set(found[found["is_gap"]]["gap_kind"]) == {"unknown"}
    assert found[~found["is_gap"]]["gap_kind"].isna().all()
