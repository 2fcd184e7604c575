"""Messages, flows and conversions computed from the simulator's truth, in pandas.

A second reading of the catalogue: it shares neither code nor an intermediate table with the models.
"""

import pandas as pd

from tests.integration.truth import DAY, Truth, monday

HOUR = pd.Timedelta(hours=1)
IDLE = pd.Timedelta(minutes=30)
STEPS = {
    "loan_simulation": ["amount", "term", "summary"],
    "savings_plan": ["target", "monthly_amount", "first_debit"],
}
LINES = {"borrowing": "loans", "saving": "savings", "investing": "trading"}
FLOW_LINES = {"loan_simulation": "loans", "savings_plan": "savings"}
CATEGORIES = {
    "savings_insights": "saving",
    "loan_nudges": "borrowing",
    "spend_coach": "spending",
    "daily_challenge": "habits",
    "bill_forecast": "bills",
    "subscription_finder": "subscriptions",
}
INTERRUPTING = ("push", "whatsapp")
REMINDING = 3


def sends(truth: Truth) -> pd.DataFrame:
    """Give each kept sending with its week and whether a person clicked it."""
    events = truth.table("message_events")
    message = ["customer_ref", "message"]
    sent = events[events["kind"] == "sent"].drop_duplicates(message)
    clicks = events[events["kind"] == "clicked"].groupby(message)["event_at"].min()
    sent = sent.merge(clicks.rename("clicked_at").reset_index(), how="left", on=message)
    sent = sent.rename(columns={"event_at": "sent_at"})
    return sent.assign(week_start_date=monday(truth.day(sent["sent_at"])))


def flows(truth: Truth) -> pd.DataFrame:
    """Follow each flow instance event by event.

    Returns:
        customer_ref, flow_id, flow_instance_id, completed_at, abandoned_at, step and amount (as
        known at the abandonment, else at the end).
    """
    events = truth.table("flow_events").sort_values("event_at")
    runs = []
    for instance, run in events.groupby("flow_instance_id"):
        step, amount, completed_at, abandoned_at = None, None, None, None
        last_at: pd.Timestamp | None = None
        for event in run.to_dict("records"):
            if abandoned_at is None and last_at is not None and event["event_at"] - last_at >= IDLE:
                abandoned_at = last_at + IDLE
            if abandoned_at is None:
                step = event["flow_step"] if pd.notna(event["flow_step"]) else step
                amount = amount if pd.isna(event["amount"]) else event["amount"]
            if event["is_completion"]:
                completed_at = event["event_at"]
                break
            last_at = event["event_at"]
        ended_at = run["event_at"].iloc[-1] if last_at is None else last_at
        if completed_at is None and abandoned_at is None and truth.as_of - ended_at >= IDLE:
            abandoned_at = ended_at + IDLE
        who, flow = run["customer_ref"].iloc[-1], run["flow_id"].iloc[0]
        runs.append((who, flow, instance, completed_at, abandoned_at, step, amount))
    names = "customer_ref flow_id flow_instance_id completed_at abandoned_at step amount"
    frame = pd.DataFrame(runs, columns=names.split())
    for moment in ("completed_at", "abandoned_at"):
        frame[moment] = pd.to_datetime(frame[moment], utc=True)
    return frame


def abandonments(truth: Truth) -> pd.DataFrame:
    """Give each abandonment with its arm, its first reminder and the customer's return."""
    runs = flows(truth)
    left = runs.dropna(subset=["abandoned_at"]).reset_index(drop=True)
    arms = truth.table("follow_up_arms").set_index(["customer_ref", "flow_id"])
    done = runs.dropna(subset=["completed_at"])
    reminders = sends(truth).dropna(subset=["flow_instance_id"])
    off = _everything_off(truth)
    found = []
    for run in left.to_dict("records"):
        key, at = (run["customer_ref"], run["flow_id"]), run["abandoned_at"]
        arm = arms.loc[key] if key in arms.index else None
        is_in = arm is not None and arm["assigned_at"] < at
        later = done[
            (done["customer_ref"] == key[0])
            & (done["flow_id"] == key[1])
            & (done["completed_at"] > at)
        ]["completed_at"]
        sent = reminders[
            (reminders["flow_instance_id"] == run["flow_instance_id"])
            & (reminders["sent_at"] >= at)
        ].sort_values("sent_at")
        first = sent.iloc[0] if len(sent) else None
        steps = STEPS[key[1]]
        taken = steps.index(run["step"]) + 1 if pd.notna(run["step"]) else 0
        missing = steps[taken] if taken < len(steps) else None
        found.append(
            {
                **run,
                "follow_up": arm["arm"] if is_in and arm is not None else "none",
                "is_refused": _is_off(off, key[0], at),
                "missing_step": missing,
                "recovered_at": later.min() if len(later) else pd.NaT,
                "reminded_at": first["sent_at"] if first is not None else pd.NaT,
                "is_specific": first is not None
                and first["rendered_amount"] == run["amount"]
                and first["rendered_step"] == missing,
            }
        )
    frame = pd.DataFrame(found)
    return frame.assign(week_start_date=monday(truth.day(frame["abandoned_at"])))


def flow_recovery(truth: Truth) -> pd.DataFrame:
    """Count what kpi_flow_recovery_weekly says of each flow, arm and week."""
    left = abandonments(truth)
    deadline = left["abandoned_at"] + DAY
    in_time = left["reminded_at"] <= deadline
    eligible = (left["follow_up"] != "holdout") & ~left["is_refused"]
    eligible &= in_time | ~(left["recovered_at"] <= deadline)
    left = left.assign(
        complete=left["amount"].notna() & left["step"].notna(),
        eligible=eligible,
        in_time=eligible & in_time,
        reminded=left["reminded_at"].notna(),
        recovered=left["recovered_at"] <= left["abandoned_at"] + 7 * DAY,
    )
    keys = ["flow_id", "follow_up", "week_start_date"]
    counts = ["complete", "eligible", "in_time", "reminded", "is_specific", "recovered"]
    weeks = left.groupby(keys)[counts].sum().astype(float)
    weeks.insert(0, "abandoned", left.groupby(keys).size())
    weeks = weeks.reset_index()
    is_over = truth.is_over(weeks["week_start_date"] + 8 * DAY)
    for name in ("complete", "eligible", "in_time", "reminded", "is_specific"):
        weeks[name] = weeks[name].where(is_over)
    weeks["recovered"] = weeks["recovered"].where(
        truth.is_over(weeks["week_start_date"] + 14 * DAY)
    )
    return weeks


def channel_health(truth: Truth) -> pd.DataFrame:
    """Count what is wrong with the messages of each channel and week."""
    sent = sends(truth).sort_values(["customer_ref", "sent_at"])
    gaps = truth.table("campaigns").set_index("campaign_id")["min_gap_hours"]
    before = sent.groupby("customer_ref")["sent_at"].shift()
    too_soon = sent["sent_at"] - before < sent["campaign_id"].map(gaps) * HOUR
    hour = pd.Series(
        [
            moment.tz_convert(zone).hour
            for moment, zone in zip(sent["sent_at"], sent["timezone"], strict=True)
        ],
        index=sent.index,
    )
    quiet = sent["channel"].isin(INTERRUPTING) & ((hour >= 22) | (hour < 8))
    runs = flows(truth).merge(
        abandonments(truth)[["flow_instance_id", "recovered_at"]], how="left", on="flow_instance_id"
    )
    runs = runs.set_index("flow_instance_id")
    instance = sent["flow_instance_id"]
    met = runs[["completed_at", "recovered_at"]].min(axis=1)
    after_goal = instance.map(met) < sent["sent_at"]
    place = {step: n for steps in STEPS.values() for n, step in enumerate(steps)}
    names_step = sent["rendered_step"].notna() & instance.isin(runs.index)
    taken = sent["rendered_step"].map(place) <= instance.map(runs["step"]).map(place)
    lost = names_step & (taken | (instance.map(runs["recovered_at"]) < sent["sent_at"]))
    age = sent["sent_at"] - sent["triggered_at"]
    sent = sent.assign(
        too_soon=too_soon,
        quiet=quiet,
        after_goal=after_goal,
        out_of_sync=too_soon | quiet | after_goal,
        coordinated=sent["is_coordinated"],
        names_step=names_step,
        lost=lost,
        realtime=(age >= pd.Timedelta(0)) & (age <= DAY),
    )
    counts = [
        "too_soon",
        "quiet",
        "after_goal",
        "out_of_sync",
        "coordinated",
        "names_step",
        "lost",
        "realtime",
    ]
    weeks = sent.groupby(["channel", "week_start_date"])[counts].sum().astype(float)
    weeks.insert(0, "sends", sent.groupby(["channel", "week_start_date"]).size())
    return weeks.reset_index()


def coordination(truth: Truth) -> pd.DataFrame:
    """Count what two channels told the same customers, and how often they collided."""
    sent = sends(truth).dropna(subset=["content_id"])
    told = sent.rename(columns={"sent_at": "at"})[
        ["customer_ref", "channel", "at", "offer_id", "content_id", "conflict_group"]
    ]
    shown = truth.table("insights")
    insights = pd.DataFrame(
        {
            "customer_ref": shown["customer_ref"],
            "channel": "in_app",
            "at": shown["served_at"],
            "offer_id": "",
            "content_id": shown["content_id"],
            "conflict_group": "cg_" + shown["feature_id"].map(CATEGORIES),
        }
    )
    told = pd.concat([told, insights], ignore_index=True)
    told["week_start_date"] = monday(truth.day(told["at"]))
    told["number"] = range(len(told))
    pairs = told.merge(told, on="customer_ref", suffixes=("", "_before"))
    wait = pairs["at"] - pairs["at_before"]
    pairs = pairs[(pairs["channel"] != pairs["channel_before"]) & (wait >= 0 * DAY) & (wait <= DAY)]
    same_offer = (pairs["offer_id"] == pairs["offer_id_before"]) & (pairs["offer_id"] != "")
    same = same_offer | (pairs["content_id"] == pairs["content_id_before"])
    same_group = (pairs["conflict_group"] == pairs["conflict_group_before"]) & (
        pairs["conflict_group"] != ""
    )
    contrary = same_group & (pairs["content_id"] != pairs["content_id_before"]) & ~same_offer
    pairs = pairs.assign(same=same, contrary=contrary)
    hits = pairs.groupby(["number", "channel_before"])[["same", "contrary"]].any().reset_index()
    hits = hits.merge(told[["number", "customer_ref", "channel", "week_start_date"]], on="number")
    hits["channel_a"] = hits[["channel", "channel_before"]].min(axis=1)
    hits["channel_b"] = hits[["channel", "channel_before"]].max(axis=1)
    week = ["customer_ref", "week_start_date"]
    reach = told.groupby([*week, "channel"]).size().rename("told").reset_index()
    both = reach.merge(reach, on=week, suffixes=("_a", "_b"))
    both = both.loc[both["channel_a"] < both["channel_b"], [*week, "channel_a", "channel_b"]]
    keys = ["channel_a", "channel_b", "week_start_date"]
    pair = [*week, "channel_a", "channel_b"]
    counted = hits.groupby(pair)[["same", "contrary"]].sum().reset_index()
    # What a Monday repeats of a Sunday has nothing of the other channel in its own week.
    counted = counted[counted[["same", "contrary"]].any(axis=1)]
    both = both.merge(counted, how="outer", on=pair)
    for side in ("a", "b"):
        own = reach.rename(columns={"channel": f"channel_{side}", "told": "own"})
        own = both[pair].merge(own, how="left", on=[*week, f"channel_{side}"])
        both[f"told_{side}"] = own["own"].to_numpy()
    both = both.fillna({"same": 0, "contrary": 0, "told_a": 0, "told_b": 0})
    both["messages"] = both["told_a"] + both["told_b"]
    weeks = both.groupby(keys)[["messages", "same", "contrary"]].sum().astype(float)
    weeks.insert(0, "customers", both.groupby(keys).size())
    weeks = weeks.reset_index()
    is_over = truth.is_over(weeks["week_start_date"] + 7 * DAY)
    for name in ("same", "contrary"):
        weeks[name] = weeks[name].where(is_over)
    return weeks


def fatigue(truth: Truth) -> pd.DataFrame:
    """Count by band of messages who first turned something off in the week after."""
    sent = sends(truth)
    loads = sent.groupby(["customer_ref", "week_start_date"]).size().rename("count")
    unsubscribed = truth.table("message_events").query("kind == 'unsubscribed'")
    settings = truth.table("settings").query("new_state == 'off'")
    off = pd.concat([unsubscribed, settings, truth.table("unsubscriptions")])
    first_off = monday(truth.day(off.groupby("customer_ref")["event_at"].min()))
    closed = truth.table("customers").set_index("customer_ref")["closed_at"].dropna()
    closed = truth.day(closed)
    rows = []
    last = monday(pd.Series([truth.today]))[0]
    firsts = sent.groupby("customer_ref")["week_start_date"].min()
    for who, first in zip(map(str, firsts.index), firsts, strict=True):
        for week in pd.date_range(first, last, freq="7D"):
            following = week + 7 * DAY
            if who in first_off.index and first_off[who] <= week:
                continue
            if who in closed.index and closed[who] < following:
                continue
            refused = who in first_off.index and first_off[who] == following
            rows.append((week, loads.get((who, week), 0), refused))
    people = pd.DataFrame(rows, columns=["week_start_date", "count", "refused"])
    people["messages_per_week_band"] = pd.cut(
        people["count"], [-1, 0, 1, 2, 4, 7, 1e9], labels=["0", "1", "2", "3-4", "5-7", "8+"]
    ).astype(str)
    keys = ["messages_per_week_band", "week_start_date"]
    weeks = people.groupby(keys).agg(
        customers=("refused", "size"), messages=("count", "sum"), refused=("refused", "sum")
    )
    weeks = weeks.reset_index()
    is_over = truth.is_over(weeks["week_start_date"] + 14 * DAY)
    weeks["refused"] = weeks["refused"].astype(float).where(is_over)
    return weeks


def conversion(truth: Truth) -> pd.DataFrame:
    """Count who was exposed to a product line in a week and took it up within seven days."""
    sent = sends(truth)
    told = sent.assign(line=sent["topic"].map(LINES), at=sent["sent_at"], is_message=True)
    shown = truth.table("insights")
    insights = pd.DataFrame(
        {
            "customer_ref": shown["customer_ref"],
            "line": shown["feature_id"].map(CATEGORIES).map(LINES),
            "at": shown["served_at"],
            "clicked_at": pd.NaT,
            "is_message": False,
        }
    )
    columns = list(insights.columns)
    told = pd.concat([told[columns], insights]).dropna(subset=["line"])
    told["week_start_date"] = monday(truth.day(told["at"]))
    done = flows(truth).dropna(subset=["completed_at"])
    acts = pd.DataFrame(
        {
            "customer_ref": done["customer_ref"],
            "line": done["flow_id"].map(FLOW_LINES),
            "acted_at": done["completed_at"],
        }
    )
    bank = truth.table("bank_acts").rename(columns={"product_line": "line", "event_at": "acted_at"})
    acts = pd.concat([acts, bank])
    keys = ["customer_ref", "line", "week_start_date"]
    people = told.groupby(keys).agg(
        first_at=("at", "min"),
        delivered=("is_message", "sum"),
        clicks=("clicked_at", "count"),
    )
    people = people.reset_index()
    pairs = people.merge(acts, on=["customer_ref", "line"])
    wait = pairs["acted_at"] - pairs["first_at"]
    took = pairs[(wait >= 0 * DAY) & (wait < 7 * DAY)][keys].drop_duplicates()
    people = people.merge(took.assign(converted=True), how="left", on=keys)
    people["converted"] = people["converted"].eq(True)
    weeks = people.groupby(["line", "week_start_date"]).agg(
        exposed=("converted", "size"),
        converted=("converted", "sum"),
        delivered=("delivered", "sum"),
        clicks=("clicks", "sum"),
    )
    weeks = weeks.reset_index().rename(columns={"line": "product_line"})
    weeks["converted"] = (
        weeks["converted"].astype(float).where(truth.is_over(weeks["week_start_date"] + 14 * DAY))
    )
    is_over = truth.is_over(weeks["week_start_date"] + 7 * DAY)
    for name in ("delivered", "clicks"):
        weeks[name] = weeks[name].astype(float).where(is_over)
    return weeks


def _everything_off(truth: Truth) -> pd.DataFrame:
    """Give every change of the switch of everything, in order of time."""
    settings = truth.table("settings")
    return settings[settings["scope"] == "global"].sort_values("event_at")


def _is_off(changes: pd.DataFrame, who: str, at: pd.Timestamp) -> bool:
    """Say whether everything was off for somebody at a moment."""
    own = changes[(changes["customer_ref"] == who) & (changes["event_at"] <= at)]
    return bool(len(own)) and own["new_state"].iloc[-1] == "off"
