"""What was known of experiments on earlier days: sums over the customers who counted by then.

A cut is a day at whose start one looks. A customer counts once the window of the metric and the
time for late rows are over, so that every cut is a sum over the earliest days of enrolment.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from inference.experiments.sums import Sums
from inference.survival import LifeTable

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = pd.Timedelta(days=1)
WEEK = 7 * DAY
TREATMENT, HOLDOUT = "treatment", "holdout"
SUMS = ["customer_count", *(f"sum_{one.name}" for one in fields(Sums) if one.name != "n")]


class Inputs(NamedTuple):
    """What all steps on experiments read.

    Attributes:
        experiments: `sums_experiments`: what was declared of each, and what is asked of it.
        metrics: seed `experiment_metrics`: how each metric is judged.
        days: `sums_experiment_daily`: sums by metric, variation, day of enrolment and segment.
        waits: `sums_experiment_life_tables`: waits, by the same but the metric.
        health: `sums_experiment_health`: enrolments and covariates by variation and day.
    """

    experiments: pd.DataFrame
    metrics: pd.DataFrame
    days: pd.DataFrame
    waits: pd.DataFrame
    health: pd.DataFrame

    def of_everybody(self) -> Inputs:
        """Leave the segments out."""
        days, waits = (rows[rows["segment_type"] == "all"] for rows in (self.days, self.waits))
        return self._replace(days=days, waits=waits)


def cuts_of(experiments: pd.DataFrame) -> pd.DataFrame:
    """List the days on which each experiment is looked at.

    Args:
        experiments: one row each, with `started_date` and `as_of_date`.

    Returns:
        The experiments' rows, repeated: one a week, from the one in which it started to the last
        that is over, cut at its end, and one of today, whose `week_start_date` is NaT.
    """
    now = experiments.assign(
        week_start_date=pd.Timestamp("NaT"), cut_date=experiments["as_of_date"]
    )
    started = experiments["started_date"]
    monday = started - pd.to_timedelta(started.dt.day_of_week, unit="D")
    count = np.maximum((experiments["as_of_date"] - monday).dt.days // 7, 0).to_numpy(np.int64)
    weeks = experiments.loc[experiments.index.repeat(count)].copy()
    number = np.concatenate([np.arange(n) for n in count]) if len(count) else np.arange(0)
    weeks["week_start_date"] = monday.repeat(count) + pd.to_timedelta(number * 7, unit="D")
    weeks["cut_date"] = weeks["week_start_date"] + WEEK
    cuts = pd.concat([weeks, now]) if len(weeks) else now
    # Of two looks on one day, today's is the second.
    return cuts.sort_values(
        ["experiment_id", "cut_date", "week_start_date"], na_position="last", ignore_index=True
    )


def known_at(
    rows: pd.DataFrame, cuts: pd.DataFrame, *, by: list[str], values: list[str]
) -> pd.DataFrame:
    """Sum what was known at each cut.

    Args:
        rows: `experiment_id`, `known_date` (from which cut on they count), `by` and `values`.
        cuts: of `cuts_of`.
        by: what is summed apart.
        values: what is summed.

    Returns:
        One row per experiment, day of a cut and group that the experiment has at all.
    """
    key = ["experiment_id", *by]
    days = cuts[["experiment_id", "cut_date"]].drop_duplicates().sort_values("cut_date")
    days["cut_date"] = days["cut_date"].astype("datetime64[us]")
    # A frame without rows has no types of its own.
    texts = {name: rows[name].astype(days["experiment_id"].dtype) for name in key}
    rows = rows.assign(known_date=rows["known_date"].astype("datetime64[us]"), **texts)
    placed = pd.merge_asof(
        rows.sort_values("known_date", kind="stable"),
        days,
        left_on="known_date",
        right_on="cut_date",
        by="experiment_id",
        direction="forward",
    )
    found = placed.groupby([*key, "cut_date"])[values].sum().reset_index()
    grid = days.merge(rows[key].drop_duplicates(), on="experiment_id")
    grid = grid.merge(found, how="left", on=[*key, "cut_date"])
    grid[values] = grid[values].fillna(0.0)
    grid = grid.sort_values([*key, "cut_date"], ignore_index=True)
    grid[values] = grid.groupby(key)[values].cumsum()
    return grid


def arm(rows: pd.DataFrame, keys: pd.DataFrame, role: str) -> Sums:
    """Give the sums of one arm for each key, NaN where it has none.

    Args:
        rows: one per key and `variation_role`, with `SUMS`.
        keys: the keys asked for, each with the columns that rows are found by.
        role: which arm.
    """
    some = rows[rows["variation_role"] == role]
    found = keys.merge(some[[*keys.columns, *SUMS]], how="left", on=list(keys.columns))
    return Sums.of(found)


def life_table(exits: pd.DataFrame, last_day: pd.Timestamp | None = None) -> LifeTable | None:
    """Put together how long customers waited, as known at the end of a day.

    Args:
        exits: `enrolled_date`, `duration_days`, `exit_count`, `event_count`.
        last_day: waits are known until its end; all that is known if left out.

    Returns:
        The table, in days; None where nobody was there.
    """
    duration = exits["duration_days"].to_numpy(np.float64)
    events = exits["event_count"].to_numpy(np.float64)
    people = exits["exit_count"].to_numpy(np.float64)
    if last_day is not None:
        most = (last_day - exits["enrolled_date"]).dt.days.to_numpy(np.float64)
        events = np.where(duration <= most, events, 0.0)
        is_there = most >= 0
        duration = np.minimum(duration, most)[is_there]
        events, people = events[is_there], people[is_there]
    if not len(duration):
        return None
    times, place = np.unique(duration, return_inverse=True)
    left = np.bincount(place, people).astype(np.float64)
    return LifeTable(
        times, left[::-1].cumsum()[::-1], np.bincount(place, events).astype(np.float64)
    )


def customers_of(tables: Sequence[LifeTable | None]) -> list[float]:
    """Count who is in each life table."""
    return [float(table.at_risk[0]) if table is not None else 0.0 for table in tables]
