"""Waits from life tables agree with statsmodels on one row a person, and with arithmetic."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from inference.channel_lifetimes import infer_channel_lifetimes
from inference.survival import LifeTable


def people(count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Draw when each had the event or was last seen, in whole days, and which of the two."""
    rng = np.random.default_rng(5)
    event, loss = rng.integers(1, 150, count), rng.integers(20, 250, count)
    return np.minimum(event, loss), event <= loss


def life_table(durations: np.ndarray, is_event: np.ndarray) -> LifeTable:
    times = np.unique(durations)
    at_risk = np.array([(durations >= time).sum() for time in times], dtype=float)
    events = np.array([(is_event & (durations == time)).sum() for time in times], dtype=float)
    return LifeTable(times.astype(float), at_risk, events)


def test_the_curve_and_its_median_are_those_of_the_library() -> None:
    durations, is_event = people()
    reference = SurvfuncRight(durations, is_event.astype(int))
    table = life_table(durations, is_event)
    at_events = np.isin(table.times, reference.surv_times)
    assert table.survival[at_events] == pytest.approx(reference.surv_prob)
    assert table.median() == reference.quantile(0.5)


def test_without_losses_the_restricted_mean_is_the_mean_of_what_is_cut() -> None:
    durations, _ = people()
    table = life_table(durations, np.ones(len(durations), dtype=bool))
    cut = np.minimum(durations, 60)
    mean, error = table.restricted_mean(60)
    assert mean == pytest.approx(cut.mean())
    assert error == pytest.approx(cut.std() / np.sqrt(len(cut)))


def test_the_error_of_the_restricted_mean_is_what_drawing_again_shows() -> None:
    durations, is_event = people()
    rng = np.random.default_rng(6)
    means = []
    for _ in range(300):
        again = rng.integers(0, len(durations), len(durations))
        means.append(life_table(durations[again], is_event[again]).restricted_mean(100)[0])
    _, error = life_table(durations, is_event).restricted_mean(100)
    assert error == pytest.approx(np.std(means), rel=0.15)


def test_the_mean_of_those_who_got_there_is_too_short() -> None:
    durations, is_event = people()
    mean, _ = life_table(durations, is_event).restricted_mean(140)
    assert durations[is_event].mean() < mean - 5


def test_a_median_that_was_not_reached_is_unknown() -> None:
    table = LifeTable(np.array([10.0, 20.0]), np.array([10.0, 4.0]), np.array([2.0, 0.0]))
    assert table.median() is None


def test_what_nobody_was_watched_for_is_refused() -> None:
    table = LifeTable(np.array([10.0, 20.0]), np.array([10.0, 4.0]), np.array([2.0, 0.0]))
    assert not table.is_known_until(21)
    with pytest.raises(ValueError, match="horizon=21"):
        table.restricted_mean(21)


def test_a_group_in_which_all_are_gone_is_known_to_the_end() -> None:
    tables = pd.DataFrame(
        {
            "channel_count": [1, 1, 2, 3],
            "is_ai_coordinated": [False, False, False, True],
            "duration_days": [40, 80, 100, 200],
            "at_risk_count": [4, 2, 5, 6],
            "event_count": [2, 2, 1, 0],
        }
    )
    rows = infer_channel_lifetimes(tables).to_pylist()
    assert [row["rmst_days"] for row in rows] == [60.0, None, 180.0]
    assert {row["horizon_days"] for row in rows} == {180}
    assert rows[0]["ci_lower"] < 60 < rows[0]["ci_upper"]
    assert rows[2]["ci_lower"] is None
