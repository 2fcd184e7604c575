"""Send what waits: in order for each sink, again later where a sink did not take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from orchestration.alerts import outbox
from orchestration.alerts.config import Sink
from orchestration.alerts.messages import text_of
from orchestration.alerts.outbox import Waiting
from orchestration.alerts.sinks import Send, SinkError

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_ASKED_WAIT = timedelta(days=1)
MOST_REFUSALS = 3
_LOCK_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What became of the messages.

    Attributes:
        sent: How many were taken, over all sinks.
        waiting: What will be tried again, and what a sink refused.
    """

    sent: int
    waiting: tuple[Waiting, ...]


def deliver(ledger: Path, sinks: Mapping[str, Sink], *, now: datetime, send: Send) -> Delivery:
    """Send every message that is due. A sink that fails is no fault of the run.

    A message is marked after it was taken: a kill in between sends it again, under the same id.

    Args:
        ledger: The file of alerts.
        sinks: Who is configured; what waits for others is forgotten.
        now: The time (UTC).
        send: Hands one message to one sink.

    Raises:
        LedgerError: The file cannot be read or written.
    """
    if not ledger.exists():
        return Delivery(sent=0, waiting=())
    sent = 0
    try:
        with FileLock(ledger.with_suffix(".lock"), timeout=_LOCK_SECONDS):
            outbox.drop_sinks_but(ledger, sinks)
            queue = outbox.waiting(ledger)
            for name, sink in sinks.items():
                mine = [one for one in queue if one.sink == name and not one.is_refused]
                sent += _deliver_in_order(ledger, sink, mine, now=now, send=send)
    except Timeout:
        # Another process is sending; the next one to come sends what it leaves.
        pass
    return Delivery(sent=sent, waiting=tuple(outbox.waiting(ledger)))


def _deliver_in_order(
    ledger: Path, sink: Sink, queue: Sequence[Waiting], *, now: datetime, send: Send
) -> int:
    sent = 0
    for one in queue:
        if one.next_attempt_at > text_of(now):
            break
        fault = _try(sink, one, send)
        if fault is None:
            outbox.mark_sent(ledger, one)
            sent += 1
            continue
        is_given_up = fault.is_refused and one.attempts + 1 >= MOST_REFUSALS
        outbox.mark_failed(
            ledger,
            one,
            fault=str(fault),
            next_attempt_at=now + _pause(one.attempts, fault.retry_after),
            is_refused=is_given_up,
        )
        if not is_given_up:
            break
    return sent


def _try(sink: Sink, one: Waiting, send: Send) -> SinkError | None:
    try:
        send(sink, one.message)
    except SinkError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever a message does to a sink, the run goes on
        return SinkError(f"failed with {type(error).__name__}", is_refused=True)
    return None


def _pause(attempts: int, asked: int | None) -> timedelta:
    backoff = min(FIRST_WAIT * float(2 ** min(attempts, 10)), LONGEST_WAIT)
    return max(backoff, min(timedelta(seconds=asked or 0), LONGEST_ASKED_WAIT))
