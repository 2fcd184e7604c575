"""Who is in which experiment since when: the simulator's truth, read a second time."""

import duckdb
import pandas as pd

from tests.integration.company import Company
from tests.integration.frames import assert_equal
from tests.integration.kpis.experiments_truth import enrolled
from tests.integration.truth import Truth

KEYS = ["experiment_id", "variation_role", "enrolled_date"]


def roled(truth: Truth) -> pd.DataFrame:
    """Give everybody enrolled with the arm they are compared in, `mixed` for none."""
    rows = enrolled(truth)
    return rows.assign(variation_role=rows["variation_id"].where(~rows["is_mixed"], "mixed"))


def test_enrolments(kpi_company: Company, truth: Truth) -> None:
    expected = roled(truth).groupby(KEYS).size().rename("customers").reset_index()
    place = kpi_company.data / "warehouse/build.duckdb"
    with duckdb.connect(str(place), read_only=True) as build:
        found = build.execute(
            "select experiment_id, variation_role, enrolled_date, count(*) as customers, "
            "min(enrolled_by) as enrolled_by from core.fct_enrolments group by all"
        ).df()
    found = found[found["experiment_id"].isin(expected["experiment_id"])]
    assert set(found["enrolled_by"]) == {"exposure"}
    assert_equal(expected, found, KEYS)


def test_both_arms_log_what_they_meet_and_a_few_meet_both(truth: Truth) -> None:
    rows = roled(truth)
    roles = rows.groupby("experiment_id")["variation_role"].agg(set)
    assert len(roles) == 6
    assert all(found >= {"treatment", "holdout"} for found in roles)
    is_mixed = rows["is_mixed"]
    assert set(rows.loc[is_mixed, "experiment_id"]) == {"exp_subscription_finder"}
    assert 0 < is_mixed.sum() < 0.05 * len(rows)
