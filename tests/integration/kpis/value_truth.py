"""Segments, retention, goals, savings and value from the simulator's truth, in pandas.

A second reading of the catalogue: nothing here reads the warehouse or shares SQL with the models.
"""

import pandas as pd

from tests.integration.truth import DAY, Truth, monday

KEY_ACTIONS = (
    "insight_acted",
    "loan_simulation_completed",
    "savings_plan_completed",
    "deposit_started",
)
AGES = (30, 60, 90, 180)


def _people(truth: Truth) -> pd.DataFrame:
    """Give the customers an ideal pipeline keeps."""
    people = truth.table("customers")
    return people[~(people["is_staff"] | people["is_test"] | people["is_erased"])]


def latest(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """Give the last version of each record."""
    return rows.sort_values("updated_at", kind="stable").drop_duplicates(key, keep="last")


def active_moments(truth: Truth) -> pd.DataFrame:
    """List every moment a customer was there: a session's event or an order.

    Returns:
        customer_ref, at, day, is_key.
    """
    activity = truth.table("activity")
    orders = latest(truth.table("orders"), "order")
    moments = pd.concat(
        [
            activity.rename(columns={"event_at": "at"}).assign(
                is_key=activity["event_name"].isin(KEY_ACTIONS)
            )[["customer_ref", "at", "is_key"]],
            orders.rename(columns={"ordered_at": "at"}).assign(is_key=True)[
                ["customer_ref", "at", "is_key"]
            ],
        ]
    )
    moments = moments[moments["customer_ref"].isin(_people(truth)["customer_ref"])]
    moments["day"] = truth.day(moments["at"])
    return moments[moments["day"] < truth.today]


def segmented(truth: Truth, rows: pd.DataFrame, moment: str) -> pd.DataFrame:
    """Repeat rows for every segment the customer was in at the row's moment."""
    parts = [rows.assign(segment_type="all", segment_value="all")]
    history = truth.table("segments").sort_values("valid_from", kind="stable")
    # A second record found by likeness alone, or against a date of birth, stays apart.
    history = history[history["is_surely_theirs"]]
    ordered = rows.sort_values(moment, kind="stable")
    for kind in ("risk_segment", "lifecycle_stage"):
        states = history[["customer_ref", "valid_from", kind]].rename(
            columns={kind: "segment_value"}
        )
        found = pd.merge_asof(
            ordered, states, left_on=moment, right_on="valid_from", by="customer_ref"
        )
        found["segment_value"] = found["segment_value"].fillna("unknown")
        parts.append(found.drop(columns="valid_from").assign(segment_type=kind))
    holdings = truth.table("holdings").rename(columns={"product_line": "segment_value"})
    first = holdings.groupby(["customer_ref", "segment_value"])["valid_from"].min().reset_index()
    held = rows.merge(first, on="customer_ref")
    held = held[held["valid_from"] <= held[moment]].drop(columns="valid_from")
    parts.append(held.assign(segment_type="product_line"))
    market = truth.table("market_days")
    market["price_date"] = pd.to_datetime(market["price_date"]).astype("datetime64[us]")
    dated = ordered.assign(_day=truth.day(ordered[moment]).astype("datetime64[us]"))
    dated = dated.sort_values("_day", kind="stable")
    regimes = pd.merge_asof(
        dated,
        market[["price_date", "market_regime"]].sort_values("price_date"),
        left_on="_day",
        right_on="price_date",
    ).dropna(subset=["market_regime"])
    regimes = regimes.rename(columns={"market_regime": "segment_value"})
    parts.append(regimes.drop(columns=["_day", "price_date"]).assign(segment_type="market_regime"))
    return pd.concat(parts, ignore_index=True)


def newcomers(truth: Truth, moments: pd.DataFrame) -> pd.DataFrame:
    """Keep the moments of customers who had not signed up before the first of all moments."""
    signed_up = truth.table("customers").set_index("customer_ref")["signed_up_at"]
    joined = truth.day(moments["customer_ref"].map(signed_up))
    new: pd.DataFrame = moments[joined >= moments["day"].min()]
    return new


def lives(truth: Truth) -> pd.DataFrame:
    """Give each new customer's first active moment and what they did in the windows after it."""
    moments = newcomers(truth, active_moments(truth))
    first = moments.groupby("customer_ref").agg(
        first_at=("at", "min"), first_day=("day", "min"), last_day=("day", "max")
    )
    aged = moments.merge(first.reset_index(), on="customer_ref")
    age = (aged["day"] - aged["first_day"]).dt.days
    # A key action counts with or without a session: the server may report it.
    flags = {"is_activated": aged["is_key"] & (age <= 6)}
    flags |= {f"d{end}": (age >= end - 6) & (age <= end) for end in AGES}
    seen = pd.DataFrame(flags).groupby(aged["customer_ref"]).any()
    return first.join(seen).reset_index()


def retention_cohorts(truth: Truth) -> pd.DataFrame:
    """Count, per week and segment, who was there in each window; NaN while a window is open."""
    people = segmented(truth, lives(truth), "first_at")
    people["cohort_week_start_date"] = monday(people["first_day"])
    key = ["cohort_week_start_date", "segment_type", "segment_value"]
    flags = ["is_activated", *(f"d{end}" for end in AGES)]
    weeks = people.groupby(key).agg(
        customer_count=("customer_ref", "size"), **{flag: (flag, "sum") for flag in flags}
    )
    weeks = weeks.reset_index()
    for flag, length in zip(flags, (7, *(end + 1 for end in AGES)), strict=True):
        sunday = weeks["cohort_week_start_date"] + 6 * DAY
        over = truth.is_over(sunday + length * DAY)
        weeks[flag] = weeks[flag].astype(float).where(over)
    return weeks


def channel_retention(truth: Truth, *, churn_days: int = 60) -> pd.DataFrame:
    """Count customers seen on day 30 or later by the channels of their first thirty days."""
    people = lives(truth)
    people = people[truth.is_over(people["first_day"] + 91 * DAY)]
    people = people[(people["last_day"] - people["first_day"]).dt.days >= 30]
    sends = truth.table("message_events")
    sends = sends[sends["kind"] == "sent"]
    sends = sends.merge(people[["customer_ref", "first_day"]], on="customer_ref")
    age = (truth.day(sends["event_at"]) - sends["first_day"]).dt.days
    sends = sends[(age >= 0) & (age < 30)]
    written = sends.groupby("customer_ref").agg(
        channel_count=("channel", "nunique"), share=("is_coordinated", "mean")
    )
    people = people.merge(written.reset_index(), how="left", on="customer_ref")
    people["channel_count"] = people["channel_count"].fillna(0).astype(int)
    people["is_ai_coordinated"] = people["share"] > 0.5
    followed = truth.is_over(people["first_day"] + 181 * DAY)
    people["followed_d180"], people["d180"] = followed, people["d180"] & followed
    limit = truth.today - (truth.lateness_days + churn_days) * DAY
    people["has_left"] = people["last_day"] < limit
    last = people["last_day"].where(people["last_day"] < limit, limit)
    people["days"] = (last - people["first_day"]).dt.days
    return people


def goal_waits(truth: Truth) -> pd.DataFrame:
    """Give each assigned customer's wait for the first goal reached after the assignment.

    Returns:
        customer_ref, feature_id, variation_id, days, is_reached.
    """
    goals = latest(truth.table("goals"), "goal").dropna(subset=["reached_at"])
    last = truth.today - (truth.lateness_days + 1) * DAY
    goals = goals[truth.day(goals["reached_at"]) <= last]
    assigned = truth.table("assignments")
    assigned = assigned[assigned["customer_ref"].isin(_people(truth)["customer_ref"])]
    assigned = assigned.assign(assigned_day=truth.day(assigned["assigned_at"]))
    assigned = assigned[assigned["assigned_day"] <= last]
    both = assigned.merge(goals[["customer_ref", "reached_at"]], on="customer_ref")
    both = both[both["reached_at"] >= both["assigned_at"]]
    key = ["customer_ref", "feature_id"]
    first = both.groupby(key)["reached_at"].min().reset_index()
    waits = assigned.merge(first, how="left", on=key)
    waits["is_reached"] = waits["reached_at"].notna()
    end = truth.day(waits["reached_at"]).where(waits["is_reached"], last)
    waits["days"] = (end - waits["assigned_day"]).dt.days
    return waits


def kept_without(days: pd.Series, is_event: pd.Series, until: int) -> list[float]:
    """Give, for each day before `until`, the share still without the event (Kaplan-Meier)."""
    share, curve = 1.0, []
    for day in range(until):
        there, out = (days >= day).sum(), ((days == day) & is_event).sum()
        share *= 1 - out / there if there else 1
        curve.append(share)
    return curve


def savings(truth: Truth) -> pd.DataFrame:
    """Give what each customer saved and earned, entry by entry, in cents and euros only.

    Returns:
        customer_ref, at, day, month_start_date, saved, inflow.
    """
    ledger = truth.table("ledger")
    ledger = ledger[ledger["customer_ref"].isin(_people(truth)["customer_ref"])]
    origin = ledger.set_index("entry")
    undone = ledger["reverses"].isin(origin.index)
    sources = ledger["entry"].where(~undone, ledger["reverses"])
    ledger = ledger.assign(
        at=origin["event_at"].reindex(sources).to_numpy(),
        kind=origin["entry_class"].reindex(sources).to_numpy(),
        pair=origin["pair"].reindex(sources).to_numpy(),
    )
    ledger["at"] = pd.to_datetime(ledger["at"], utc=True)
    pairs = ledger[(ledger["pair"] >= 0) & ~undone]
    both_ends = pairs.duplicated(["customer_ref", "pair"], keep=False)
    own = set(pairs.loc[both_ends, "pair"])
    is_saving = ledger["kind"].isin(("savings_deposit", "savings_withdrawal"))
    is_income = (ledger["kind"] == "inflow") & ~ledger["pair"].isin(own)
    ledger = ledger[(is_saving | is_income) & (ledger["at"] < pd.Timestamp(truth.as_of))]
    ledger = ledger.assign(day=truth.day(ledger["at"]))
    euros = ledger["cents"].where(~ledger["is_foreign"], 0)
    return ledger.assign(
        month_start_date=ledger["day"] - pd.to_timedelta(ledger["day"].dt.day - 1, unit="D"),
        saved=euros.where(is_saving.reindex(ledger.index), 0),
        inflow=euros.where(~is_saving.reindex(ledger.index), 0),
    )


def savings_months(truth: Truth) -> pd.DataFrame:
    """Sum savings and income per month, experiment, variation and segment; in cents."""
    entries = savings(truth)
    # The segment is that of the first such entry of the customer's day.
    first = entries.groupby(["customer_ref", "day"])["at"].transform("min")
    entries = segmented(truth, entries.assign(moment=first), "moment")
    arms = truth.table("assignments")
    arms = arms.assign(since=truth.day(arms["assigned_at"]))
    inside = entries.merge(
        arms[["customer_ref", "experiment_id", "variation_id", "since"]], on="customer_ref"
    )
    inside = inside[inside["day"] >= inside["since"]]
    whole = entries.assign(experiment_id="none", variation_id="none")
    key = ["month_start_date", "experiment_id", "variation_id", "segment_type", "segment_value"]
    months = pd.concat([whole, inside]).groupby(key)
    return months.agg(
        customer_count=("customer_ref", "nunique"),
        saved=("saved", "sum"),
        inflow=("inflow", "sum"),
        other_currency_count=("is_foreign", "sum"),
    ).reset_index()


def value_months(truth: Truth) -> pd.DataFrame:
    """Give each active customer's month: products at its end, revenue of 180 days, in cents."""
    moments = active_moments(truth)
    moments["month_start_date"] = moments["day"] - pd.to_timedelta(
        moments["day"].dt.day - 1, unit="D"
    )
    key = ["customer_ref", "month_start_date"]
    months = moments.groupby(key)["at"].min().rename("first_at").reset_index()
    months["end"] = months["month_start_date"] + pd.offsets.MonthBegin(1)
    holdings = truth.table("holdings")
    holdings["day"] = truth.day(holdings["valid_from"])
    owned = months.merge(holdings, on="customer_ref")
    held = owned[owned["day"] < owned["end"]].groupby(key)["product_line"].nunique()
    orders = latest(truth.table("orders"), "order")
    orders = orders[orders["status"] == "settled"]
    fees = truth.table("ledger")
    fees = fees[fees["entry_class"] == "fee"]
    revenue = pd.concat(
        [
            pd.DataFrame(
                {
                    "customer_ref": orders["customer_ref"],
                    "day": truth.day(orders["ordered_at"]),
                    "cents": orders["fee_cents"],
                }
            ),
            pd.DataFrame(
                {
                    "customer_ref": fees["customer_ref"],
                    "day": truth.day(fees["event_at"]),
                    "cents": -fees["cents"],
                }
            ),
        ]
    )
    recent = months.merge(revenue, on="customer_ref")
    recent = recent[(recent["day"] < recent["end"]) & (recent["day"] >= recent["end"] - 180 * DAY)]
    months = months.set_index(key)
    months["products"], months["cents"] = held, recent.groupby(key)["cents"].sum()
    months = months.fillna({"products": 0, "cents": 0}).reset_index()
    genuine = revenue["customer_ref"].isin(_people(truth)["customer_ref"])
    months["is_covered"] = months["end"] - 180 * DAY >= revenue.loc[genuine, "day"].min()
    return months
