"""A row says why: figure, limit, metric and experiment, and what comes next and when."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.unit.verdicts.stories import MONDAY, NEUTRAL, POLICY, WORKS, judged, week
from verdicts.rows import WEEKLY, rows_of
from verdicts.weeks import Week

TO_FIX = ("4*good", "bad", "bad")
RECOVERED = (*TO_FIX, "bad+fix", "3*good")
TO_SCALE = ("4*good", "2*good+works")


def row(*kinds: str | Week) -> dict[str, object]:
    return list(rows_of("insights", judged(*kinds), policy=POLICY))[-1]


@pytest.mark.parametrize(
    ("story", "sentence"),
    [
        (("8*unused",), "low engagement 8 weeks running (limit 4), 8 weeks old, 4,000 customers"),
        (TO_FIX, "low trust 2 weeks running (limit 2)"),
        (("4*good", "2*good+harm"), "harm in savings_rate of experiment e1"),
        (("good+alarm",), "always-valid harm in conversion_rate_7d of experiment e1"),
        (("good+incident",), "reportable incidents: 1 (limit 0)"),
        ((*TO_FIX, "6*bad"), "the fix clock ran out without recovery; no fix was released"),
        ((*TO_FIX, "bad+fix", "3*good"), "high trust 3 weeks running after the fix (needs 3)"),
        (("4*good", "2*good+works"), "works, with engagement and trust high, 2 weeks running"),
        (
            ("4*good", "2*good+works", "3*good"),
            "has not qualified 3 weeks running (limit 3): outcome",
        ),
        (("26*good+neutral",), "no_value: watched 26 weeks (limit 26)"),
        (("8*unused", "pivot"), "its one registered pivot was released"),
        ((*TO_FIX, "6*bad", "version"), "a new version was released"),
        ((*TO_FIX, "6*bad", "override"), "an override was signed"),
        (
            (*TO_FIX, "2*bad", "bad+fix", "3*good", "2*bad"),
            "it relapsed with no time left on the fix clock",
        ),
        (("good",), "1 week in watch"),
        (("good", "blocked"), "1 week in watch, 1 running without data: counters wait"),
    ],
)
def test_every_transition_says_what_moved_it(story: tuple[str, ...], sentence: str) -> None:
    assert sentence in str(row(*story)["reasons"])


def test_reasons_name_figures_and_limits() -> None:
    reasons = str(row(*TO_FIX)["reasons"])
    assert "engagement high: weekly active 30 % (28.03–32.05 %), low below 5 %" in reasons
    assert "trust low: weekly opt-outs 5.1 % (4.77–5.45 %), limit 0.75 %" in reasons
    works = str(row("4*good", "2*good+works")["reasons"])
    assert "outcome works: account_retention of e1 +0.05 (+0.02 to +0.08), minimum 0.03" in works
    assert "outcome unknown: no experiment" in reasons
    assert "outcome unknown: its experiment is too_early" in str(row("good+alarm")["reasons"])


@pytest.mark.parametrize(
    ("story", "step", "day"),
    [
        (("good",), "a decision is due then", date(2026, 3, 30)),
        (("12*good",), "take it down; removed then if neutral with power", date(2026, 7, 6)),
        (("good+works",), "due then; qualifies 1 of 2 weeks for scale", date(2026, 3, 30)),
        (("4*good", "bad"), "due then; distrusted 1 of 2 weeks for fix", date(2026, 3, 30)),
        (("29*good", "bad"), "take it down; distrusted 1 of 2 weeks for fix", None),
        (("30*good",), "a decision is due: expand it", None),
        (TO_FIX, "ship a fix by 2026-03-02; sunset then without recovery", date(2026, 3, 30)),
        ((*TO_FIX, "bad"), "ship a fix by 2026-03-02", date(2026, 3, 30)),
        ((*TO_FIX, "2*bad"), "a fix was due by 2026-03-02; sunset then", date(2026, 3, 30)),
        ((*TO_FIX, "bad+fix", "good"), "3 weeks of high trust on exposure", date(2026, 3, 30)),
        (("4*good", "2*good+works"), "watched again after 3 weeks", None),
        (("8*unused",), "one registered pivot brings it back", date(2026, 4, 27)),
        (("8*unused", "8*plain"), "the time for a pivot is over", None),
        (("8*unused", "pivot", "7*unused"), "its one pivot is spent", None),
        ((*TO_FIX, "6*bad"), "until a new feature_version is released", None),
    ],
)
def test_a_row_says_what_comes_next_and_when(
    story: tuple[str, ...], step: str, day: date | None
) -> None:
    told = row(*story)
    assert step in str(told["next_step"])
    assert told["next_step_date"] == day


def test_a_decision_is_due_after_twelve_weeks() -> None:
    assert not row("11*good")["is_decision_due"]
    assert row("12*good")["is_decision_due"]
    assert row("4*good", "2*good+works", "14*good+works")["is_decision_due"] is False


def test_a_verdict_is_stale_after_three_weeks_without_data() -> None:
    assert not row("good", "2*blocked")["is_stale"]
    assert row("good", "3*blocked")["is_stale"]


def test_a_row_has_every_column_and_the_counters_that_moved_it() -> None:
    told = row(*TO_FIX)
    assert set(told) == set(WEEKLY.names)
    assert told["distrust_weeks"] == 2
    assert told["clock_weeks_left"] == 6
    assert row(*TO_FIX, "6*bad")["clock_weeks_left"] == 0
    assert told["week_start_date"] == MONDAY.replace(month=2, day=9)


@pytest.mark.parametrize(
    ("story", "because"),
    [
        (("3*good",), "its first week"),
        ((*TO_FIX, "3*bad"), "low trust 2 weeks running (limit 2)"),
        (
            ("good+incident", "2*good+incident"),
            "it must be paused at once; reportable incidents: 1",
        ),
        ((*TO_FIX, "9*bad"), "the fix clock ran out without recovery; no fix was released"),
        ((*TO_FIX, "bad+fix", "9*good"), "high trust 3 weeks running after the fix"),
    ],
)
def test_later_weeks_repeat_what_brought_the_feature_there(
    story: tuple[str, ...], because: str
) -> None:
    assert str(row(*story)["entered_because"]).startswith(because)


@pytest.mark.parametrize(
    ("story", "sentences"),
    [
        (
            (*RECOVERED, "2*good", "2*bad"),
            (
                "low trust 2 weeks running (limit 2)",
                "relapse: 2 weeks were left when it recovered in the week of 2026-03-09",
            ),
        ),
        (
            (*RECOVERED, "good+incident"),
            (
                "it must be paused at once",
                "relapse: 2 weeks were left when it recovered in the week of 2026-03-09",
                "reportable incidents: 1 (limit 0)",
            ),
        ),
        (
            (*TO_FIX, "2*bad", "bad+fix", "3*good", "2*bad"),
            (
                "it relapsed with no time left on the fix clock",
                "low trust 2 weeks running (limit 2)",
                "relapse: 0 weeks were left when it recovered in the week of 2026-03-23",
            ),
        ),
        (
            (*RECOVERED, "13*good", "2*bad", "bad+fix", "16*good", "2*bad"),
            ("it would be fix 3, of 2 it may have", "low trust 2 weeks running (limit 2)"),
        ),
        (
            (*RECOVERED, "13*good", "2*bad", "bad+fix", "16*good", "good+incident"),
            ("it would be fix 3, of 2 it may have", "reportable incidents: 1 (limit 0)"),
        ),
    ],
)
def test_a_relapse_and_a_last_fix_say_what_they_rest_on(
    story: tuple[str, ...], sentences: tuple[str, ...]
) -> None:
    told = row(*story)
    assert told["entered_because"] == "; ".join(sentences)
    assert str(told["reasons"]).startswith("; ".join(sentences))


def test_a_fix_long_after_the_last_is_no_relapse() -> None:
    assert "relapse" not in str(row(*RECOVERED, "13*good", "2*bad")["reasons"])


def test_what_is_paused_is_not_to_be_paused_at_once() -> None:
    assert "it must be paused at once" in str(row(*TO_FIX, "bad+incident")["reasons"])
    paused = str(row(*TO_FIX, "2*bad+incident")["reasons"])
    assert paused.startswith("it stays paused; reportable incidents: 1")


@pytest.mark.parametrize(
    ("kind", "axes"),
    [
        ("good", "outcome unknown"),
        ("good+neutral", "outcome neutral"),
        ("trusted+works", "engagement unclear"),
        ("used+works", "trust unclear"),
    ],
)
def test_what_is_no_longer_scaled_says_on_which_axis(kind: str, axes: str) -> None:
    told = next(
        one
        for one in rows_of("insights", judged(*TO_SCALE, f"9*{kind}"), policy=POLICY)
        if one["rule"] == "no_longer_qualified"
    )
    assert str(told["entered_because"]).endswith(f"running (limit 3): {axes}")


def test_a_short_experiment_is_the_axis_that_fails() -> None:
    young = week(weekly_active_count=600, opt_out_count=8, readout=replace(WORKS, runtime_days=27))
    told = row(*TO_SCALE, young, young, young)
    assert str(told["entered_because"]).endswith("(limit 3): outcome younger than 28 days")


def test_the_outcome_of_the_product_before_is_told_as_such() -> None:
    before = replace(NEUTRAL, began=MONDAY - timedelta(weeks=1))
    told = row("8*unused", "pivot", week(readout=before))
    assert "minimum 0.03, of the product before, day 35" in str(told["reasons"])
