"""Risk ratios pooled over deciles: the textbook's figure, and the trap that it avoids."""

import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from inference.abandonment import infer_abandonment

COLUMNS = [
    "abandoned_inactive_count",
    "abandoned_count",
    "completed_inactive_count",
    "completed_count",
]


def strata(*rows: tuple[int, int, int, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(flow_id="loan", step="amount", activity_decile=range(1, len(rows) + 1))


def test_the_pooled_ratio_is_the_librarys() -> None:
    rows = [(8, 40, 3, 45), (12, 50, 9, 60), (4, 30, 5, 70)]
    row = infer_abandonment(strata(*rows)).to_pylist()[0]
    table = StratifiedTable([[[a, n - a], [c, m - c]] for a, n, c, m in rows])
    assert row["adjusted_risk_ratio"] == pytest.approx(table.riskratio_pooled, rel=1e-12)
    assert row["p_value"] == pytest.approx(table.test_null_odds(correction=False).pvalue)
    assert row["adjusted_risk_ratio_ci_lower"] < row["adjusted_risk_ratio"]


def test_one_stratum_has_the_interval_of_a_plain_risk_ratio() -> None:
    row = infer_abandonment(strata((20, 100, 10, 100))).to_pylist()[0]
    # ln RR = .693147, var = 1/20 - 1/100 + 1/10 - 1/100 = .13
    assert row["adjusted_risk_ratio"] == pytest.approx(2.0)
    assert row["adjusted_risk_ratio_ci_lower"] == pytest.approx(
        2 * 2.718281828 ** (-1.959964 * 0.13**0.5), rel=1e-6
    )


def test_who_is_seldom_there_gives_up_more_and_that_is_not_the_flow() -> None:
    # Within each decile the risks are equal; idle customers give up more often.
    rows = [(40, 80, 10, 20), (2, 20, 8, 80)]
    crude = (42 / 100) / (18 / 100)
    row = infer_abandonment(strata(*rows)).to_pylist()[0]
    assert crude > 2
    assert row["adjusted_risk_ratio"] == pytest.approx(1.0)
    assert row["p_value"] == pytest.approx(1.0)


def test_nothing_to_compare_is_null() -> None:
    alone = infer_abandonment(strata((1, 10, 0, 0))).to_pylist()[0]
    assert alone["adjusted_risk_ratio"] is None
    nobody_away = infer_abandonment(strata((0, 10, 3, 10))).to_pylist()[0]
    assert nobody_away["adjusted_risk_ratio"] == 0
    assert nobody_away["adjusted_risk_ratio_ci_upper"] is None
    assert infer_abandonment(strata().iloc[:0]).num_rows == 0
