from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from orchestration.alerts import outbox
from orchestration.alerts.config import Sink, sink_name
from orchestration.alerts.delivery import MOST_REFUSALS, Delivery, deliver
from orchestration.alerts.ledger import observe
from orchestration.alerts.messages import Message
from orchestration.alerts.outbox import drop_refused, retry_refused, waiting
from orchestration.alerts.sinks import SinkError
from tests.unit.orchestration.alerts.samples import NOW, alerts, finding

SINKS: Mapping[str, Sink] = alerts(
    {"kind": "webhook", "name": "first", "url_env": "A"},
    {"kind": "webhook", "name": "second", "url_env": "B"},
).by_name


class Sender:
    """Takes messages, or fails as told by sink and then by message."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.tried: list[str] = []
        self.faults: dict[str, Exception] = {}

    def __call__(self, sink: Sink, message: Message) -> None:
        name = sink_name(sink)
        self.tried.append(message.message_id)
        for key in (name, message.group):
            if key in self.faults:
                raise self.faults[key]
        self.taken.append((name, message.group))


@pytest.fixture
def send() -> Sender:
    return Sender()


@pytest.fixture
def filled(book: Path) -> Path:
    """Three messages for each of two sinks."""
    for group in "abc":
        observe(book, group, [finding(group=group)], sinks=SINKS, now=NOW)
    return book


def carry(book: Path, send: Sender, *, minutes: float = 0) -> Delivery:
    return deliver(book, SINKS, now=NOW + timedelta(minutes=minutes), send=send)


def test_every_sink_gets_every_message_once_and_in_order(filled: Path, send: Sender) -> None:
    delivery = carry(filled, send)
    assert (delivery.sent, delivery.waiting) == (6, ())
    assert [group for name, group in send.taken if name == "first"] == ["a", "b", "c"]
    assert carry(filled, send, minutes=99).sent == 0
    assert len(send.taken) == 6


def test_a_sink_that_is_down_loses_nothing_and_holds_up_nobody(filled: Path, send: Sender) -> None:
    send.faults = {"first": SinkError("cannot be reached")}
    delivery = carry(filled, send)
    assert [name for name, _ in send.taken] == ["second"] * 3
    assert {(one.sink, one.message.group) for one in delivery.waiting} == {
        ("first", group) for group in "abc"
    }
    assert delivery.waiting[0].fault == "cannot be reached"
    assert len(send.tried) == 4, "a sink that is down is tried once, not once a message"
    send.faults.clear()
    assert carry(filled, send, minutes=0.9).sent == 0, "not before its time"
    assert carry(filled, send, minutes=1).sent == 3
    assert [group for name, group in send.taken if name == "first"] == ["a", "b", "c"]


def test_it_is_tried_again_for_ever_less_and_less_often(filled: Path, send: Sender) -> None:
    send.faults = {"first": SinkError("cannot be reached")}
    pauses, now = [], NOW
    for _ in range(9):
        [head, *_] = deliver(filled, SINKS, now=now, send=send).waiting
        due = datetime.fromisoformat(head.next_attempt_at)
        pauses.append((due - now) // timedelta(minutes=1))
        now = due
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    send.faults.clear()
    assert carry(filled, send, minutes=60 * 25).waiting == ()


def test_a_sink_that_asks_to_wait_is_waited_for_but_not_without_end(
    filled: Path, send: Sender
) -> None:
    send.faults = {"first": SinkError("answered HTTP 429", retry_after=600)}
    carry(filled, send)
    send.faults = {"first": SinkError("answered HTTP 429", retry_after=10**9)}
    tried = len(send.tried)
    carry(filled, send, minutes=9)
    assert len(send.tried) == tried
    carry(filled, send, minutes=10)
    assert len(send.tried) == tried + 1
    send.faults.clear()
    assert carry(filled, send, minutes=10 + 24 * 60).waiting == ()


@pytest.mark.parametrize(
    "fault", [SinkError("answered HTTP 400", is_refused=True), ValueError("bad text")]
)
def test_what_a_sink_refuses_is_set_aside_and_kept(
    fault: Exception, filled: Path, send: Sender
) -> None:
    send.faults = {"a": fault}
    for attempt in range(MOST_REFUSALS):
        assert [group for _, group in send.taken] == []
        delivery = carry(filled, send, minutes=60 * attempt)
    assert [group for name, group in send.taken if name == "first"] == ["b", "c"]
    assert [(one.message.group, one.is_refused) for one in delivery.waiting] == [("a", True)] * 2
    assert "bad text" not in delivery.waiting[0].fault, "an unknown error may quote a secret"
    tried = len(send.tried)
    assert carry(filled, send, minutes=10_000).sent == 0
    assert len(send.tried) == tried


def test_what_was_refused_is_sent_in_its_place_once_somebody_asks(
    filled: Path, send: Sender
) -> None:
    send.faults = {"a": SinkError("answered HTTP 400", is_refused=True)}
    for attempt in range(MOST_REFUSALS):
        carry(filled, send, minutes=60 * attempt)
    taken = list(send.taken)
    assert retry_refused(filled) == 2
    assert [one.is_refused for one in carry(filled, send, minutes=300).waiting] == [True, True]
    assert retry_refused(filled) == 2
    send.faults.clear()
    delivery = carry(filled, send, minutes=300)
    assert (delivery.sent, delivery.waiting) == (2, ())
    assert send.taken == [*taken, ("first", "a"), ("second", "a")]
    assert retry_refused(filled) == 0
    assert carry(filled, send, minutes=10_000).sent == 0


def test_only_what_was_refused_is_dropped(filled: Path, send: Sender) -> None:
    refused = SinkError("answered HTTP 400", is_refused=True)
    send.faults = {"a": refused, "c": SinkError("cannot be reached")}
    for attempt in range(MOST_REFUSALS):
        carry(filled, send, minutes=60 * attempt)
    assert [one.message.group for one in drop_refused(filled)] == ["a", "a"]
    send.faults.clear()
    assert carry(filled, send, minutes=10_000).waiting == ()
    assert [group for _, group in send.taken] == ["b", "b", "c", "c"]
    assert drop_refused(filled) == []


def test_a_kill_after_sending_repeats_the_message_under_its_own_id(
    filled: Path, send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "mark_sent", killed)
        with pytest.raises(KeyboardInterrupt):
            carry(filled, send)
    assert carry(filled, send).waiting == ()
    assert send.tried[0] == send.tried[1]
    assert len(set(send.tried)) == 3
    assert len(send.taken) == 7


def test_what_waits_for_a_sink_that_was_removed_is_forgotten(filled: Path, send: Sender) -> None:
    only = {"second": SINKS["second"]}
    assert deliver(filled, only, now=NOW, send=send).waiting == ()
    assert {name for name, _ in send.taken} == {"second"}
    assert waiting(filled) == []


def test_without_any_alert_nothing_is_written(book: Path, send: Sender) -> None:
    assert carry(book, send).sent == 0
    assert not book.parent.exists()
