"""The marts of hygiene in pandas, from the lake, the simulator's truth, contracts and seeds.

Nothing here reads the warehouse, and no definition is shared with the models.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import phonenumbers
import yaml
from statsmodels.stats.proportion import proportion_confint

from tests.integration.truth import REASONS

PROJECT = Path(__file__).parents[2]
HOUR = pd.Timedelta(hours=1)
MIN_SAMPLE = 30
BATCH = ["source_name", "table_name", "received_date"]
JUDGED_RATES = (
    "bot_rate",
    "test_rate",
    "expired_session_rate",
    "unmapped_rate",
    "bot_rate_rise",
    "usual_bot_day_count",
)
_CHAIN = r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}"
_ADDRESS = r"[-.%a-zA-Z0-9]{1,128}"
_SHAPES = {
    "email": [r"[^@]+@[^@]+\.[^@.]+"],
    # CAIP-10, and its older form.
    "wallet": [f"{_CHAIN}:{_ADDRESS}", f"{_ADDRESS}@{_CHAIN}"],
}
_DATE = "regexp_extract(filename, 'received_date=([0-9-]+)', 1)"
_LINEAGE = ["_file_no", "_line", "_event_at", "_received_at"]
# What of the sample company's rows has a standard form: source, table, field, column of the lake,
# and where the value stands in it.
STANDARDISED = (
    ("amplitude", "events", "country", "country", "(.*)"),
    ("amplitude", "events", "currency", "currency_code", "(.*)"),
    ("amplitude", "events", "timezone", "timezone", "(.*)"),
    ("amplitude", "events", "event_name", "event_type", "(.*)"),
    ("braze", "messages", "channel", "event_type", r"^users\.messages\.(\w+)"),
    ("braze", "messages", "timezone", "timezone", "(.*)"),
    ("braze", "messages", "email", "email_address", "(.*)"),
    ("braze", "messages", "phone", "to_phone_number", "(.*)"),
    ("braze", "subscription_changes", "channel", "channel", "(.*)"),
    ("core_banking", "account_wallets", "wallet", "caip10", "(.*)"),
    ("core_banking", "customers", "country", "country", "(.*)"),
    ("core_banking", "customers", "timezone", "timezone", "(.*)"),
    ("core_banking", "customers", "lifecycle_stage", "lifecycle_stage", "(.*)"),
    ("core_banking", "customers", "risk_segment", "risk_segment", "(.*)"),
    ("core_banking", "customers", "email", "email", "(.*)"),
    ("core_banking", "customers", "phone", "phone", "(.*)"),
    ("core_banking", "ledger_entries", "country", "country", "(.*)"),
    ("core_banking", "ledger_entries", "currency", "currency", "(.*)"),
    ("core_banking", "orders", "currency", "currency", "(.*)"),
    ("core_banking", "savings_goals", "currency", "currency", "(.*)"),
    ("crm", "contacts", "email", "email", "(.*)"),
    ("crm", "contacts", "phone", "phone", "(.*)"),
    ("crm", "spend", "currency", "currency", "(.*)"),
    ("decisioning", "decisions", "channel", "channel", "(.*)"),
    ("decisioning", "decisions", "lifecycle_stage", "asserted_lifecycle_stage", "(.*)"),
    ("decisioning", "decisions", "risk_segment", "asserted_risk_segment", "(.*)"),
    ("segment", "tracks", "timezone", "context_timezone", "(.*)"),
    ("segment", "tracks", "event_name", "event", "(.*)"),
    ("sumsub", "applicant_events", "country", "level_name", r"^(\w\w)-"),
    ("wallets", "wallet_links", "wallet", "wallet", "(.*)"),
)


@dataclass(frozen=True)
class Lake:
    """What a company's landing left.

    Attributes:
        folder: The lake.
        truth: The folder of the simulator's truth.
    """

    folder: Path
    truth: Path

    @property
    def tables(self) -> list[tuple[str, str]]:
        """Every table with landed rows."""
        found = (path for path in self.folder.glob("[!_]*/*") if path.is_dir())
        return sorted((path.parent.name, path.name) for path in found)

    def rows(self, source: str, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Read a table's landed rows: the columns, their lineage and `received_date`."""
        names = ", ".join(f'"{name}"' for name in dict.fromkeys([*columns, *_LINEAGE]))
        files = self.folder / source / table / "*" / "*.parquet"
        return _read(f"select {names}, {_DATE} as received_date", files)

    def judged(self, source: str, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Read a table's landed rows with the reason that each deserves, as `expected_reason`."""
        manifest = json.loads((self.folder / "_manifest" / source / f"{table}.json").read_text())
        paths = {file["file_no"]: file["path"] for file in manifest["files"]}
        rows = self.rows(source, table, columns)
        rows["source_file"] = rows["_file_no"].map(paths)
        known = self._received
        known = known[(known["source_name"] == source) & (known["table_name"] == table)]
        places = ["source_file", "line_number"]
        judged = rows.rename(columns={"_line": "line_number"}).merge(
            known[[*places, "expected_reason"]], on=places, validate="one_to_one"
        )
        assert len(judged) == len(rows)
        return judged

    @cached_property
    def landed(self) -> pd.DataFrame:
        """Every landed row's times: source_name, table_name, received_date, event_at, received_at.

        `missing` and `expected` count the fields that its contract requires or expects.
        """
        frames = []
        for source, table in self.tables:
            names = [
                name
                for name, field in contract(source)["tables"][table]["fields"].items()
                if field.get("expected") or field.get("required")
            ]
            rows = self.rows(source, table, names)
            frames.append(
                rows[["received_date", "_event_at", "_received_at"]].assign(
                    source_name=source,
                    table_name=table,
                    missing=rows[names].isna().sum(axis=1),
                    expected=len(names),
                )
            )
        return pd.concat(frames).rename(
            columns={"_event_at": "event_at", "_received_at": "received_at"}
        )

    @cached_property
    def quarantined(self) -> pd.DataFrame:
        """Source and moment of receipt of every row that is not read."""
        files = self.folder / "_quarantine" / "*" / "*" / "*" / "*.parquet"
        source = "split_part(split_part(filename, '/_quarantine/', 2), '/', 1)"
        return _read(f"select {source} as source_name, _received_at as received_at", files)

    @cached_property
    def _received(self) -> pd.DataFrame:
        rows = pd.read_parquet(self.truth / "received_rows.parquet")
        texts = ["source_name", "table_name", "source_file", "expected_reason"]
        return rows.astype(dict.fromkeys(texts, str))


def _read(select: str, files: Path) -> pd.DataFrame:
    """Read Parquet files, whatever their folders are called."""
    with duckdb.connect() as connection:
        rows: pd.DataFrame = connection.execute(
            f"{select} from read_parquet('{files}', filename = true, hive_partitioning = false)"
        ).df()
    return rows


def contract(source: str) -> Any:
    """Read a source's contract as it is written."""
    return yaml.safe_load((PROJECT / f"ingestion/contracts/{source}.yml").read_text())


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
    days["freshness_hours"] = [
        (moment - last[source, table]) / HOUR
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


def standardised_values(lake: Lake) -> pd.DataFrame:
    """Count values of standardised fields, per batch: `values`, and those `unmapped`."""
    listed = pd.read_csv(PROJECT / "seeds/standard_values.csv", dtype=str, keep_default_na=False)
    spellings = {name: set(rows["raw_value"]) for name, rows in listed.groupby("field")}
    countries = listed[listed["field"] == "country"].set_index("raw_value")["standard_value"]
    names = set(pd.read_csv(PROJECT / "seeds/event_taxonomy.csv")["event_name"])
    frames = []
    for source, table, field, column, place in STANDARDISED:
        with_country = ["country"] if (table, field) == ("customers", "phone") else []
        rows = lake.rows(source, table, [column, *with_country])
        rows["said"] = rows[column].str.extract(place, expand=False).str.strip()
        rows = rows[rows["said"].fillna("") != ""]
        said = rows["said"]
        if field == "phone":
            lands = rows[with_country[0]].str.strip().str.lower() if with_country else None
            regions = ["ES"] * len(rows) if lands is None else lands.map(countries).tolist()
            is_mapped = [_is_phone(one, region) for one, region in zip(said, regions, strict=True)]
        elif field in _SHAPES:
            is_mapped = said.str.fullmatch("|".join(_SHAPES[field])).tolist()
        elif field == "event_name":
            is_mapped = rows[column].isin(names).tolist()
        else:
            is_mapped = said.str.lower().isin(spellings[field]).tolist()
        frames.append(
            rows[["received_date"]].assign(
                source_name=source,
                table_name=table,
                values=1,
                unmapped=~np.array(is_mapped, dtype=bool),
            )
        )
    return pd.concat(frames).groupby(BATCH)[["values", "unmapped"]].sum()


def _is_phone(text: str, region: str) -> bool:
    digits = "".join(letter for letter in text if letter in "+0123456789")
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False


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
