from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from inference.satisfaction_drivers import DRIVERS, MIN_CUSTOMERS, infer_satisfaction_drivers

WEIGHTS = np.array([0.6, 0.3, 0.1, 0.0])


def surveys(
    customers: int, each: int = 1, *, seed: int = 1, shared_error: float = 0.0
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    count = customers * each
    person = np.repeat(np.arange(customers), each)
    drivers = rng.normal(0, 1, (count, 4))
    error = rng.normal(0, 1, count) + shared_error * rng.normal(0, 1, customers)[person]
    frame: pd.DataFrame = pd.DataFrame(drivers, columns=list(DRIVERS))
    frame["satisfaction"] = drivers @ WEIGHTS + error
    frame["customer_id"] = person
    return frame


def coefficients(frame: pd.DataFrame) -> pd.DataFrame:
    found: pd.DataFrame = infer_satisfaction_drivers(frame).to_pandas()
    return found.set_index("driver")


def test_one_driver_gives_its_correlation() -> None:
    frame = surveys(400)
    frame["satisfaction"] = frame["needs_met"] + np.random.default_rng(2).normal(0, 1, 400)
    centred = frame[[*DRIVERS, "satisfaction"]] - frame[[*DRIVERS, "satisfaction"]].mean()
    standard = centred / centred.std()
    expected = np.linalg.solve(
        standard[list(DRIVERS)].T @ standard[list(DRIVERS)],
        standard[list(DRIVERS)].T @ standard["satisfaction"],
    )
    found = coefficients(frame)
    np.testing.assert_allclose(found["coefficient"], expected, rtol=1e-9)
    assert found["coefficient"].abs().idxmax() == "needs_met"
    assert found["ci_lower"].to_dict()["needs_met"] > 0.5


def test_units_do_not_matter() -> None:
    frame = surveys(200)
    scaled = frame.assign(satisfaction=frame["satisfaction"] * 7 + 3, ease=frame["ease"] / 100)
    pd.testing.assert_frame_equal(coefficients(frame), coefficients(scaled))


def test_intervals_hold_as_often_as_they_say_when_customers_answer_several_times() -> None:
    """Errors that take surveys of one customer for independent would hold much less often."""
    rng = np.random.default_rng(5)
    hits = []
    for seed in range(300):
        frame = surveys(60, 6, seed=seed, shared_error=1.5)
        # A driver that does not change from survey to survey: all its news is one per customer.
        frame["trust"] = np.repeat(rng.normal(0, 1, 60), 6)
        frame["satisfaction"] += 0.3 * frame["trust"]
        whole = frame[[*DRIVERS, "satisfaction"]]
        true = (0.3 * whole["trust"].std()) / whole["satisfaction"].std()
        row = coefficients(frame).loc["trust"]
        hits.append(row["ci_lower"] <= true <= row["ci_upper"])
    assert 0.90 <= np.mean(hits) <= 0.98


@pytest.mark.parametrize("fault", ["few", "constant", "collinear"])
def test_what_can_not_be_said_is_null(fault: str) -> None:
    frame = surveys(MIN_CUSTOMERS - 1 if fault == "few" else 100)
    if fault == "constant":
        frame["ease"] = 0.5
    if fault == "collinear":
        frame["ease"] = 1 - frame["trust"]
    table = infer_satisfaction_drivers(frame)
    assert table["driver"].to_pylist() == list(DRIVERS)
    assert table["coefficient"].null_count == table["p_value"].null_count == len(DRIVERS)
    assert set(table["survey_count"].to_pylist()) == {len(frame)}


def test_many_surveys_of_few_customers_are_few_customers() -> None:
    table = infer_satisfaction_drivers(surveys(MIN_CUSTOMERS - 1, 10))
    assert table["coefficient"].null_count == len(DRIVERS)


def test_the_order_of_surveys_does_not_matter() -> None:
    frame = surveys(80, 3)
    shuffled = frame.sample(frac=1, random_state=4)
    assert infer_satisfaction_drivers(frame) == infer_satisfaction_drivers(shuffled)
