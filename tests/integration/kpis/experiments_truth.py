"""What experiments count, from the simulator's truth, in pandas.

A second reading of the catalogue: nothing here reads the warehouse or shares SQL with the models.
"""

import pandas as pd

from tests.integration.kpis.insights_truth import spells
from tests.integration.truth import DAY, Truth

ARM = ["experiment_id", "variation_id"]


def enrolled(truth: Truth) -> pd.DataFrame:
    """Give everybody who met the place where the arms of an experiment differ."""
    rows = truth.table("enrolments").dropna(subset=["first_exposed_at"])
    begins = rows[["assigned_at", "first_exposed_at"]].max(axis=1)
    return rows.assign(
        enrolled_date=truth.day(begins),
    )


def opt_outs(truth: Truth, *, days: int) -> pd.DataFrame:
    """Count who turned anything off, or unsubscribed, in so many days from the enrolment on.

    Returns:
        experiment_id, variation_id, yes, customers: those whose days are over.
    """
    people = _followed(truth, days)
    messages = truth.table("message_events").query("kind == 'unsubscribed'")
    off = pd.concat([spells(truth).rename(columns={"off_at": "event_at"}), messages])[
        ["customer_ref", "event_at"]
    ]
    off["day"] = truth.day(off["event_at"])
    return _share(people, off, first=0, last=days - 1)


def retained(truth: Truth) -> pd.DataFrame:
    """Count whose account is open and who was there in days 22-28.

    Returns:
        As `opt_outs`.
    """
    people = _followed(truth, 29)
    activity = truth.table("activity")
    activity = activity.assign(day=truth.day(activity["event_at"]))
    closed = truth.table("customers").set_index("customer_ref")["closed_at"]
    closed_day = truth.day(people["customer_ref"].map(closed))
    is_open = closed_day.isna() | (closed_day > people["enrolled_date"] + 28 * DAY)
    visits = activity.merge(people.loc[is_open, ["customer_ref"]].drop_duplicates())
    return _share(people.assign(can=is_open), visits, first=22, last=28)


def _followed(truth: Truth, days: int) -> pd.DataFrame:
    """Give those in one variation only whose window is over."""
    people = enrolled(truth)
    is_over = truth.is_over(people["enrolled_date"] + days * DAY)
    return people[~people["is_mixed"] & is_over].assign(can=True)


def _share(people: pd.DataFrame, acts: pd.DataFrame, *, first: int, last: int) -> pd.DataFrame:
    """Count of each arm, who did it on a day of the window, and how many there are."""
    both = people.merge(acts[["customer_ref", "day"]].drop_duplicates(), on="customer_ref")
    age = (both["day"] - both["enrolled_date"]).dt.days
    did = both[(age >= first) & (age <= last)][["experiment_id", "customer_ref"]]
    keys = pd.MultiIndex.from_frame(people[["experiment_id", "customer_ref"]])
    yes = keys.isin(pd.MultiIndex.from_frame(did)) & people["can"].to_numpy()
    arms = people.assign(yes=yes).groupby(ARM)["yes"].agg(["sum", "size"])
    return arms.rename(columns={"sum": "yes", "size": "customers"}).reset_index()
