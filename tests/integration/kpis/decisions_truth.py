"""Policies, early actions and unusual payments from the simulator's truth, in pandas.

A second reading of the catalogue: nothing here reads the warehouse or shares SQL with the models.
"""

import json

import numpy as np
import pandas as pd

from tests.integration.kpis.value_truth import active_moments, newcomers
from tests.integration.truth import DAY, Truth, monday

PAYMENTS_OF_A_BASELINE = 20


def month(days: pd.Series) -> pd.Series:
    """Give the first day of each day's month."""
    firsts: pd.Series = days - pd.to_timedelta(days.dt.day - 1, unit="D")
    return firsts


def policy_values(truth: Truth) -> pd.DataFrame:
    """Weigh the served decisions of each model's log by every policy that it can speak of.

    Returns:
        policy_id, month_start_date, decisions, ips, self_normalised, mean_weight,
        effective_sample, acted.
    """
    insights = truth.table("insights")[["decision_id", "served_at", "acted_at"]]
    log = truth.table("policy_decisions").drop(columns="served_at").merge(insights)
    acted = log["acted_at"] < log["served_at"] + 7 * DAY
    log = log.assign(
        reward=acted.astype(float), month_start_date=month(truth.day(log["decided_at"]))
    )
    log = log[log["policy_type"] == "model"]
    rows = []
    for (policy, first), cell in log.groupby(["policy_id", "month_start_date"]):
        actions = json.loads(cell["eligible_actions"].iloc[0])
        targets = {policy: cell["propensity"]}
        targets[f"{policy}:uniform"] = pd.Series(1 / len(actions), index=cell.index)
        for action in actions:
            targets[f"{policy}:always:{action}"] = (cell["action"] == action).astype(float)
        for name, chance in targets.items():
            weight = chance / cell["propensity"]
            total = weight.sum()
            rows.append(
                {
                    "policy_id": name,
                    "month_start_date": first,
                    "decisions": len(cell),
                    "mean_weight": weight.mean(),
                    "effective_sample": total**2 / (weight**2).sum() if total else np.nan,
                    "ips": (weight * cell["reward"]).mean(),
                    "self_normalised": (weight * cell["reward"]).sum() / total if total else np.nan,
                }
            )
    return pd.DataFrame(rows)


def decision_mix(truth: Truth) -> pd.DataFrame:
    """Count decisions by type of policy and week, and whether one policy varied the format."""
    log = truth.table("policy_decisions")
    log = log.assign(week_start_date=monday(truth.day(log["decided_at"])))
    key = ["policy_type", "week_start_date"]
    weeks = log.groupby(key).size().rename("decisions").reset_index()
    formats = log.groupby([*key, "policy_id"])["format"].nunique().groupby(key).max() > 1
    weeks["varies_format"] = formats.reindex(pd.MultiIndex.from_frame(weeks[key])).to_numpy()
    weeks["all_decisions"] = weeks.groupby("week_start_date")["decisions"].transform("sum")
    return weeks


def early_actions(truth: Truth, names: tuple[str, ...]) -> pd.DataFrame:
    """Count new customers by what they did in days 0 to 6 and whether they were there in 60 to 89.

    Returns:
        action_name, threshold, and the four counts.
    """
    moments = newcomers(truth, active_moments(truth))
    first = moments.groupby("customer_ref")["day"].min().rename("first_day")
    first = first[truth.is_over(first + 90 * DAY)]
    aged = moments[["customer_ref", "day"]].merge(first.reset_index(), on="customer_ref")
    age = (aged["day"] - aged["first_day"]).dt.days
    stayed = set(aged.loc[age.between(60, 89), "customer_ref"])
    is_there = pd.Series(first.index.isin(stayed), index=first.index)
    activity = truth.table("activity").merge(first.reset_index(), on="customer_ref")
    early = (truth.day(activity["event_at"]) - activity["first_day"]).dt.days.between(0, 6)
    activity = activity[early]
    rows = []
    for name in names:
        done = activity[activity["event_name"] == name].groupby("customer_ref").size()
        done = done.reindex(first.index).fillna(0)
        for threshold in (1, 2, 3, 5):
            did = done >= threshold
            rows.append(
                {
                    "action_name": name,
                    "threshold": threshold,
                    "true_positive_count": int((did & is_there).sum()),
                    "false_positive_count": int((did & ~is_there).sum()),
                    "false_negative_count": int((~did & is_there).sum()),
                    "true_negative_count": int((~did & ~is_there).sum()),
                }
            )
    return pd.DataFrame(rows)


def own_scores(truth: Truth) -> pd.DataFrame:
    """Judge each card payment of whoever has twenty of the 90 days before it.

    Returns:
        transaction_id, amount_score, hour_score, country_share, is_flagged, label, day.
    """
    received = truth.table("received_rows")
    kept = received.loc[
        (received["source_name"] == "core_banking")
        & (received["table_name"] == "ledger_entries")
        & (received["expected_reason"] == "kept"),
        "record_key",
    ]
    paid = truth.table("card_payments")
    paid = paid[paid["record_key"].isin(kept.str.split("#").str[0])]
    homes = truth.table("customers").set_index("customer_ref")["timezone"]
    home = homes.map(
        {
            "Europe/Madrid": "ES",
            "Atlantic/Canary": "ES",
            "Europe/Lisbon": "PT",
            "Europe/London": "GB",
        }
    )
    paid = paid.assign(country=paid["country"].fillna(paid["customer_ref"].map(home)))
    paid = paid.assign(
        hour=paid["event_at"].dt.tz_convert(truth.zone).dt.hour, day=truth.day(paid["event_at"])
    ).sort_values("event_at")
    rows = []
    for _, own in paid.groupby("customer_ref"):
        at, cents = own["event_at"], own["cents"].to_numpy() / 100
        angle = own["hour"].to_numpy() * np.pi / 12
        for place in range(len(own)):
            now = at.iloc[place]
            past = ((at < now) & (at >= now - 90 * DAY)).to_numpy()
            if past.sum() < PAYMENTS_OF_A_BASELINE:
                continue
            low, middle, high = np.percentile(cents[past], (25, 50, 75))
            mean = np.exp(1j * angle[past]).mean()
            spread = np.sqrt(-2 * np.log(max(min(abs(mean), 1.0), 1e-6))) * 12 / np.pi
            away = abs(np.angle(np.exp(1j * (angle[place] - np.angle(mean))))) * 12 / np.pi
            rows.append(
                {
                    "transaction_id": own["transaction_id"].iloc[place],
                    "amount_score": (cents[place] - middle)
                    / max((high - low) / 1.349, abs(middle) / 20, 0.01),
                    "hour_score": away / max(spread, 1.0),
                    "country_share": (own["country"][past] == own["country"].iloc[place]).mean(),
                    "label": own["label"].iloc[place],
                    "day": own["day"].iloc[place],
                }
            )
    scores = pd.DataFrame(rows)
    signals = (
        (scores["amount_score"] >= 5).astype(int)
        + (scores["hour_score"] >= 3).astype(int)
        + (scores["country_share"] <= 0.01).astype(int)
    )
    return scores.assign(is_flagged=signals >= 2)
