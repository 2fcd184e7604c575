"""Adoption of features equals what the simulator's truth says, computed by other code."""

import pandas as pd

from tests.integration.company import Company
from tests.integration.frames import assert_equal
from tests.integration.truth import Truth, adoption, return_adoption


def test_return_adoption(kpi_company: Company, truth: Truth) -> None:
    expected = return_adoption(truth)
    expected["returned"] = expected["returned"].where(expected["is_mature"])
    found = kpi_company.mart("kpi_return_adoption").rename(
        columns={
            "first_time_user_count": "first_time_users",
            "return_adoption_rate_numerator": "returned",
        }
    )
    assert expected["returned"].sum() > 0
    assert_equal(expected, found, ["feature_id", "cohort_week_start_date"])


def test_adoption(kpi_company: Company, truth: Truth) -> None:
    expected = adoption(truth)
    over = truth.is_over(expected["week_start_date"] + pd.Timedelta(days=7))
    expected["used"] = expected["used"].astype(float).where(over)
    found = kpi_company.mart("kpi_feature_adoption_weekly").rename(
        columns={
            "exposed_enabled_count": "exposed_enabled",
            "adoption_rate_numerator": "used",
            "interaction_count": "interactions",
        }
    )
    assert_equal(expected, found, ["feature_id", "week_start_date"])
