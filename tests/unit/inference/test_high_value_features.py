"""Shares of users among the most valuable and the rest."""

import pandas as pd
import pytest

from inference.high_value_features import infer_high_value_features

COLUMNS = ["feature_id", "top_count", "top_used_count", "rest_count", "rest_used_count"]


def test_the_difference_its_interval_and_its_corrected_p_value() -> None:
    counts = pd.DataFrame(
        [("plain", 100, 30, 900, 270), ("loved", 100, 60, 900, 270), ("new", 100, 0, 900, 0)],
        columns=COLUMNS,
    )
    rows = {row["feature_id"]: row for row in infer_high_value_features(counts).to_pylist()}
    assert rows["loved"]["absolute_lift"] == pytest.approx(0.3)
    assert 0.19 < rows["loved"]["absolute_lift_ci_lower"] < 0.3
    assert 0.3 < rows["loved"]["absolute_lift_ci_upper"] < 0.41
    assert rows["loved"]["fdr_p_value"] == pytest.approx(2 * rows["loved"]["p_value"])
    assert rows["plain"]["p_value"] == pytest.approx(1.0)
    assert rows["new"]["p_value"] is None


def test_an_empty_group_is_not_compared() -> None:
    counts = pd.DataFrame([("x", 0, 0, 10, 5)], columns=COLUMNS)
    assert infer_high_value_features(counts).to_pylist()[0]["absolute_lift"] is None
    assert infer_high_value_features(counts.iloc[:0]).num_rows == 0
