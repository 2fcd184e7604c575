"""The messages that still have to be sent, in order, and what each sink said of them."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from orchestration.alerts.messages import Message, text_of
from orchestration.alerts.store import LedgerError, reading, transaction


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A message that a sink has not taken yet.

    Attributes:
        number: Its place in the order of messages.
        sink: Name of the sink.
        message: The message.
        attempts: How often it was tried.
        next_attempt_at: Not to be tried before (ISO 8601, UTC); empty for at once.
        is_refused: The sink will not have it; it is kept to be looked at.
        fault: What the sink said last.
    """

    number: int
    sink: str
    message: Message
    attempts: int
    next_attempt_at: str
    is_refused: bool
    fault: str


def waiting(ledger: Path) -> list[Waiting]:
    """List what no sink has taken yet, in the order of the messages."""
    with reading(ledger) as connection:
        return _waiting(connection)


def mark_sent(ledger: Path, one: Waiting) -> None:
    """Note that a sink took a message."""
    with transaction(ledger) as connection:
        remove(connection, one.number, one.sink)


def mark_failed(
    ledger: Path, one: Waiting, *, fault: str, next_attempt_at: datetime, is_refused: bool
) -> None:
    """Note that a sink did not take a message, and when to try again."""
    with transaction(ledger) as connection:
        connection.execute(
            "update outbox set attempts = attempts + 1, fault = ?, next_attempt_at = ?, "
            "is_refused = ? where number = ? and sink = ?",
            [fault, text_of(next_attempt_at), is_refused, one.number, one.sink],
        )


def drop_sinks_but(ledger: Path, names: Iterable[str]) -> None:
    """Forget what waits for sinks that are no longer configured."""
    kept = set(names)
    for one in waiting(ledger):
        if one.sink not in kept:
            mark_sent(ledger, one)


def retry_refused(ledger: Path) -> int:
    """Have what sinks refused tried once more, in its place in the order; say how much that is."""
    with transaction(ledger) as connection:
        return connection.execute(
            "update outbox set is_refused = 0, next_attempt_at = '' where is_refused"
        ).rowcount


def drop_refused(ledger: Path) -> list[Waiting]:
    """Forget what sinks refused, and nothing else that waits; give what was forgotten."""
    with transaction(ledger) as connection:
        refused = [one for one in _waiting(connection) if one.is_refused]
        connection.execute("delete from outbox where is_refused")
        _sweep(connection)
    return refused


def new_number(connection: sqlite3.Connection) -> int:
    """Take the next number; one that was used never comes again."""
    number = connection.execute("insert into messages (content) values ('{}')").lastrowid
    if number is None:
        raise LedgerError("SQLite gave a message no number.")
    return number


def id_of(number: int, now: datetime) -> str:
    """Give a message its id."""
    return f"trustlift-{now:%Y%m%dT%H%M%S}-{number}"


def enqueue(
    connection: sqlite3.Connection, number: int, message: Message, names: Iterable[str]
) -> None:
    """Have a message sent to some sinks."""
    connection.execute(
        "update messages set content = ? where number = ?", [json.dumps(asdict(message)), number]
    )
    connection.executemany(
        "insert into outbox (number, sink) values (?, ?)", [(number, name) for name in names]
    )
    _sweep(connection)


def remove(connection: sqlite3.Connection, number: int, sink: str) -> None:
    """Let a sink's message go."""
    connection.execute("delete from outbox where number = ? and sink = ?", [number, sink])
    _sweep(connection)


def _waiting(connection: sqlite3.Connection) -> list[Waiting]:
    found = connection.execute(
        "select number, sink, content, attempts, next_attempt_at, is_refused, fault "
        "from outbox join messages using (number) order by number, sink"
    ).fetchall()
    return [
        Waiting(
            number=number,
            sink=sink,
            message=_message(content),
            attempts=attempts,
            next_attempt_at=next_attempt_at,
            is_refused=bool(is_refused),
            fault=fault,
        )
        for number, sink, content, attempts, next_attempt_at, is_refused, fault in found
    ]


def _sweep(connection: sqlite3.Connection) -> None:
    connection.execute("delete from messages where number not in (select number from outbox)")


def _message(content: str) -> Message:
    fields = json.loads(content)
    return Message(**{**fields, "findings": tuple(fields["findings"])})
