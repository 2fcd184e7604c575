"""The marts of hygiene in pandas, from the lake, the simulator's truth and contracts.

Nothing here reads the warehouse, and no definition is shared with the models.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from tests.integration.company import ZONE
from tests.integration.lake import BATCH, Lake, contract
from tests.integration.standard_truth import standardised_values
from tests.integration.truth import REASONS

HOUR = pd.Timedelta(hours=1)
MIN_SAMPLE = 30
JUDGED_RATES = (
    "bot_rate",
    "test_rate",
    "expired_session_rate",
    "unmapped_rate",
    "bot_rate_rise",
    "usual_bot_day_count",
)


def assert_same(expected: pd.DataFrame, found: pd.DataFrame, keys: Sequence[str]) -> None:
    """Compare the columns of `expected`, dates as text, after ordering both by their keys."""
    frames = []
    for frame in (expected, found[list(expected.columns)]):
        same = frame.copy()
        for column in same.columns:
            if column.endswith("_date"):
                same[column] = pd.to_datetime(same[column]).dt.strftime("%Y-%m-%d")
            elif column not in keys:
                same[column] = same[column].astype(float)
        frames.append(same.sort_values(list(keys)).reset_index(drop=True))
    left, right = frames
    pd.testing.assert_frame_equal(left, right, check_dtype=False, rtol=1e-9)


def hygiene_days(lake: Lake, *, as_of: datetime) -> pd.DataFrame:
    """Compute `kpi_data_hygiene_daily`, all but its quality."""
    received = pd.read_parquet(lake.truth / "received_rows.parquet")
    received = received.astype(dict.fromkeys([*BATCH, "expected_reason"], str))
    days = (
        received.groupby([*BATCH, "expected_reason"])
        .size()
        .unstack(fill_value=0)
        .reindex(columns=list(REASONS), fill_value=0)
    )
    days.columns = [f"{reason}_count" for reason in REASONS]
    days["received_count"] = days.sum(axis=1)
    is_near = received["is_near_duplicate"] & (received["expected_reason"] == "duplicate")
    days["near_duplicate_count"] = received[is_near].groupby(BATCH).size()
    landed = lake.landed
    sla = {
        (source, table): contract(source)["tables"][table].get(
            "sla_hours", contract(source).get("sla_hours")
        )
        for source, table in lake.tables
    }
    tables = pd.MultiIndex.from_frame(landed[["source_name", "table_name"]])
    age = landed["received_at"] - landed["event_at"]
    limit = pd.to_timedelta(pd.Series(tables.map(sla), landed.index, float), unit="h")
    of_batch = landed.assign(late=age > 24 * HOUR, overdue=age > limit).groupby(BATCH)
    days["late_count"] = of_batch["late"].sum()
    days["overdue"] = of_batch["overdue"].sum()
    days["expected"] = of_batch["expected"].sum()
    days["filled"] = days["expected"] - of_batch["missing"].sum()
    days["unmapped_value_count"] = standardised_values(lake)["unmapped"]
    days["landed"] = of_batch.size()
    days = days.fillna(0)
    for name, numerator, denominator in (
        ("duplication_rate", "duplicate_count", "received_count"),
        ("stale_rate", "overdue", "received_count"),
        ("completeness_rate", "filled", "expected"),
        ("contract_pass_rate", "landed", "received_count"),
    ):
        _add_rate(days, name, days[numerator], days[denominator])
    days = days.drop(columns=["overdue", "expected", "filled", "landed"]).reset_index()
    last = landed.groupby(["source_name", "table_name"])["received_at"].max()
    moment = pd.Timestamp(as_of).tz_convert("UTC").tz_localize(None)
    silence = (moment - last).dt.total_seconds() / 3600
    # On a weekend, which ends what this company is simulated for, no market is due.
    saturday = pd.Timestamp(as_of).tz_convert(ZONE).normalize()
    silence["custom"] -= (pd.Timestamp(as_of) - saturday) / HOUR
    days["freshness_hours"] = [
        silence[source, table]
        for source, table in zip(days["source_name"], days["table_name"], strict=True)
    ]
    through = days.groupby(["source_name", "table_name"])["received_date"].transform("max")
    return days.assign(data_through_date=through)


def judged_rates(days: pd.DataFrame, lake: Lake) -> pd.DataFrame:
    """Compute the rates that the gate on batches judges and no mart shows.

    Args:
        days: As `hygiene_days` gives them.
        lake: The company's lake.
    """
    rates = days[BATCH].assign(
        **{
            f"{reason}_rate": days[f"{reason}_count"] / days["received_count"]
            for reason in ("bot", "test", "expired_session")
        }
    )
    values = standardised_values(lake).reindex(pd.MultiIndex.from_frame(days[BATCH]))
    rates["unmapped_rate"] = (values["unmapped"] / values["values"]).fillna(0).to_numpy()
    before = []
    for _, own in rates.groupby(["source_name", "table_name"]):
        by_day = own.set_index(pd.to_datetime(own["received_date"]))["bot_rate"].sort_index()
        past = by_day.rolling("28D", closed="left")
        usual = pd.DataFrame({"usual": past.median(), "usual_bot_day_count": past.count()})
        before.append(
            own.merge(usual, left_on=pd.to_datetime(own["received_date"]), right_index=True)
        )
    rates = pd.concat(before)
    rates["bot_rate_rise"] = rates["bot_rate"] - rates["usual"]
    rates["usual_bot_day_count"] = rates["usual_bot_day_count"].fillna(0)
    return rates[[*BATCH, *JUDGED_RATES]]


def _add_rate(days: pd.DataFrame, name: str, numerator: pd.Series, denominator: pd.Series) -> None:
    """Add a rate's five columns, with Wilson's interval as a library computes it."""
    known = denominator >= MIN_SAMPLE
    low, high = proportion_confint(
        numerator.where(known, 0), denominator.where(known, 1), method="wilson"
    )
    days[name] = (numerator / denominator).where(known)
    days[f"{name}_numerator"], days[f"{name}_denominator"] = numerator, denominator
    days[f"{name}_ci_lower"], days[f"{name}_ci_upper"] = low.where(known), high.where(known)


def source_hours(lake: Lake) -> pd.DataFrame:
    """Count what each source delivered in every hour from its first row to its last.

    Returns:
        source_name, hour_start_at (UTC), received_count.
    """
    rows = pd.concat([lake.landed[["source_name", "received_at"]], lake.quarantined])
    hours = rows["received_at"].dt.floor("h")
    counts = rows.groupby(["source_name", hours]).size()
    frames = []
    for source, found in counts.groupby(level=0):
        own = found.droplevel(0)
        first = max(own.index.min(), own.index.max() - pd.Timedelta(days=400))
        filled = own.reindex(pd.date_range(first, own.index.max(), freq="h"), fill_value=0)
        frames.append(
            filled.rename_axis("hour_start_at")
            .rename("received_count")
            .reset_index()
            .assign(source_name=source)
        )
    return pd.concat(frames, ignore_index=True)


def volume_gaps(
    hours: pd.DataFrame, *, zone: str, least_expected: int, deviations: float
) -> pd.DataFrame:
    """Compute what to expect of each hour, and which hours are gaps.

    Args:
        hours: As `source_hours` gives them.
        zone: IANA name of the zone of the wall clock.
        least_expected: Rows below which silence is no news.
        deviations: How far below what is expected an hour is low.

    Returns:
        The hours with expected_count, least_count, is_gap.
    """
    by = ["source_name", "hour_start_at"]
    wall = hours["hour_start_at"].dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    hours = hours.assign(wall=wall).sort_values(by)
    shifts = [7 * 24 * week + shift for week in range(1, 9) for shift in (-1, 0, 1)]
    later = [hours.assign(wall=hours["wall"] + pd.Timedelta(hours=shift)) for shift in shifts]
    past = hours[[*by, "wall"]].merge(
        pd.concat(later)[["source_name", "wall", "received_count"]], on=["source_name", "wall"]
    )
    of_hour = past.groupby(by)["received_count"]
    quartiles = of_hour.quantile(np.array([0.25, 0.5, 0.75])).unstack()[of_hour.size() >= 12]
    low, middle, high = quartiles.reindex(pd.MultiIndex.from_frame(hours[by])).to_numpy().T
    expected = np.where(middle >= least_expected, middle, np.nan)
    scatter = np.fmax((high - low) / 1.349, np.sqrt(expected))
    least = np.fmin(0.5 * expected, expected - deviations * scatter)
    least = np.where(least > 0, least, np.nan)
    is_low = pd.Series(hours["received_count"].to_numpy() < least, hours.index)
    is_gap = is_low & is_low.groupby(hours["source_name"]).shift(fill_value=False)
    return hours.drop(columns="wall").assign(
        expected_count=expected, least_count=least, is_gap=is_gap
    )


def latencies(lake: Lake, publishes: Path) -> pd.DataFrame:
    """Compute `kpi_pipeline_latency_daily`, all but its quality.

    Args:
        lake: The company's lake.
        publishes: The register of the publishes before the run.
    """
    lines = publishes.read_text(encoding="utf-8").splitlines() if publishes.exists() else []
    said = [json.loads(line) for line in lines if line]
    known = [
        (pd.Timestamp(one["published_at"]), pd.Timestamp(one["as_of"]), one["last_file_no"])
        for one in said
    ]
    frames = []
    for source, table in lake.tables:
        rows = lake.rows(source, table, [])
        last = rows.groupby("_file_no")["_received_at"].max()
        first = {
            number: next(
                (at for at, as_of, end in known if number <= end and moment <= as_of), None
            )
            for number, moment in last.items()
        }
        published = pd.to_datetime(rows["_file_no"].map(first))
        frames.append(
            pd.DataFrame(
                {
                    "source_name": source,
                    "received_date": rows["received_date"],
                    "receipt": (rows["_received_at"] - rows["_event_at"]).dt.total_seconds(),
                    "publish": (published - rows["_received_at"]).dt.total_seconds(),
                }
            )
        )
    days = pd.concat(frames).groupby(["source_name", "received_date"])
    columns = {"event_to_received": days["receipt"], "received_to_published": days["publish"]}
    shares = {"p50": 0.5, "p95": 0.95}
    return pd.DataFrame(
        {
            "landed_count": days.size(),
            "published_count": days["publish"].count(),
            **{
                f"{name}_seconds_{label}": seconds.quantile(share)
                for name, seconds in columns.items()
                for label, share in shares.items()
            },
        }
    ).reset_index()
