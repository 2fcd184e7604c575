"""What became of insights, and who turned AI features off, computed from the simulator's truth."""

import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from tests.integration.truth import DAY, Truth, monday, switches

CELL = ["feature_id", "model_version", "model_behaviour", "has_reason_shown", "week_start_date"]
STEPS = ("opened", "acted", "dismissed")


def insights(truth: Truth, *, window_days: int = 7) -> pd.DataFrame:
    """List the served insights: those of kept decisions, and those that only events tell of.

    Returns:
        insight_id, customer_ref, feature_id, model_version, model_behaviour, insight_category,
        has_reason_shown, content_id, linked_task_id, served_at, week_start_date, is_<step> for each
        of `STEPS`, outcome, is_over.
    """
    logged = truth.table("insights").rename(columns={"decision_id": "insight_id"})
    events = truth.table("feature_events").dropna(subset=["insight_id"])
    unlogged = events[~events["insight_id"].isin(logged["insight_id"])]
    first = unlogged.pivot_table(
        index=["insight_id", "customer_ref", "feature_id"],
        columns="insight_role",
        values="event_at",
        aggfunc="min",
    ).reindex(columns=["served", *STEPS, "tapped"])
    first["served_at"] = first["served"].fillna(first.min(axis=1))
    first = first.rename(columns={step: f"{step}_at" for step in STEPS}).reset_index()
    first = first.assign(
        model_version="none",
        model_behaviour="none",
        insight_category="none",
        has_reason_shown=False,
    )
    shown = pd.concat([logged, first], ignore_index=True)
    for step in STEPS:
        shown[f"is_{step}"] = shown[f"{step}_at"] < shown["served_at"] + window_days * DAY
    shown["outcome"] = "ignored"
    shown.loc[shown["is_dismissed"], "outcome"] = "dismissed"
    shown.loc[shown["is_acted"], "outcome"] = "acted"
    day = truth.day(shown["served_at"])
    return shown.assign(
        week_start_date=monday(day), is_over=truth.is_over(day + (window_days + 1) * DAY)
    )


def insight_outcomes(truth: Truth, *, task_days: int = 14) -> pd.DataFrame:
    """Count served insights and their outcomes in every cell; counts of an open week are missing.

    Returns:
        `CELL`, customers, served, opened, acted, dismissed, ignored, opened_acted, tasks, solved.
    """
    shown = insights(truth)
    events = truth.table("trust_events")
    done = events[events["event_name"] == "task_completed"].groupby("task_id")["event_at"].min()
    done_at = shown["linked_task_id"].map(done)
    shown["task"] = shown["linked_task_id"].notna() & ~(done_at < shown["served_at"])
    shown["solved"] = shown["task"] & (done_at < shown["served_at"] + task_days * DAY)
    for outcome in ("acted", "dismissed", "ignored"):
        shown[outcome] = shown["outcome"] == outcome
    shown["opened_acted"] = shown["is_opened"] & shown["acted"]
    weeks = (
        shown.groupby(CELL)
        .agg(
            customers=("customer_ref", "nunique"),
            served=("insight_id", "size"),
            opened=("is_opened", "sum"),
            acted=("acted", "sum"),
            dismissed=("dismissed", "sum"),
            ignored=("ignored", "sum"),
            opened_acted=("opened_acted", "sum"),
            tasks=("task", "sum"),
            solved=("solved", "sum"),
        )
        .reset_index()
    )
    is_over = truth.is_over(weeks["week_start_date"] + 14 * DAY)
    for column in ("opened", "acted", "dismissed", "ignored", "opened_acted"):
        weeks[column] = weeks[column].astype(float).where(is_over)
    is_task_over = truth.is_over(weeks["week_start_date"] + (7 + task_days) * DAY)
    for column in ("tasks", "solved"):
        weeks[column] = weeks[column].astype(float).where(is_task_over)
    return weeks


def opt_out_cohorts(truth: Truth) -> pd.DataFrame:
    """Follow each cohort person by person, with statsmodels' estimate of the curve.

    Returns:
        feature_id, cohort_week_start_date, customers, and for 7 and 28 days `off_<n>d` (opt-outs)
        and `rate_<n>d` (one minus Kaplan and Meier's estimate); missing until a cohort is over.
    """
    person = ["customer_ref", "feature_id"]
    events = truth.table("feature_events")
    met = events.groupby(person)["event_at"].min().rename("met_at").reset_index()
    changes = switches(truth)
    off = changes[~changes["is_on"]].groupby(person)["event_at"].min().rename("off_at")
    met = met.merge(off.reset_index(), how="left", on=person)
    met = met[met["off_at"].isna() | (met["off_at"] >= met["met_at"])]
    met = met.merge(truth.table("customers")[["customer_ref", "closed_at"]], on="customer_ref")
    day = truth.day(met["met_at"])
    yesterday = truth.today - DAY
    closed = truth.day(met["closed_at"])
    last = closed.where(closed < yesterday, yesterday)
    off_day, last_day = (truth.day(met["off_at"]) - day).dt.days, (last - day).dt.days
    met = met.assign(
        cohort_week_start_date=monday(day),
        time=off_day.where(off_day <= last_day, last_day),
        is_off=off_day <= last_day,
    )[last_day >= 0]
    rows = []
    for (feature, week), people in met.groupby(["feature_id", "cohort_week_start_date"]):
        row = {"feature_id": feature, "cohort_week_start_date": week, "customers": len(people)}
        curve = SurvfuncRight(people["time"] + 1, people["is_off"])
        starts = people["cohort_week_start_date"]
        for days in (7, 28):
            if truth.is_over(starts + (6 + days) * DAY).all():
                row[f"off_{days}d"] = (people["is_off"] & (people["time"] < days)).sum()
                survived = curve.surv_prob[curve.surv_times <= days]
                row[f"rate_{days}d"] = 1 - survived[-1] if len(survived) else 0.0
        rows.append(row)
    return pd.DataFrame(rows)


def category_opt_outs(truth: Truth, *, hours: int = 24) -> pd.DataFrame:
    """Attribute every opt-out to the last insight before it.

    Returns:
        insight_category, week_start_date, customers, opt_outs, opted_out (customers).
    """
    shown = insights(truth)
    settings = truth.table("settings")
    settings = settings[settings["scope"] != "channel"].sort_values("event_at")
    switch = ["customer_ref", "scope", "feature_id"]
    before = settings.groupby(switch, dropna=False)["new_state"].shift()
    off = settings[(settings["new_state"] == "off") & (before != "off")]
    found = pd.merge_asof(
        off[["customer_ref", "event_at"]],
        shown.sort_values("served_at")[
            ["customer_ref", "served_at", "insight_category", "week_start_date"]
        ],
        left_on="event_at",
        right_on="served_at",
        by="customer_ref",
        tolerance=pd.Timedelta(hours=hours) - pd.Timedelta(microseconds=1),
    )
    found["insight_category"] = found["insight_category"].fillna("unattributed")
    own_week = monday(truth.day(found["event_at"]))
    found["week_start_date"] = found["week_start_date"].fillna(own_week)
    keys = ["insight_category", "week_start_date"]
    left = found.groupby(keys)["customer_ref"].agg(opt_outs="size", opted_out="nunique")
    saw = shown.groupby(keys)["customer_ref"].nunique().rename("customers")
    weeks = pd.concat([saw, left], axis=1).reset_index()
    weeks["opt_outs"] = weeks["opt_outs"].fillna(0)
    is_over = truth.is_over(weeks["week_start_date"] + 8 * DAY)
    weeks["opted_out"] = weeks["opted_out"].fillna(0).where(is_over & weeks["customers"].notna())
    return weeks


def permissions(truth: Truth, *, window_days: int = 14) -> pd.DataFrame:
    """Count first prompts and the grants that followed them in time.

    Returns:
        permission_scope, explanation_id, week_start_date, prompted, granted, is_randomised.
    """
    events = truth.table("trust_events")
    person = ["customer_ref", "permission_scope"]
    prompts = events[events["event_name"] == "permission_prompted"].sort_values("event_at")
    first = prompts.drop_duplicates(person)
    granted = _taken(events, first, "permission_answered", person, window_days)
    first = first.assign(granted=granted, week_start_date=monday(truth.day(first["event_at"])))
    keys = ["permission_scope", "explanation_id", "week_start_date"]
    weeks = first.groupby(keys)["granted"].agg(prompted="size", granted="sum").reset_index()
    over = truth.is_over(weeks["week_start_date"] + (7 + window_days) * DAY)
    weeks["is_randomised"] = weeks["permission_scope"] != "location"
    weeks["granted"] = weeks["granted"].astype(float).where(over)
    return weeks


def opt_ins(truth: Truth, *, window_days: int = 14) -> pd.DataFrame:
    """Count first offers and those taken up in time.

    Returns:
        feature_id, week_start_date, offered, opted_in.
    """
    events = truth.table("trust_events")
    person = ["customer_ref", "feature_id"]
    offers = events[events["event_name"] == "opt_in_offered"].sort_values("event_at")
    first = offers.drop_duplicates(person)
    first = first.assign(
        opted_in=_taken(events, first, "opt_in_answered", person, window_days),
        week_start_date=monday(truth.day(first["event_at"])),
    )
    keys = ["feature_id", "week_start_date"]
    weeks = first.groupby(keys)["opted_in"].agg(offered="size", opted_in="sum").reset_index()
    over = truth.is_over(weeks["week_start_date"] + (7 + window_days) * DAY)
    weeks["opted_in"] = weeks["opted_in"].astype(float).where(over)
    return weeks


def _taken(
    events: pd.DataFrame, first: pd.DataFrame, answer: str, person: list[str], window_days: int
) -> pd.Series:
    """Say of each first prompt or offer whether a yes came within its window."""
    yes = events[(events["event_name"] == answer) & (events["outcome"] == "granted")]
    pairs = first[[*person, "event_at"]].merge(yes[[*person, "event_at"]], on=person)
    wait = pairs["event_at_y"] - pairs["event_at_x"]
    said = pairs[(wait >= pd.Timedelta(0)) & (wait < window_days * DAY)][person]
    keys = pd.MultiIndex.from_frame(said)
    taken: pd.Series = pd.Series(
        pd.MultiIndex.from_frame(first[person]).isin(keys), index=first.index
    )
    return taken
