"""The published marts equal what the simulator's truth says, computed by other code."""

import duckdb
import pandas as pd
import pytest

from tests.integration.company import ZONE, Company
from tests.integration.frames import assert_equal
from tests.integration.truth import (
    REASONS,
    Truth,
    micro_feedback,
    opt_outs,
    reason_counts,
)


@pytest.fixture(scope="module")
def truth(company: Company) -> Truth:
    return Truth(company.root / "truth", ZONE, company.as_of)


def test_every_row_has_the_reason_it_deserves(company: Company, truth: Truth) -> None:
    found = company.mart("kpi_data_hygiene_daily").rename(
        columns={f"{reason}_count": reason for reason in (*REASONS, "received")}
    )
    assert_equal(reason_counts(truth), found, ["source_name", "table_name", "received_date"])


def test_healthy_sources_do_not_drift(company: Company) -> None:
    with duckdb.connect(str(company.data / "warehouse/build.duckdb"), read_only=True) as build:
        found = build.execute("select source_name, field, kind from raw.schema_drift").fetchall()
    assert found == []


def test_duplicates_found_are_those_injected_and_no_original_is_lost(
    company: Company, truth: Truth
) -> None:
    rows = truth.table("received_rows")
    events = rows[(rows["source_name"] == "amplitude") & (rows["table_name"] == "events")]
    with duckdb.connect(str(company.data / "warehouse/build.duckdb"), read_only=True) as build:
        verdicts = build.execute(
            """
            select raw.uuid as record_key, verdicts.verdict
            from raw.amplitude__events as raw
            inner join hygiene.hygiene_events as verdicts on raw._row_id = verdicts.row_id
            """
        ).df()
    both = events.merge(verdicts, on="record_key", validate="one_to_one")
    assert len(both) == len(events[events["expected_reason"] != "quarantined"])
    assert (both["expected_reason"] == both["verdict"]).all()


def test_declared_bots_are_found_and_people_are_not(company: Company, truth: Truth) -> None:
    rows = truth.table("received_rows")
    rows = rows[(rows["source_name"] == "amplitude") & (rows["bot"] != "stealth")]
    with duckdb.connect(str(company.data / "warehouse/build.duckdb"), read_only=True) as build:
        flagged = build.execute(
            """
            select raw.uuid as record_key
            from raw.amplitude__events as raw
            inner join hygiene.hygiene_events as verdicts on raw._row_id = verdicts.row_id
            where verdicts.verdict = 'bot'
            """
        ).df()
    is_flagged = rows["record_key"].isin(flagged["record_key"])
    declared = rows["expected_reason"] == "bot"
    people = rows["expected_reason"] == "kept"
    assert declared.sum() > 50
    assert (is_flagged & declared).sum() / declared.sum() >= 0.98
    assert (is_flagged & people).sum() / people.sum() <= 0.002


def test_opt_outs(company: Company, truth: Truth) -> None:
    expected = opt_outs(truth)
    over = truth.is_over(expected["activity_date"] + pd.Timedelta(days=1))
    for column in ("at_risk", "hazard_opt_outs"):
        expected[column] = expected[column].astype(float).where(over)
    found = company.mart("kpi_opt_out_daily").rename(
        columns={
            "exposed_enabled_count": "enabled",
            "opt_out_hazard_denominator": "at_risk",
            "opt_out_hazard_numerator": "hazard_opt_outs",
            "opt_out_count": "opt_outs",
        }
    )
    assert expected["hazard_opt_outs"].sum() > 0
    assert_equal(expected, found, ["feature_id", "variation_id", "activity_date"])


def test_micro_feedback(company: Company, truth: Truth) -> None:
    found = company.mart("kpi_micro_feedback_weekly").rename(
        columns={"prompted_count": "prompted", "yes_count": "yes", "no_count": "no"}
    )
    # Questions about insights whose decision was not kept have no model to speak of.
    found = found[(found["model_version"] != "none") & (found["prompted"] > 0)]
    expected = micro_feedback(truth)
    assert expected["yes"].sum() > 0
    assert_equal(
        expected,
        found,
        ["model_version", "model_behaviour", "has_reason_shown", "week_start_date"],
    )


def test_received_rows_are_kept_or_excluded_exactly_once(company: Company) -> None:
    rows = company.mart("kpi_data_hygiene_daily")
    accounted = sum(rows[f"{reason}_count"] for reason in REASONS)
    assert (rows["received_count"] == accounted).all()
    exported = {path.name for path in company.exports.iterdir()}
    assert set(rows["source_name"]) == exported
