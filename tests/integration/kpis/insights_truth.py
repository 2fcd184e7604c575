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
        `CELL`, customers, served, opened, acted, dismissed, ignored, opened_acted, tasks, solved,
        abandoned, resumed.
    """
    shown = insights(truth)
    events = truth.table("trust_events")
    done = events[events["event_name"] == "task_completed"].groupby("task_id")["event_at"].min()
    done_at = shown["linked_task_id"].map(done)
    shown["task"] = shown["linked_task_id"].notna() & ~(done_at < shown["served_at"])
    shown["solved"] = shown["task"] & (done_at < shown["served_at"] + task_days * DAY)
    shown = shown.join(_resumptions(truth, shown), on="insight_id")
    shown[["abandoned", "resumed"]] = shown[["abandoned", "resumed"]].fillna(value=False)
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
            abandoned=("abandoned", "sum"),
            resumed=("resumed", "sum"),
        )
        .reset_index()
    )
    is_over = truth.is_over(weeks["week_start_date"] + 14 * DAY)
    for column in ("opened", "acted", "dismissed", "ignored", "opened_acted"):
        weeks[column] = weeks[column].astype(float).where(is_over)
    is_task_over = truth.is_over(weeks["week_start_date"] + (7 + task_days) * DAY)
    for column in ("tasks", "solved"):
        weeks[column] = weeks[column].astype(float).where(is_task_over)
    is_resumption_over = truth.is_over(weeks["week_start_date"] + 37 * DAY)
    for column in ("abandoned", "resumed"):
        weeks[column] = weeks[column].astype(float).where(is_resumption_over)
    return weeks


def _resumptions(truth: Truth, shown: pd.DataFrame, *, days: int = 30) -> pd.DataFrame:
    """Say of insights after a flow given up whether one of these was completed in time.

    Returns:
        abandoned and resumed by insight_id, only of insights served after an abandonment.
    """
    events = truth.table("flow_events").sort_values("event_at", kind="stable")
    done = events[events["is_completion"]].groupby("flow_instance_id")["event_at"].min()
    events["done_at"] = events["flow_instance_id"].map(done)
    events = events[events["done_at"].isna() | (events["event_at"] <= events["done_at"])]
    following = events.groupby("flow_instance_id")["event_at"].shift(-1)
    wait = following.fillna(pd.Timestamp(truth.as_of)) - events["event_at"]
    is_idle = (wait >= pd.Timedelta(minutes=30)) & (events["event_at"] != events["done_at"])
    flows = events[is_idle].groupby("flow_instance_id").first().reset_index()
    flows["abandoned_at"] = flows["event_at"] + pd.Timedelta(minutes=30)
    # Whoever completes the flow in another run has resumed it too.
    runs = events.dropna(subset=["done_at"]).drop_duplicates("flow_instance_id")
    person = ["customer_ref", "flow_id"]
    later = flows.merge(runs[[*person, "done_at"]], on=person)
    later = later[later["done_at_y"] > later["abandoned_at"]]
    back = later.groupby("flow_instance_id")["done_at_y"].min()
    flows["done_at"] = flows["flow_instance_id"].map(back)
    pairs = shown[["insight_id", "customer_ref", "served_at"]].merge(flows, on="customer_ref")
    age = pairs["served_at"] - pairs["abandoned_at"]
    pairs = pairs[(age >= pd.Timedelta(0)) & (age < days * DAY)]
    pairs = pairs[~(pairs["done_at"] <= pairs["served_at"])]
    in_time = pairs["done_at"] < pairs["served_at"] + days * DAY
    found = pairs.assign(abandoned=True, resumed=in_time).groupby("insight_id")
    return found[["abandoned", "resumed"]].any()


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
    found = _attributed(truth, shown, hours=hours)
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


def spells(truth: Truth) -> pd.DataFrame:
    """List what was turned off, from when to when: features, everything, channels.

    Returns:
        customer_ref, scope, feature_id, channel, off_at, on_at (missing while it is off).
    """
    settings = truth.table("settings")
    states = truth.table("subscription_states").assign(scope="channel")
    columns = ["customer_ref", "scope", "feature_id", "channel", "new_state", "event_at"]
    changes = pd.concat([settings, states], ignore_index=True)[columns]
    switch = columns[:4]
    changes[switch] = changes[switch].fillna("none")
    # Of two changes at one moment the refusal counts.
    changes = changes.sort_values(["event_at", "new_state"], kind="stable")
    changes = changes.drop_duplicates([*switch, "event_at"])
    before = changes.groupby(switch)["new_state"].shift().fillna("on")
    turns = changes[changes["new_state"] != before]
    turns = turns.assign(on_at=turns.groupby(switch)["event_at"].shift(-1))
    off = turns[turns["new_state"] == "off"].rename(columns={"event_at": "off_at"})
    return off[[*switch, "off_at", "on_at"]].sort_values("off_at")


def _attributed(truth: Truth, shown: pd.DataFrame, *, hours: int = 24) -> pd.DataFrame:
    """Give each opt-out of a feature or everything the last insight before it, if any."""
    off = spells(truth)
    off = off[off["scope"] != "channel"].rename(columns={"off_at": "event_at"})
    return pd.merge_asof(
        off[["customer_ref", "event_at"]],
        shown.sort_values("served_at")[
            ["customer_ref", "served_at", "insight_id", "insight_category", "week_start_date"]
        ],
        left_on="event_at",
        right_on="served_at",
        by="customer_ref",
        tolerance=pd.Timedelta(hours=hours) - pd.Timedelta(microseconds=1),
    )


def user_control(truth: Truth, *, watched_days: int = 28) -> pd.DataFrame:
    """Count by week what customers did to keep control, and how soon they were heeded.

    Returns:
        week_start_date, visits, edits, opt_outs, breached, honour_hours, visit_seconds, decisions,
        accepted, overridden, auto_applied.
    """
    events = truth.table("trust_events")
    visits = events[events["event_name"] == "preferences_viewed"].sort_values("event_at")
    off = spells(truth)
    app = off[off["scope"] != "channel"]
    seen = pd.merge_asof(
        app[["customer_ref", "off_at"]],
        visits[["customer_ref", "event_at"]],
        left_on="off_at",
        right_on="event_at",
        by="customer_ref",
        tolerance=pd.Timedelta(hours=24) - pd.Timedelta(microseconds=1),
    )
    seen["seconds"] = (seen["off_at"] - seen["event_at"]).dt.total_seconds()
    off = off.assign(last=_last_contacts(truth, off, watched_days))
    off["hours"] = (off["last"] - off["off_at"]).dt.total_seconds().fillna(0) / 3600
    decided = truth.table("insights")

    def by_week(moments: pd.Series) -> pd.Series:
        return monday(truth.day(moments)).rename("week_start_date")

    week = by_week(off["off_at"])
    weeks = pd.DataFrame(
        {
            "visits": visits.groupby(by_week(visits["event_at"])).size(),
            "edits": truth.table("settings")
            .pipe(lambda rows: rows.groupby(by_week(rows["event_at"])))
            .size(),
            "opt_outs": off.groupby(week).size(),
            "breached": off.groupby(week)["last"].count(),
            "honour_hours": off.groupby(week)["hours"].quantile(0.95),
            "visit_seconds": seen.groupby(by_week(seen["off_at"]))["seconds"].median(),
        }
    )
    served = decided.groupby(by_week(decided["served_at"]))
    weeks = weeks.join(
        served.agg(
            decisions=("decision_id", "size"),
            accepted=("customer_response", lambda said: (said == "accepted").sum()),
            overridden=("customer_response", lambda said: (said == "overridden").sum()),
            auto_applied=("is_auto_applied", "sum"),
        ),
        how="outer",
    ).reset_index()
    counts = ["visits", "edits", "opt_outs", "breached", "decisions"]
    counts += ["accepted", "overridden", "auto_applied"]
    weeks[counts] = weeks[counts].fillna(0).astype(float)
    starts = weeks["week_start_date"]
    weeks["visit_seconds"] = weeks["visit_seconds"].where(truth.is_over(starts + 7 * DAY))
    is_watched = truth.is_over(starts + (8 + watched_days) * DAY)
    for column in ("breached", "honour_hours"):
        weeks[column] = weeks[column].where(is_watched)
    return weeks


def _last_contacts(truth: Truth, off: pd.DataFrame, watched_days: int) -> pd.Series:
    """Give the last message or insight that each opt-out should have stopped, missing if none."""
    messages = truth.table("message_events")
    sent = messages[messages["kind"] == "sent"].drop_duplicates(["message", "channel"])
    shown = insights(truth)
    last = {}
    for number, spell in off.iterrows():
        if spell["scope"] == "channel":
            own = sent[sent["channel"] == spell["channel"]]
            moments = own.loc[own["customer_ref"] == spell["customer_ref"], "event_at"]
        else:
            own = shown[shown["customer_ref"] == spell["customer_ref"]]
            is_own = (own["feature_id"] == spell["feature_id"]) | (spell["scope"] == "global")
            moments = own.loc[is_own, "served_at"]
        end = spell["off_at"] + watched_days * DAY
        if pd.notna(spell["on_at"]):
            end = min(end, spell["on_at"])
        last[number] = moments[(moments > spell["off_at"]) & (moments < end)].max()
    return pd.to_datetime(pd.Series(last, dtype="object"), utc=True)


def content(truth: Truth) -> pd.DataFrame:
    """Count what was served of each tag, what became of it, and who opted out after it.

    Returns:
        content_tag, week_start_date, customers, served, all_served, acted, opt_outs, opted_out.
    """
    shown = insights(truth)
    every = shown.groupby("week_start_date").size().rename("all_served")
    left = _attributed(truth, shown).dropna(subset=["insight_id"])
    shown["opt_outs"] = shown["insight_id"].map(left["insight_id"].value_counts()).fillna(0)
    tags = truth.table("content").explode("tags").rename(columns={"tags": "content_tag"})
    tagged = shown.merge(tags, how="left", on="content_id").fillna({"content_tag": "none"})
    tagged["acted"] = tagged["outcome"] == "acted"
    tagged["leaver"] = tagged["customer_ref"].where(tagged["opt_outs"] > 0)
    weeks = (
        tagged.groupby(["content_tag", "week_start_date"])
        .agg(
            customers=("customer_ref", "nunique"),
            served=("insight_id", "size"),
            acted=("acted", "sum"),
            opt_outs=("opt_outs", "sum"),
            opted_out=("leaver", "nunique"),
        )
        .reset_index()
        .join(every, on="week_start_date")
    )
    starts = weeks["week_start_date"]
    for column in ("acted", "all_served"):
        weeks[column] = weeks[column].astype(float).where(truth.is_over(starts + 14 * DAY))
    weeks["opted_out"] = weeks["opted_out"].astype(float).where(truth.is_over(starts + 8 * DAY))
    return weeks
