from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from inference.theme_spikes import MIN_DAYS, MIN_TICKETS, TRAILING_DAYS, infer_theme_spikes

START = date(2026, 1, 1)


def days(tickets: list[int], exposed: int | list[int] = 1000, theme: str = "noisy") -> pd.DataFrame:
    frame = pd.DataFrame({"ticket_count": tickets, "exposed_count": exposed})
    dates = [START + timedelta(days=number) for number in range(len(frame))]
    return frame.assign(theme=theme, feature_id="f", activity_date=dates)


def last(frame: pd.DataFrame) -> dict[str, Any]:
    return dict(infer_theme_spikes(frame).to_pylist()[-1])


def test_a_level_series_is_predicted_as_gamma_and_poisson_say() -> None:
    """Where days differ by chance only, what is not known is the rate, by how often it was seen."""
    trailing = [2, 3] * (TRAILING_DAYS // 2)
    row = last(days([*trailing, 9]))
    assert row["expected_ticket_count"] == pytest.approx((sum(trailing) + 0.5) / TRAILING_DAYS)
    known = stats.nbinom.sf(8, sum(trailing) + 0.5, TRAILING_DAYS / (TRAILING_DAYS + 1))
    assert row["p_value"] == pytest.approx(known)
    assert row["is_spike"] is False
    assert last(days([*trailing, 12]))["is_spike"] is True


def test_more_customers_are_no_spike() -> None:
    trailing = [2, 3] * (TRAILING_DAYS // 2)
    grown = last(days([*trailing, 12], [1000] * TRAILING_DAYS + [5000]))
    assert grown["is_spike"] is False
    assert grown["expected_ticket_count"] == pytest.approx(5 * (140 + 0.5) / TRAILING_DAYS)


def test_days_that_differ_anyway_need_more() -> None:
    uneven = [0, 0, 0, 10] * (TRAILING_DAYS // 4)
    assert last(days([*uneven, 12]))["is_spike"] is False


def test_few_tickets_are_never_a_spike_and_none_before_is_no_proof() -> None:
    nothing = [0] * TRAILING_DAYS
    assert last(days([*nothing, MIN_TICKETS - 1]))["is_spike"] is False
    assert last(days([*nothing, MIN_TICKETS]))["is_spike"] is True
    assert last(days([*nothing, 1]))["p_value"] > 0.001


def test_too_young_or_not_exposed_is_null() -> None:
    young = infer_theme_spikes(days([1] * MIN_DAYS + [20])).to_pylist()
    assert [row["is_spike"] for row in young[:MIN_DAYS]] == [None] * MIN_DAYS
    assert young[-1]["is_spike"] is True
    unexposed = last(days([1] * 40 + [20], [1000] * 40 + [0]))
    assert (unexposed["expected_ticket_count"], unexposed["p_value"]) == (None, None)
    assert unexposed["is_spike"] is None
    late = last(days([0] * 60 + [20], [0] * 40 + [1000] * 21))
    assert late["is_spike"] is None


def test_only_the_trailing_days_of_the_same_series_count() -> None:
    old = [50] * 30
    frame = days([*old, *([2, 3] * (TRAILING_DAYS // 2)), 12])
    assert last(frame)["is_spike"] is True
    # Another theme's tickets, just before in the order of rows, are not this one's past.
    both = pd.concat([days([500] * 80, theme="invasive"), frame])
    table = infer_theme_spikes(both.sample(frac=1, random_state=3))
    assert table.to_pylist()[-1] == last(frame)


@pytest.mark.parametrize(("mean", "spread"), [(0.05, 0.0), (1.0, 0.0), (4.0, 0.0), (4.0, 0.5)])
def test_a_level_series_cries_wolf_on_fewer_than_a_day_in_300(mean: float, spread: float) -> None:
    rng = np.random.default_rng(11)
    rate = rng.gamma(1 / spread, spread * mean, (40, 400)) if spread else np.full((40, 400), mean)
    frame = pd.concat(
        days(row.tolist(), theme=str(number)) for number, row in enumerate(rng.poisson(rate))
    )
    found = infer_theme_spikes(frame)["is_spike"].to_pandas().dropna()
    assert len(found) > 14_000
    assert found.mean() < 1 / 300


def test_no_rows_make_an_empty_table() -> None:
    assert infer_theme_spikes(days([])).num_rows == 0
