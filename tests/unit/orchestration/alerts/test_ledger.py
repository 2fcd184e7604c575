import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from orchestration.alerts import ledger
from orchestration.alerts.config import Alerts
from orchestration.alerts.findings import Finding
from orchestration.alerts.ledger import beat, observe, open_alerts
from orchestration.alerts.outbox import mark_sent, waiting
from orchestration.alerts.store import LedgerError
from tests.unit.orchestration.alerts.samples import NOW, alerts, finding

BOTH = alerts(
    {"kind": "webhook", "url_env": "URL"},
    {"kind": "webhook", "name": "errors", "url_env": "URL", "min_severity": "error"},
)


def see(book: Path, *found: Finding, scope: str = "batches", to: Alerts = BOTH) -> None:
    observe(book, scope, found, sinks=to.by_name, now=NOW)


def queue(book: Path) -> list[tuple[str, str]]:
    return [(one.sink, one.message.kind) for one in waiting(book)]


def test_before_the_first_run_nothing_is_open_and_nothing_is_written(book: Path) -> None:
    assert open_alerts(book) == []
    assert waiting(book) == []
    assert not book.exists()


def test_the_same_state_is_told_once_to_each_sink_that_wants_it(book: Path) -> None:
    for _ in range(3):
        see(book, finding())
    assert queue(book) == [("errors", "opened"), ("webhook", "opened")]
    for _ in range(3):
        see(book)
    assert queue(book)[2:] == [("errors", "recovered"), ("webhook", "recovered")]
    assert open_alerts(book) == []
    identities = {one.message.message_id for one in waiting(book)}
    assert len(identities) == 2, "one id a message, whatever the sink"


def test_a_sink_hears_only_of_what_is_severe_enough(book: Path) -> None:
    see(book, finding(severity="warning"))
    assert queue(book) == [("webhook", "opened")]
    see(book, finding(severity="error"))
    assert queue(book)[1:] == [("errors", "escalated"), ("webhook", "escalated")]


def test_what_was_not_looked_at_stays_open(book: Path) -> None:
    see(book, finding(), scope="batches")
    see(book, scope="marts")
    assert len(open_alerts(book)) == 1
    see(book, finding(), scope="marts")
    see(book, scope="batches")
    assert [one.finding for one in open_alerts(book)] == [finding()]


def test_the_most_severe_is_listed_first_and_then_the_oldest(book: Path) -> None:
    warning = finding(1, severity="warning")
    seen = [(warning, 0), (finding(3), 2), (finding(2), 3), (finding(4), 1)]
    for one, hours in seen:
        observe(book, one.subject, [one], sinks={}, now=NOW + timedelta(hours=hours))
    listed = [one.finding for one in open_alerts(book)]
    assert listed == [finding(4), finding(3), finding(2), warning]


def test_alerts_are_kept_also_when_nobody_is_told(book: Path) -> None:
    see(book, finding(), to=alerts())
    assert len(open_alerts(book)) == 1
    assert waiting(book) == []


def test_a_kill_in_between_leaves_neither_state_nor_message(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(book, finding(1))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "enqueue", killed)
        with pytest.raises(KeyboardInterrupt):
            see(book, finding(2))
    assert [one.finding for one in open_alerts(book)] == [finding(1)]
    assert [kind for _, kind in queue(book)] == ["opened"] * 2
    see(book, finding(2))
    assert [kind for _, kind in queue(book)] == ["opened"] * 2 + ["opened", "opened"] + [
        "recovered"
    ] * 2


def test_a_number_never_comes_again(book: Path) -> None:
    see(book, finding(), to=alerts())
    see(book)
    see(book, finding())
    assert {one.number for one in waiting(book)} == {2, 3}, "the first was wanted by nobody"


def test_a_damaged_file_is_named_with_what_to_do(book: Path) -> None:
    book.parent.mkdir()
    book.write_bytes(b"no database" * 100)
    with pytest.raises(LedgerError, match=r"ledger\.sqlite cannot be used .* move it aside"):
        see(book, finding())
    with pytest.raises(LedgerError):
        waiting(book)


def test_another_process_may_read_while_one_writes(book: Path) -> None:
    see(book, finding())
    with sqlite3.connect(book, isolation_level=None) as writer:
        writer.execute("begin immediate")
        assert len(open_alerts(book)) == 1
        writer.execute("rollback")


def test_a_heartbeat_reaches_a_ping_each_time_and_people_once_a_day(book: Path) -> None:
    sinks = alerts(
        {"kind": "ping", "url_env": "PING"},
        {"kind": "webhook", "url_env": "URL", "heartbeat": True},
        {"kind": "webhook", "name": "silent", "url_env": "URL"},
    ).by_name
    sent = []
    for hours in (0, 1, 23, 24, 25):
        beat(book, "Published.", sinks=sinks, now=NOW + timedelta(hours=hours))
        sent.append([one.sink for one in waiting(book)])
        for one in waiting(book):
            mark_sent(book, one)
    assert sent == [["ping", "webhook"], ["ping"], ["ping"], ["ping", "webhook"], ["ping"]]


def test_a_heartbeat_that_was_not_taken_is_replaced(book: Path) -> None:
    sinks = alerts({"kind": "ping", "url_env": "PING"}).by_name
    for hours in range(3):
        beat(book, f"number {hours}", sinks=sinks, now=NOW + timedelta(hours=hours))
    assert [one.message.text for one in waiting(book)] == ["number 2"]
    see(book, finding())
    assert len(waiting(book)) == 3
