"""Each cohort gets its two risks, and an empty table a typed one."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from inference.opt_out_curves import OPT_OUT_CURVES, infer_opt_out_curves

COLUMNS = ["feature_id", "cohort_week_start_date", "day_number", "at_risk_count", "opt_out_count"]
MONDAY = date(2026, 3, 2)


def test_cohorts_are_judged_apart() -> None:
    rows = [
        ("tips", MONDAY, 6, 100, 10),
        ("tips", MONDAY, 7, 90, 9),
        ("tips", MONDAY, 50, 81, 0),
        ("nudges", MONDAY, 50, 40, 0),
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["cohort_week_start_date"] = pd.to_datetime(frame["cohort_week_start_date"])
    found = infer_opt_out_curves(frame)
    assert found.schema == OPT_OUT_CURVES
    values = {(row["feature_id"], row["window_days"]): row["value"] for row in found.to_pylist()}
    assert values == pytest.approx(
        {("nudges", 7): 0, ("nudges", 28): 0, ("tips", 7): 0.1, ("tips", 28): 0.19}
    )
    assert found["cohort_week_start_date"].to_pylist() == [MONDAY] * 4


def test_no_cohorts_make_an_empty_typed_table() -> None:
    found = infer_opt_out_curves(pd.DataFrame(columns=COLUMNS))
    assert (found.num_rows, found.schema) == (0, OPT_OUT_CURVES)
