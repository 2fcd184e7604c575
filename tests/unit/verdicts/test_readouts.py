"""What several experiments of a feature come to, week by week."""

from datetime import date, timedelta
from typing import Any

from verdicts.readouts import readouts_of

MONDAY = date(2026, 1, 5)


def told(experiment: str, week: int, **changes: Any) -> dict[str, Any]:
    return {
        "experiment_id": experiment,
        "feature_id": "insights",
        "week_start_date": MONDAY + timedelta(weeks=week),
        "kind": "test",
        "readout_status": "ok",
        "conclusion": "neutral",
        "is_neutral_with_power": True,
        "has_always_valid_harm": False,
        "harm_metric": None,
        "runtime_days": 28,
        "is_running": True,
        "absolute_lift": 0.01,
        "lift_ci_lower": -0.01,
        "lift_ci_upper": 0.03,
        "minimum_effect": 0.05,
        "metric_name": "savings_rate",
        **changes,
    }


def test_the_outcome_is_that_of_the_experiment_begun_last() -> None:
    rows = [told("a", 0), told("a", 1), told("b", 1, conclusion="works")]
    by_week = readouts_of(rows)["insights"].by_week
    assert [readout.conclusion for readout in by_week.values()] == ["neutral", "works"]
    assert by_week[MONDAY + timedelta(weeks=1)].experiment_id == "b"
    assert [readout.began for readout in by_week.values()] == [MONDAY, MONDAY + timedelta(weeks=1)]


def test_an_experiment_that_may_not_be_read_yet_leaves_the_former_outcome() -> None:
    early = told("b", 1, conclusion=None, readout_status="too_early")
    readout = readouts_of([told("a", 0), told("a", 1), early])["insights"].by_week
    assert readout[MONDAY + timedelta(weeks=1)].experiment_id == "a"


def test_where_none_may_be_read_its_status_is_told() -> None:
    early = told("b", 0, conclusion=None, readout_status="too_early")
    readout = readouts_of([early])["insights"].by_week[MONDAY]
    assert (readout.conclusion, readout.status, readout.runtime_days) == (None, "too_early", 28)


def test_harm_counts_while_the_experiment_runs() -> None:
    harmful = told("a", 0, conclusion="harm", has_always_valid_harm=True, harm_metric="conversion")
    readout = readouts_of([harmful])["insights"].by_week[MONDAY]
    assert (readout.has_harm, readout.has_always_valid_harm) == (True, True)
    assert (readout.harm_experiment_id, readout.harm_metric) == ("a", "conversion")
    ended = readouts_of([harmful | {"is_running": False}])["insights"].by_week[MONDAY]
    assert (ended.conclusion, ended.has_harm, ended.has_always_valid_harm) == ("harm", False, False)


def test_harm_of_an_older_running_experiment_counts_beside_a_newer_one() -> None:
    rows = [told("a", 0, conclusion="harm"), told("a", 1, conclusion="harm"), told("b", 1)]
    readout = readouts_of(rows)["insights"].by_week[MONDAY + timedelta(weeks=1)]
    assert (readout.conclusion, readout.has_harm) == ("neutral", True)
    assert (readout.harm_experiment_id, readout.harm_metric) == ("a", "savings_rate")


def test_registered_fixes_and_pivots_count_from_their_first_week() -> None:
    rows = [told("f", week, kind="fix") for week in (2, 3)] + [told("p", 5, kind="pivot")]
    found = readouts_of(rows)["insights"]
    assert found.fixes == {MONDAY + timedelta(weeks=2)}
    assert found.pivots == {MONDAY + timedelta(weeks=5)}


def test_order_does_not_matter() -> None:
    rows = [told("a", 0), told("b", 0, conclusion="works"), told("a", 1), told("b", 1)]
    assert readouts_of(rows) == readouts_of(rows[::-1])
