"""KPIs of support and surveys from the simulator's truth: a second opinion on the SQL."""

import numpy as np
import pandas as pd

from tests.integration.truth import DAY, Truth, monday

SATISFIED, DISSATISFIED = 4, 2
SUPPORT_WINDOW, EXPOSURE_DAYS, ANSWER_WINDOW, AGREEMENT_DAYS = 14, 28, 7, 28
SURVEY = ["instrument", "week_start_date"]
SERVICE = ["feature_id", "week_start_date"]
WAITS = [
    f"{wait}_hours_{share}" for wait in ("first_reply", "resolution") for share in ("p50", "p95")
]
THEME = ["theme", "feature_id", "activity_date"]


def tickets(truth: Truth) -> pd.DataFrame:
    """List genuine customers' tickets with the day and week of their creation."""
    rows = truth.table("tickets")
    rows = rows[rows["created_at"] < truth.as_of]
    day = truth.day(rows["created_at"])
    feature = rows["feature_id"].fillna("none")
    return rows.assign(activity_date=day, week_start_date=monday(day), feature_id=feature)


def service(truth: Truth) -> pd.DataFrame:
    """Count tickets by feature and week, and how long they waited.

    Returns:
        feature_id, week_start_date, ticket_count, customer_count, replied_count, solved, reopened,
        and per wait its `_p50` and `_p95` in hours; counts of open windows are NaN.
    """
    rows = tickets(truth)
    end = rows["created_at"] + SUPPORT_WINDOW * DAY
    for wait, moment in (("first_reply", "first_reply_at"), ("resolution", "solved_at")):
        hours = (rows[moment] - rows["created_at"]).dt.total_seconds() / 3600
        # Not yet is longer than any wait.
        rows[wait] = hours.where(rows[moment] < end, np.inf)
    rows["is_solved"] = rows["first_solved_at"] < end
    rows["is_reopened"] = rows["is_solved"] & (rows["first_reopened_at"] < end)
    weeks = rows.groupby(SERVICE).agg(
        ticket_count=("ticket_id", "nunique"),
        customer_count=("customer_ref", "nunique"),
        replied_count=("first_reply", lambda waits: np.isfinite(waits).sum()),
        solved=("is_solved", "sum"),
        reopened=("is_reopened", "sum"),
        first_reply_hours_p50=("first_reply", lambda waits: _within(waits, 0.5)),
        first_reply_hours_p95=("first_reply", lambda waits: _within(waits, 0.95)),
        resolution_hours_p50=("resolution", lambda waits: _within(waits, 0.5)),
        resolution_hours_p95=("resolution", lambda waits: _within(waits, 0.95)),
    )
    weeks = weeks.reset_index()
    over = truth.is_over(weeks["week_start_date"] + (7 + SUPPORT_WINDOW) * DAY)
    counts = ["ticket_count", "customer_count"]
    for column in weeks.columns.difference([*SERVICE, *counts, *WAITS]):
        weeks[column] = weeks[column].astype(float).where(over)
    return weeks


def _within(waits: "pd.Series[float]", share: float) -> float:
    """Give the hours within which a share of the tickets was served; NaN where it never was."""
    found = float(np.sort(waits)[int(np.ceil(share * len(waits))) - 1])
    return found if np.isfinite(found) else np.nan


def exposed(truth: Truth) -> pd.DataFrame:
    """Count, day by day, the customers to whom a feature was shown in the four weeks up to it.

    Returns:
        feature_id (`none` for any), activity_date, exposed_count.
    """
    events = truth.table("feature_events")
    shown = events.assign(activity_date=truth.day(events["event_at"]))
    columns = ["customer_ref", "feature_id", "activity_date"]
    shown = shown[columns].drop_duplicates()
    both = pd.concat([shown, shown.assign(feature_id="none").drop_duplicates()])
    counts = []
    for feature, rows in both.groupby("feature_id"):
        for day in pd.date_range(rows["activity_date"].min(), truth.today - DAY):
            age = (day - rows["activity_date"]).dt.days
            recent = rows[(age >= 0) & (age < EXPOSURE_DAYS)]
            counts.append((feature, day, recent["customer_ref"].nunique()))
    return pd.DataFrame(counts, columns=["feature_id", "activity_date", "exposed_count"])


def themes(truth: Truth, found: pd.DataFrame) -> pd.DataFrame:
    """Count tickets by found theme, feature and day.

    Args:
        truth: The truth about the tickets.
        found: `ticket_id`, `theme`: what the pipeline takes them to be about.

    Returns:
        theme, feature_id, activity_date, ticket_count, customer_count; days with tickets only.
    """
    rows = tickets(truth).drop(columns="theme").merge(found, on="ticket_id")
    rows = rows[rows["activity_date"] < truth.today]
    return (
        rows.groupby(THEME)
        .agg(ticket_count=("ticket_id", "nunique"), customer_count=("customer_ref", "nunique"))
        .reset_index()
    )


def surveys(truth: Truth) -> pd.DataFrame:
    """List the questions on satisfaction that genuine customers were asked, with their answers."""
    rows = truth.table("surveys")
    rows = rows[(rows["instrument"] != "driver") | (rows["question"] == "satisfaction")]
    in_time = rows["answered_at"] < rows["invited_at"] + ANSWER_WINDOW * DAY
    rows = rows.assign(
        week_start_date=monday(truth.day(rows["invited_at"])),
        is_answered=in_time,
        answer=rows["answer"].where(in_time),
    )
    return rows.assign(
        is_positive=(rows["answer"] >= SATISFIED).where(rows["answer"].notna()),
        is_negative=(rows["answer"] <= DISSATISFIED).where(rows["answer"].notna()),
    ).reset_index(drop=True)


def csat(truth: Truth) -> pd.DataFrame:
    """Count invitations and answers by instrument and week of the invitation.

    Returns:
        instrument, week_start_date, customer_count, invited, answered, scored, positive, balance
        (positive less negative), compared, agreed, is_mature.
    """
    rows = surveys(truth)
    agreement = _agreements(rows)
    rows["compared"], rows["agreed"] = agreement.notna(), agreement.eq(True)
    weeks = rows.groupby(SURVEY).agg(
        customer_count=("customer_ref", "nunique"),
        invited=("prompt_id", "size"),
        answered=("is_answered", "sum"),
        scored=("answer", "count"),
        positive=("is_positive", lambda values: values.eq(True).sum()),
        negative=("is_negative", lambda values: values.eq(True).sum()),
        compared=("compared", "sum"),
        agreed=("agreed", "sum"),
    )
    weeks = weeks.reset_index()
    weeks["balance"] = weeks["positive"] - weeks["negative"]
    weeks["is_mature"] = truth.is_over(weeks["week_start_date"] + (7 + ANSWER_WINDOW) * DAY)
    return weeks.drop(columns="negative")


def _agreements(rows: pd.DataFrame) -> pd.Series:
    """Say of each answer whether the customer's last one to another instrument was alike."""
    scored = rows[rows["answer"].notna()]
    said: dict[int, object] = {}
    for _, own in scored.groupby("customer_ref"):
        for place, answer in own.iterrows():
            age = answer["answered_at"] - own["answered_at"]
            before = own[
                (own["instrument"] != answer["instrument"])
                & (age > 0 * DAY)
                & (age < AGREEMENT_DAYS * DAY)
            ]
            if len(before):
                last = before.loc[before["answered_at"].idxmax()]
                said[int(str(place))] = bool(last["is_positive"] == answer["is_positive"])
    return pd.Series(said, dtype=object).reindex(rows.index)


def drivers(truth: Truth) -> "pd.Series[float]":
    """Regress satisfaction on its drivers, all standardised, by least squares; by driver."""
    rows = truth.table("surveys")
    rows = rows[(rows["instrument"] == "driver") & rows["answer"].notna()]
    rows = rows[truth.is_over(truth.day(rows["invited_at"]) + (1 + ANSWER_WINDOW) * DAY)]
    whole = rows.pivot_table(index="prompt_id", columns="question", values="answer").dropna()
    standard = (whole - whole.mean()) / whole.std()
    names = ["needs_met", "trust", "experience", "ease"]
    scores = standard[[*names, "satisfaction"]].to_numpy(dtype=float)
    solved = np.linalg.lstsq(scores[:, :-1], scores[:, -1], rcond=None)[0]
    return pd.Series(solved.tolist(), index=names, dtype=float)
