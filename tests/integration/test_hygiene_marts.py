"""The marts of hygiene equal what lake and truth say, computed by other code."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.integration.company import ZONE, Company
from tests.integration.hygiene_truth import (
    MIN_SAMPLE,
    assert_same,
    hygiene_days,
    judged_rates,
    latencies,
    source_hours,
    volume_gaps,
)
from tests.integration.lake import BATCH, Lake
from tests.integration.noise_truth import Noise
from tests.integration.truth import DAY, Truth
from tests.unit.macros.rendering import render_model

WINDOW_DAYS = {"return_adoption_rate": 20, "helpful_rate": 14}


@pytest.fixture(scope="module")
def lake(company: Company) -> Lake:
    return Lake(company.data / "lake", company.root / "truth")


@pytest.fixture(scope="module")
def build(company: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    path = company.data / "warehouse/build.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def test_every_figure_of_every_batch(
    company: Company, lake: Lake, build: duckdb.DuckDBPyConnection
) -> None:
    expected = hygiene_days(lake, as_of=company.as_of)
    for column in ("near_duplicate_count", "late_count", "unmapped_value_count"):
        assert expected[column].sum() > 0
    assert expected["stale_rate_numerator"].sum() > expected["stale_count"].sum()
    assert_same(expected, company.mart("kpi_data_hygiene_daily"), BATCH)
    rates = judged_rates(expected, lake)
    assert (rates["bot_rate_rise"] > 0.15).any()
    assert_same(rates, build.execute("from core.fct_batch_hygiene").df(), BATCH)


def test_every_hour_of_every_source(
    company: Company, lake: Lake, build: duckdb.DuckDBPyConnection
) -> None:
    hours = source_hours(lake)
    keys = ["source_name", "hour_start_at"]
    expected = volume_gaps(hours, zone=ZONE, least_expected=10, deviations=3)
    assert_same(expected, company.mart("kpi_volume_gaps_hourly"), keys)
    # A small company expects too little to miss it: so the model is asked again, easily alarmed.
    with duckdb.connect() as connection:
        for name in (
            "core.fct_source_hours",
            "staging.stg_lake__delivered_hours",
            "staging.stg_lake__quiet_days",
        ):
            connection.register(name.partition(".")[2], build.execute(f"from {name}").df())
        easily = {"volume_gap_min_expected": 3, "volume_gap_deviations": 0.5}
        sql = render_model("core/fct_volume_gaps.sql", timezone=ZONE, **easily)
        found = connection.execute(sql).df()
    expected = volume_gaps(hours, zone=ZONE, least_expected=3, deviations=0.5)
    assert expected["least_count"].notna().sum() > 100
    assert expected["is_gap"].sum() > 0
    assert_same(expected, found, keys)


def test_every_delay(company: Company, lake: Lake) -> None:
    # Before the first publish nothing is known of any.
    expected = latencies(lake, company.data / "none")
    assert expected["published_count"].sum() == 0
    assert (expected["event_to_received_seconds_p95"] > 0).any()
    found = company.mart("kpi_pipeline_latency_daily")
    assert_same(expected, found, ["source_name", "received_date"])


def test_what_noise_would_do_to_every_headline(
    company: Company, lake: Lake, build: duckdb.DuckDBPyConnection
) -> None:
    known = build.execute(
        "select identifier_type, identifier_value, customer_id "
        "from identity.identity_identifiers inner join resolver.identifier_customers "
        "using (identifier_key)"
    ).fetchall()
    truth = Truth(company.root / "truth", ZONE, company.as_of)
    noise = Noise(lake, truth, {(kind, value): customer for kind, value, customer in known})
    expected = noise.effect()
    is_moved = expected["numerator_with"] != expected["numerator_without"]
    is_moved |= expected["denominator_with"].fillna(0) != expected["denominator_without"].fillna(0)
    moved = expected[is_moved]
    assert set(moved["kpi_name"]) >= set(expected["kpi_name"]) - {"helpful_rate"}
    assert set(moved["filter_name"]) >= {"duplicate", "bot", "test", "expired_session", "all"}
    window = expected["kpi_name"].map(WINDOW_DAYS).fillna(7)
    is_mature = truth.is_over(expected["week_start_date"] + window * DAY)
    for side in ("with", "without"):
        numerator, denominator = expected[f"numerator_{side}"], expected[f"denominator_{side}"]
        rate = (numerator / denominator).where(denominator >= MIN_SAMPLE)
        value = np.where(expected["denominator_without"].isna(), numerator, rate)
        expected[f"value_{side}"] = pd.Series(value, expected.index).where(is_mature)
    expected["difference"] = expected["value_without"] - expected["value_with"]
    expected["is_mature"] = is_mature
    found = company.mart("kpi_noise_effect_weekly")
    assert_same(expected, found, ["kpi_name", "filter_name", "week_start_date"])


def test_a_figure_is_degraded_where_a_gate_says_so(
    company: Company, build: duckdb.DuckDBPyConnection
) -> None:
    failed = build.execute(
        "select gate, metric, source_name, table_name, cast(received_date as text) as day "
        "from gates.results where status <> 'passed' and gate in ('batches', 'sources')"
    ).df()
    # Silence is no matter of a day: the sample company has none.
    assert "freshness_hours" not in set(failed["metric"])
    batches = failed[failed["gate"] == "batches"]
    gaps = failed[failed["gate"] == "sources"]
    days_with_gaps = set(zip(gaps["source_name"], gaps["day"], strict=True))
    degraded = set(zip(batches["source_name"], batches["table_name"], batches["day"], strict=True))
    assert degraded
    rows = company.mart("kpi_data_hygiene_daily")
    days = rows["received_date"].astype(str)
    found = set(
        zip(rows["source_name"], rows["table_name"], days, rows["data_quality"], strict=True)
    )
    days_of_sources = set(zip(failed["source_name"], failed["day"], strict=True))
    assert found == {
        (
            source,
            table,
            day,
            "degraded"
            if (source, table, day) in degraded or (source, day) in days_with_gaps
            else "ok",
        )
        for source, table, day, _ in found
    }
    by_source = {
        "kpi_pipeline_latency_daily": "received_date",
        "kpi_volume_gaps_hourly": "hour_start_at",
    }
    for mart, moment in by_source.items():
        figures = company.mart(mart)
        day = pd.to_datetime(figures[moment]).dt.strftime("%Y-%m-%d")
        said = figures["data_quality"] == "degraded"
        pairs = zip(figures["source_name"], day, strict=True)
        assert said.tolist() == [pair in days_of_sources for pair in pairs]
