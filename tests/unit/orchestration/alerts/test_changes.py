from hypothesis import given
from hypothesis import strategies as st

from orchestration.alerts.changes import Change, OpenAlert, compare
from orchestration.alerts.findings import SEVERITIES, Finding
from tests.unit.orchestration.alerts.samples import finding

Open = dict[tuple[str, str], OpenAlert]


def kinds(changes: list[Change]) -> list[tuple[str, str]]:
    return [(one.kind, one.finding.subject[-2:]) for one in changes]


def test_an_alert_opens_once_and_is_over_once() -> None:
    changes, first = compare({}, [finding(21)], now="1")
    assert kinds(changes) == [("opened", "21")]
    changes, second = compare(first, [finding(21, found="0.4")], now="2")
    assert changes == []
    [alert] = second.values()
    assert (alert.since, alert.finding.found) == ("1", "0.4")
    changes, third = compare(second, [], now="3")
    assert kinds(changes) == [("recovered", "21")]
    assert changes[0].since == "1"
    assert compare(third, [], now="4") == ([], {})


def test_more_severe_is_a_change_and_milder_is_none_until_it_is_over() -> None:
    _, warned = compare({}, [finding(severity="warning")], now="1")
    changes, failed = compare(warned, [finding(severity="error")], now="2")
    assert kinds(changes) == [("escalated", "21")]
    changes, milder = compare(failed, [finding(severity="warning")], now="3")
    assert changes == []
    changes, again = compare(milder, [finding(severity="error")], now="4")
    assert changes == [], "people were told of an error and never that it was none any more"
    [over] = compare(again, [], now="5")[0]
    assert (over.kind, over.finding.severity) == ("recovered", "error")


def test_two_rules_on_one_figure_are_one_alert_of_the_severer() -> None:
    both = [finding(severity="error"), finding(severity="warning")]
    for found in (both, both[::-1]):
        [change], _ = compare({}, found, now="1")
        assert change.finding.severity == "error"


FOUND = st.lists(
    st.builds(
        finding, day=st.integers(1, 3), severity=st.sampled_from(SEVERITIES), found=st.text("ab")
    ),
    max_size=4,
)


@given(st.lists(FOUND, max_size=8))
def test_whatever_is_found_when_opening_and_recovery_alternate(runs: list[list[Finding]]) -> None:
    state: Open = {}
    told: dict[tuple[str, str], list[str]] = {}
    for number, found in enumerate([*runs, []]):
        changes, state = compare(state, found, now=str(number))
        assert state.keys() == {one.key for one in found}
        for change in changes:
            told.setdefault(change.finding.key, []).append(change.kind)
    for history in told.values():
        turns = [kind for kind in history if kind != "escalated"]
        assert turns == ["opened", "recovered"] * (len(turns) // 2)
        assert history[-1] == "recovered"
