"""The KPIs computed from the simulator's truth, in pandas: a second opinion on the SQL.

Nothing here reads the warehouse, and no definition is shared with the models: where both agree, two
readings of the catalogue agree.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

USES = ("opened", "tapped", "acted")
INTERACTIONS = (*USES, "dismissed")
REASONS = ("kept", "quarantined", "duplicate", "bot", "test", "expired_session", "stale", "erased")
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Truth:
    """The truth of one simulated company, as of a moment.

    Attributes:
        folder: Where the truth tables lie.
        zone: IANA name of the zone in which days are counted.
        as_of: The moment the pipeline looked from.
        lateness_days: How long after a window its rows may still arrive.
    """

    folder: Path
    zone: str
    as_of: datetime
    lateness_days: int = 2

    def table(self, name: str) -> pd.DataFrame:
        """Read a truth table."""
        return pd.read_parquet(self.folder / f"{name}.parquet")

    def day(self, moments: pd.Series) -> pd.Series:
        """Give the local calendar day of each moment."""
        days: pd.Series = moments.dt.tz_convert(self.zone).dt.tz_localize(None).dt.normalize()
        return days

    @property
    def today(self) -> pd.Timestamp:
        """Give the local day of `as_of`, which is not over."""
        return pd.Timestamp(self.as_of).tz_convert(self.zone).tz_localize(None).normalize()

    def is_over(self, end: pd.Series) -> pd.Series:
        """Say which windows, given the day after their last, are over and their late rows in."""
        over: pd.Series = end + self.lateness_days * DAY <= self.today
        return over


def monday(days: pd.Series) -> pd.Series:
    """Give the Monday of each day's week."""
    mondays: pd.Series = days - pd.to_timedelta(days.dt.weekday, unit="D")
    return mondays


def reason_counts(truth: Truth) -> pd.DataFrame:
    """Count received rows by their one reason.

    Returns:
        A row per source, table and received date; a column per reason and `received`.
    """
    rows = truth.table("received_rows")
    counts = (
        rows.groupby(["source_name", "table_name", "received_date", "expected_reason"])
        .size()
        .unstack(fill_value=0)
        .reindex(columns=list(REASONS), fill_value=0)
    )
    counts["received"] = counts.sum(axis=1)
    return counts.reset_index()


def switches(truth: Truth) -> pd.DataFrame:
    """List what each customer turned on or off, a global switch once per feature.

    Returns:
        customer_ref, feature_id, event_at, is_on; in order of time.
    """
    settings = truth.table("settings")
    features = truth.table("feature_events")[["feature_id"]].drop_duplicates()
    own = settings[settings["scope"] == "feature"]
    everywhere = settings[settings["scope"] == "global"].drop(columns="feature_id")
    both = pd.concat([own, everywhere.merge(features, how="cross")])
    both = both.assign(is_on=both["new_state"] == "on")
    return both[["customer_ref", "feature_id", "event_at", "is_on"]].sort_values("event_at")


def return_adoption(truth: Truth) -> pd.DataFrame:
    """Compute return adoption per feature and week of first use.

    Returns:
        feature_id, cohort_week_start_date, first_time_users, returned, is_mature.
    """
    events = truth.table("feature_events")
    uses = events[events["insight_role"].isin(USES)].assign(
        day=lambda frame: truth.day(frame["event_at"])
    )
    person = ["customer_ref", "feature_id"]
    first = uses.groupby(person)["day"].min().rename("first_day").reset_index()
    own = uses[uses["session_origin"] == "direct"].merge(first, on=person)
    age = (own["day"] - own["first_day"]).dt.days
    came_back = own[(age >= 7) & (age <= 13)][person].drop_duplicates().assign(came_back=True)
    states = switches(truth).merge(first, on=person)
    states = states[truth.day(states["event_at"]) < states["first_day"] + 14 * DAY]
    final = states.groupby(person)["is_on"].last().rename("is_on").reset_index()
    people = first.merge(came_back, how="left", on=person).merge(final, how="left", on=person)
    people["returned"] = people["came_back"].eq(True) & people["is_on"].ne(False)
    people["cohort_week_start_date"] = monday(people["first_day"])
    weeks = (
        people.groupby(["feature_id", "cohort_week_start_date"])
        .agg(first_time_users=("returned", "size"), returned=("returned", "sum"))
        .reset_index()
    )
    weeks["is_mature"] = truth.is_over(weeks["cohort_week_start_date"] + 20 * DAY)
    return weeks


def opt_outs(truth: Truth) -> pd.DataFrame:
    """Compute, day by day, who could turn a feature off and who did.

    Returns:
        feature_id, variation_id, activity_date, enabled, at_risk, hazard_opt_outs, opt_outs.
    """
    person = ["customer_ref", "feature_id"]
    events = truth.table("feature_events")
    met = events.groupby(person)["event_at"].min().rename("met_at").reset_index()
    assigned = truth.table("assignments")[[*person, "variation_id"]]
    met = met.merge(assigned, how="left", on=person)
    met["variation_id"] = met["variation_id"].fillna("none")
    changes = switches(truth)
    off = changes[~changes["is_on"]].groupby(person)["event_at"].min().rename("off_at")
    met = met.merge(off.reset_index(), how="left", on=person)
    met["met_day"], met["off_day"] = truth.day(met["met_at"]), truth.day(met["off_at"])
    met["can_opt_out"] = met["off_at"].isna() | (met["off_at"] >= met["met_at"])
    changes = changes.assign(day=truth.day(changes["event_at"]))
    rows = []
    for day in pd.date_range(met["met_day"].min() + DAY, truth.today - DAY):
        known = met[met["met_day"] < day]
        before = changes[changes["day"] < day].groupby(person)["is_on"].last().rename("is_on")
        known = known.merge(before.reset_index(), how="left", on=person)
        at_risk = known["can_opt_out"] & ~(known["off_day"] < day)
        known = known.assign(
            enabled=known["is_on"].ne(False),
            at_risk=at_risk,
            hazard_opt_outs=at_risk & (known["off_day"] == day),
        )
        counts = known.groupby(["feature_id", "variation_id"])[
            ["enabled", "at_risk", "hazard_opt_outs"]
        ].sum()
        rows.append(counts.reset_index().assign(activity_date=day))
    days = pd.concat(rows)
    first = met[met["can_opt_out"] & met["off_day"].notna() & (met["off_day"] < truth.today)]
    first = first.rename(columns={"off_day": "activity_date"})
    keys = ["feature_id", "variation_id", "activity_date"]
    total = first.groupby(keys).size().rename("opt_outs").reset_index()
    return days.merge(total, how="outer", on=keys).fillna(0)


def micro_feedback(truth: Truth, *, window_days: int = 7) -> pd.DataFrame:
    """Count questions and answers by model behaviour and week of the question.

    An answer proves its question: where the question's own row was lost, the answer dates it.

    Returns:
        model_version, model_behaviour, has_reason_shown, week_start_date, prompted, yes, no.
    """
    asked = truth.table("insights")
    asked["prompted_at"] = asked["prompted_at"].fillna(asked["answered_at"])
    asked = asked.dropna(subset=["prompted_at"])
    in_time = asked["answered_at"] < asked["prompted_at"] + window_days * DAY
    asked = asked.assign(
        week_start_date=monday(truth.day(asked["prompted_at"])),
        yes=in_time & (asked["answer"] == "yes"),
        no=in_time & (asked["answer"] == "no"),
    )
    keys = ["model_version", "model_behaviour", "has_reason_shown", "week_start_date"]
    return (
        asked.groupby(keys)
        .agg(prompted=("yes", "size"), yes=("yes", "sum"), no=("no", "sum"))
        .reset_index()
    )


def adoption(truth: Truth) -> pd.DataFrame:
    """Count who was shown a feature while it was on, and who of them used it, by week.

    Returns:
        feature_id, week_start_date, exposed_enabled, used, interactions.
    """
    person = ["customer_ref", "feature_id"]
    events = truth.table("feature_events").sort_values("event_at")
    events = pd.merge_asof(events, switches(truth), on="event_at", by=person, direction="backward")
    events = events.assign(
        week_start_date=monday(truth.day(events["event_at"])),
        is_on=events["is_on"].ne(False),
        is_use=events["insight_role"].isin(USES),
        is_interaction=events["insight_role"].isin(INTERACTIONS),
    )
    weeks = ["feature_id", "week_start_date"]
    people = events.groupby(["customer_ref", *weeks])[["is_on", "is_use"]].any().reset_index()
    people["used"] = people["is_on"] & people["is_use"]
    shown = people.groupby(weeks).agg(exposed_enabled=("is_on", "sum"), used=("used", "sum"))
    return shown.join(
        events.groupby(weeks)["is_interaction"].sum().rename("interactions")
    ).reset_index()
