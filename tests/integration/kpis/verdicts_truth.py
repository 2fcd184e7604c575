"""What verdicts rest on by the simulator's truth, computed by other code."""

import pandas as pd

from tests.integration.truth import Truth, adoption, monday, switches

WEEK = pd.Timedelta(days=7)
KEYS = ["feature_id", "week_start_date"]


def trailing(weeks: pd.DataFrame, spine: pd.DataFrame, *, span: int = 4) -> pd.DataFrame:
    """Sum weekly counts over the trailing weeks of each week of a spine; what is missing is 0."""
    known = spine.merge(weeks, on=KEYS, how="left").fillna(0).sort_values(KEYS)
    counts = [name for name in weeks.columns if name not in KEYS]
    sums = known.groupby("feature_id")[counts].rolling(span, min_periods=1).sum()
    return known[KEYS].assign(**{name: sums[name].to_numpy() for name in counts})


def uses(truth: Truth) -> pd.DataFrame:
    """Count exposed and enabled, and weekly active customers."""
    columns = {
        "used": "engagement_rate_numerator",
        "exposed_enabled": "engagement_rate_denominator",
    }
    return adoption(truth).rename(columns=columns)[[*KEYS, *columns.values()]]


def opt_outs(truth: Truth, spine: pd.DataFrame) -> pd.DataFrame:
    """Count, week by week, who could turn a feature off for the first time, and who did."""
    person = ["customer_ref", "feature_id"]
    first = truth.table("feature_events").groupby(person)["event_at"].min().rename("met")
    off = switches(truth)
    gone = off[~off["is_on"].astype(bool)].groupby(person)["event_at"].min().rename("gone")
    people = first.to_frame().join(gone).reset_index()
    people = people[people["gone"].isna() | (people["gone"] >= people["met"])]
    people["met"] = monday(truth.day(people["met"]))
    people["gone"] = monday(truth.day(people["gone"]))
    rows = []
    for feature, week in spine[KEYS].itertuples(index=False):
        mine = people[people["feature_id"] == feature]
        is_left = mine["gone"] < week
        rows.append(
            {
                "feature_id": feature,
                "week_start_date": week,
                "weekly_opt_out_hazard_numerator": int((mine["gone"] == week).sum()),
                "weekly_opt_out_hazard_denominator": int(((mine["met"] <= week) & ~is_left).sum()),
            }
        )
    return pd.DataFrame(rows)
