"""Verdicts rest on what the simulator's truth says, keep to the table, and say why."""

import re
from collections.abc import Iterator

import duckdb
import pandas as pd
import pytest

from tests.integration.company import Company
from tests.integration.frames import assert_equal
from tests.integration.kpis.verdicts_truth import KEYS, WEEK, opt_outs, trailing, uses
from tests.integration.truth import Truth

LEGAL = {
    "watch": {"fix", "remove", "scale", "sunset"},
    "scale": {"fix", "remove", "watch", "sunset"},
    "fix": {"sunset", "remove", "watch"},
    "remove": {"watch"},
    "sunset": {"watch"},
}


@pytest.fixture(scope="module")
def verdicts(kpi_company: Company) -> pd.DataFrame:
    found = kpi_company.mart("kpi_feature_verdicts_weekly")
    found["week_start_date"] = pd.to_datetime(found["week_start_date"])
    return found.sort_values(KEYS, ignore_index=True)


@pytest.fixture(scope="module")
def published(kpi_company: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    file = kpi_company.data / "published" / "kpi.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def test_every_feature_has_every_week(verdicts: pd.DataFrame, truth: Truth) -> None:
    last = truth.today - pd.Timedelta(days=7 + truth.lateness_days)
    assert len(set(verdicts["feature_id"])) > 1
    for _, weeks in verdicts.groupby("feature_id")["week_start_date"]:
        assert weeks.diff().dropna().eq(WEEK).all()
        assert weeks.max() == last - pd.Timedelta(days=last.weekday())


def test_engagement_rests_on_who_was_shown_it_and_used_it(
    verdicts: pd.DataFrame, truth: Truth
) -> None:
    expected = trailing(uses(truth), verdicts[KEYS])
    assert expected["engagement_rate_numerator"].sum() > 0
    assert_equal(expected, verdicts, KEYS)


def test_trust_rests_on_who_could_turn_it_off_and_did(verdicts: pd.DataFrame, truth: Truth) -> None:
    # After a fix it rests on later weeks only.
    unfixed = verdicts.groupby("feature_id")["fixed_week_start_date"].transform("count").eq(0)
    expected = trailing(opt_outs(truth, verdicts[KEYS]), verdicts[KEYS])
    assert expected["weekly_opt_out_hazard_numerator"].sum() > 0
    assert_equal(expected[unfixed.to_numpy()], verdicts[unfixed], KEYS)


def test_incidents_are_those_of_the_compliance_mart(
    verdicts: pd.DataFrame, kpi_company: Company
) -> None:
    days = kpi_company.mart("kpi_compliance_daily")
    is_over = pd.to_datetime(days["activity_date"]) < verdicts["week_start_date"].max() + WEEK
    incidents = days.loc[is_over, "reportable_incident_count"].sum()
    assert verdicts["reportable_incident_count"].sum() == incidents > 0


def test_verdicts_change_by_the_table_only(verdicts: pd.DataFrame) -> None:
    for _, weeks in verdicts.groupby("feature_id"):
        before = weeks["verdict"].shift()
        assert weeks["previous_verdict"].dropna().tolist() == before.dropna().tolist()
        for earlier, row in zip(before.fillna("watch"), weeks.itertuples(), strict=True):
            assert row.is_changed == (row.verdict != earlier)
            assert not row.is_changed or row.verdict in LEGAL[earlier]
            assert (row.rule == "stay") <= (not row.is_changed)
    clock = verdicts["clock_weeks_left"]
    assert clock.dropna().between(0, 6).all()
    assert (clock.notna() == verdicts["verdict"].eq("fix") | clock.eq(0)).all()


def test_a_row_says_why_with_the_figures_it_shows(verdicts: pd.DataFrame) -> None:
    for row in verdicts.to_dict("records"):
        said = str(row["reasons"])
        assert f"engagement {row['engagement_level']}: " in said
        assert f"trust {row['trust_level']}: " in said
        assert f"outcome {row['outcome']}" in said
        assert row["next_step"]
        assert row["entered_because"]
        shown = re.search(r"weekly opt-outs ([\d.]+) %", said)
        if not pd.isna(row["weekly_opt_out_hazard"]):
            assert shown is not None
            hazard = float(row["weekly_opt_out_hazard"])
            assert float(shown[1]) == pytest.approx(hazard * 100, abs=0.0051)


def test_the_log_has_the_first_word_of_every_week(
    verdicts: pd.DataFrame, published: duckdb.DuckDBPyConnection, kpi_company: Company
) -> None:
    log = published.sql("from verdict_history").df()
    assert len(log) == len(verdicts)
    assert log["revision"].eq(1).all()
    assert log["issued_as_of"].eq(kpi_company.as_of.replace(tzinfo=None)).all()
    assert verdicts["verdict"].tolist() == verdicts["first_verdict"].tolist()
    assert not verdicts["is_corrected"].any()
