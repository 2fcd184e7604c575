"""What holds for a small company holds for the default one, whose releases drive people away."""

import pandas as pd
import pytest

from simulation.company import CHALLENGE_SURGE_DAY
from tests.integration.company import Company
from tests.integration.kpis.test_adoption import test_adoption, test_return_adoption
from tests.integration.test_repeatability import (
    test_a_second_run_loads_nothing_and_changes_nothing,
    test_two_deliveries_are_as_good_as_one,
)
from tests.integration.test_truth import (
    test_declared_bots_are_found_and_people_are_not,
    test_duplicates_found_are_those_injected_and_no_original_is_lost,
    test_every_row_has_the_reason_it_deserves,
    test_micro_feedback,
    test_opt_outs,
    test_received_rows_are_kept_or_excluded_exactly_once,
    truth,
)

__all__ = [
    "test_a_second_run_loads_nothing_and_changes_nothing",
    "test_adoption",
    "test_declared_bots_are_found_and_people_are_not",
    "test_duplicates_found_are_those_injected_and_no_original_is_lost",
    "test_every_row_has_the_reason_it_deserves",
    "test_micro_feedback",
    "test_opt_outs",
    "test_received_rows_are_kept_or_excluded_exactly_once",
    "test_return_adoption",
    "test_two_deliveries_are_as_good_as_one",
    "truth",
]
pytestmark = pytest.mark.acceptance


def test_the_releases_that_drive_people_away_are_seen_and_no_other(company: Company) -> None:
    days = company.mart("kpi_opt_out_daily")
    rising = days[days["is_rising"].eq(True)]
    # The model that tires people, and the challenge's surge.
    first_days = {"savings_insights": 180, "daily_challenge": CHALLENGE_SURGE_DAY}
    first = pd.to_datetime(rising.groupby("feature_id")["activity_date"].min())
    assert set(first.index) == set(first_days)
    for feature_id, day in first_days.items():
        release = pd.Timestamp(company.parameters.start) + pd.Timedelta(days=day)
        assert pd.Timedelta(0) <= first[feature_id] - release <= pd.Timedelta(days=14)


def test_the_behaviour_that_annoys_is_found_though_it_is_tapped_as_often(company: Company) -> None:
    weeks = company.mart("kpi_micro_feedback_weekly")
    weeks = weeks[weeks["is_mature"] & (weeks["model_version"] != "none")]
    comparable = weeks[weeks["is_helpful_rate_gap_found"].notna()]
    is_found_low = comparable["is_helpful_rate_gap_found"] & (comparable["helpful_rate_gap"] < 0)
    share = is_found_low.groupby(comparable["model_behaviour"]).mean()
    assert share["peer_comparison"] > 0.8
    assert share.drop("peer_comparison").max() < 0.5
    assert share["round_up_tip"] == 0
    taps = weeks.groupby("model_behaviour")[["tap_count", "prompted_count"]].sum()
    per_question = taps["tap_count"] / taps["prompted_count"]
    assert per_question["peer_comparison"] == pytest.approx(per_question.median(), rel=0.1)
