from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from inference.clustered_ratios import infer_clustered_ratios, standard_error


def rows_of(seed: int, *, customers: int, rate: float) -> pd.DataFrame:
    """One row per answer: a customer and a yes or no; customers differ in their taste."""
    rng = np.random.default_rng(seed)
    taste = rng.beta(4 * rate, 4 * (1 - rate), customers)
    customer = np.repeat(np.arange(customers), rng.integers(1, 9, customers))
    return pd.DataFrame({"customer": customer, "yes": rng.random(len(customer)) < taste[customer]})


def sums_of(rows: pd.DataFrame, *, cell: str, family: str = "f") -> dict[str, object]:
    by_customer = rows.groupby("customer")["yes"].agg(y="sum", x="size")
    y, x = by_customer["y"].astype(float), by_customer["x"].astype(float)
    return {
        "kpi_name": "kpi_micro_feedback_weekly",
        "metric_name": "helpful_rate",
        "cell_key": cell,
        "family_key": family,
        "customer_count": len(by_customer),
        "sum_y": y.sum(),
        "sum_x": x.sum(),
        "sum_yy": (y * y).sum(),
        "sum_xy": (x * y).sum(),
        "sum_xx": (x * x).sum(),
    }


def infer(*cells: dict[str, object]) -> pd.DataFrame:
    frame: pd.DataFrame = infer_clustered_ratios(pd.DataFrame(cells)).to_pandas()
    return frame.set_index("cell_key")


def regress(rows: pd.DataFrame) -> tuple[float, float]:
    """The rate and its standard error by a regression of the rows on a constant.

    With one regressor, statsmodels' small-sample factor G/(G−1)·(N−1)/(N−K) is n/(n−1) for n
    customers: the delta method's.
    """
    yes = rows["yes"].to_numpy(dtype=float)
    fit = sm.OLS(yes, np.ones(len(yes))).fit(
        cov_type="cluster", cov_kwds={"groups": rows["customer"].to_numpy()}
    )
    return float(fit.params[0]), float(fit.bse[0])


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_is_that_of_a_regression_clustered_by_customer(seed: int) -> None:
    rows = rows_of(seed, customers=40, rate=0.6)
    value, error = regress(rows)
    sums = sums_of(rows, cell="a")
    assert standard_error(pd.DataFrame([sums]))[0] == pytest.approx(error, abs=1e-9)
    cell = infer(sums).loc["a"]
    half = stats.norm.ppf(0.975) * error
    assert cell["ci_lower"] == pytest.approx(value - half, abs=1e-9)
    assert cell["ci_upper"] == pytest.approx(value + half, abs=1e-9)


def test_clustering_widens_what_naive_counting_would_give() -> None:
    rows = rows_of(1, customers=200, rate=0.5)
    naive = np.sqrt(rows["yes"].mean() * (1 - rows["yes"].mean()) / len(rows))
    assert standard_error(pd.DataFrame([sums_of(rows, cell="a")]))[0] > 1.1 * naive


def test_each_cell_is_compared_with_the_rest_of_its_family() -> None:
    parts = {
        name: rows_of(seed, customers=60, rate=rate)
        for seed, (name, rate) in enumerate({"a": 0.8, "b": 0.6, "c": 0.3}.items())
    }
    found = infer(*(sums_of(rows, cell=name) for name, rows in parts.items()))
    for name, rows in parts.items():
        rest = pd.concat(
            part.assign(customer=part["customer"] + 1000 * number)
            for number, (other, part) in enumerate(parts.items())
            if other != name
        )
        (value, error), (rest_value, rest_error) = regress(rows), regress(rest)
        squares = error**2 + rest_error**2
        freedom = squares**2 / (error**4 / 59 + rest_error**4 / 119)
        p_value = 2 * stats.t.sf(abs(value - rest_value) / np.sqrt(squares), freedom)
        assert found.loc[name, "rest_value"] == pytest.approx(rest_value, abs=1e-9)
        assert found.loc[name, "difference"] == pytest.approx(value - rest_value, abs=1e-9)
        assert found.loc[name, "p_value"] == pytest.approx(p_value, rel=1e-6)
    corrected = stats.false_discovery_control(found["p_value"])
    assert found["fdr_p_value"].to_numpy() == pytest.approx(corrected)


def test_families_do_not_meet() -> None:
    cells = [
        sums_of(rows_of(seed, customers=50, rate=rate), cell=f"{family}{rate}", family=family)
        for seed, (family, rate) in enumerate([("f", 0.4), ("f", 0.5), ("g", 0.9), ("g", 0.95)])
    ]
    together, apart = infer(*cells), pd.concat([infer(*cells[:2]), infer(*cells[2:])])
    pd.testing.assert_frame_equal(together, apart)


def test_the_false_discovery_rate_holds_where_nothing_differs() -> None:
    found = [
        infer(
            *(
                sums_of(rows_of(100 * week + cell, customers=80, rate=0.6), cell=str(cell))
                for cell in range(6)
            )
        )["fdr_p_value"].min()
        for week in range(40)
    ]
    assert np.mean(np.array(found) < 0.05) < 0.15


def test_the_interval_stays_within_zero_and_one() -> None:
    rows = pd.DataFrame({"customer": [1, 1, 2, 3], "yes": [True, True, True, False]})
    cell = infer(sums_of(rows, cell="a")).loc["a"]
    value, error = regress(rows)
    assert value + stats.norm.ppf(0.975) * error > 1
    assert cell["ci_upper"] == 1
    assert 0 < cell["ci_lower"] < value


def test_a_lonely_cell_has_an_interval_and_no_comparison() -> None:
    cell = infer(sums_of(rows_of(1, customers=50, rate=0.5), cell="a")).loc["a"]
    assert not np.isnan(cell["ci_lower"])
    assert cell[["rest_value", "difference", "p_value", "fdr_p_value"]].isna().all()


@pytest.mark.parametrize(
    "change",
    [
        {"customer_count": 1, "sum_y": 2, "sum_x": 3, "sum_yy": 4, "sum_xy": 6, "sum_xx": 9},
        {"sum_y": 0, "sum_x": 0, "sum_yy": 0, "sum_xy": 0, "sum_xx": 0},
        {"customer_count": 0, "sum_y": 0, "sum_x": 0, "sum_yy": 0, "sum_xy": 0, "sum_xx": 0},
    ],
)
def test_without_customers_or_denominator_there_is_no_figure(change: dict[str, object]) -> None:
    poor = sums_of(rows_of(1, customers=50, rate=0.5), cell="poor") | change
    found = infer(
        poor,
        sums_of(rows_of(2, customers=50, rate=0.5), cell="rich"),
        sums_of(rows_of(3, customers=50, rate=0.5), cell="third"),
    )
    assert found.loc["poor", ["ci_lower", "ci_upper", "p_value", "fdr_p_value"]].isna().all()
    assert found.loc[["rich", "third"], ["p_value", "fdr_p_value"]].notna().all(axis=None)


def test_customers_who_all_agree_give_no_interval_of_width_zero() -> None:
    unanimous = pd.DataFrame({"customer": range(40), "yes": [True] * 40})
    found = infer(
        sums_of(unanimous, cell="all"), sums_of(rows_of(2, customers=50, rate=0.5), cell="some")
    )
    expected = proportion_confint(40, 40, method="wilson")
    assert list(found.loc["all", ["ci_lower", "ci_upper"]]) == pytest.approx(expected)
    opposed = infer(sums_of(unanimous.assign(yes=False), cell="all"))
    expected = proportion_confint(0, 40, method="wilson")
    assert list(opposed.loc["all", ["ci_lower", "ci_upper"]]) == pytest.approx(expected)
    assert found["p_value"].max() < 0.05
    both = infer(sums_of(unanimous, cell="all"), sums_of(unanimous, cell="too"))
    assert both["difference"].tolist() == [0, 0]
    assert both["p_value"].isna().all()


def test_row_order_does_not_matter() -> None:
    cells = [
        sums_of(rows_of(seed, customers=30, rate=0.5), cell=str(seed), family=str(seed % 3))
        for seed in range(12)
    ]
    pd.testing.assert_frame_equal(infer(*cells), infer(*reversed(cells)))


def test_each_of_a_thousand_cells_gets_its_row() -> None:
    rows = rows_of(1, customers=40, rate=0.5)
    cells = [sums_of(rows, cell=str(n), family=str(n // 10)) for n in range(1000)]
    assert len(infer(*cells)) == 1000
