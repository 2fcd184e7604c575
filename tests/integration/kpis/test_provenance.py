"""A mart says how far its own inputs are known, not how far the product's events are."""

import pandas as pd
import pytest

from tests.integration.company import Company
from tests.integration.truth import Truth

EVENTS = ["amplitude", "segment"]
DECIDED = ["decisioning"]
BANK = ["core_banking"]
SURVEYS = ["zendesk", "zigpoll"]


@pytest.mark.parametrize(
    ("mart", "sources"),
    [
        ("kpi_support_service_weekly", ["zendesk", *EVENTS]),
        ("kpi_csat_weekly", SURVEYS),
        ("kpi_targeting_weekly", [*DECIDED, *EVENTS, *SURVEYS, *BANK, "braze"]),
        ("kpi_decision_mix_weekly", DECIDED),
        ("kpi_goal_attainment", BANK),
        ("kpi_feature_adoption_weekly", [*EVENTS, "braze"]),
    ],
)
def test_a_mart_reaches_as_far_as_the_source_heard_from_longest_ago(
    mart: str, sources: list[str], kpi_company: Company, truth: Truth
) -> None:
    received = truth.table("received_rows")
    last = pd.to_datetime(received.groupby("source_name")["received_date"].max())
    yesterday = truth.today - pd.Timedelta(days=1)
    expected = min(last[sources].min(), yesterday)
    through = pd.to_datetime(kpi_company.mart(mart)["data_through_date"])
    assert set(through) == {expected}
