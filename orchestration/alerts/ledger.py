"""Remember which alerts are open and which messages still have to be sent.

Both are in one SQLite file, because they change together: a process killed at any moment leaves
either neither or both, so that nothing is told twice and nothing is forgotten.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from orchestration.alerts.changes import Key, OpenAlert, compare
from orchestration.alerts.config import PingSink, Sink
from orchestration.alerts.findings import Finding, is_at_least
from orchestration.alerts.messages import Message, gather, write

BETWEEN_HEARTBEATS = timedelta(hours=24)
_BUSY_SECONDS = 30.0
_TABLES = """
create table if not exists open_alerts (
    scope text not null,
    condition text not null,
    subject text not null,
    since text not null,
    finding text not null,
    primary key (scope, condition, subject)
);
create table if not exists messages (
    number integer primary key autoincrement,
    content text not null
);
create table if not exists outbox (
    number integer not null references messages (number),
    sink text not null,
    attempts integer not null default 0,
    next_attempt_at text not null default '',
    is_refused integer not null default 0,
    fault text not null default '',
    primary key (sink, number)
);
create table if not exists heartbeats (
    sink text primary key,
    told_at text not null
);
"""


class LedgerError(Exception):
    """The file of alerts cannot be read or written; the message says what to do."""


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


def observe(
    ledger: Path,
    scope: str,
    findings: Iterable[Finding],
    *,
    sinks: Mapping[str, Sink],
    now: datetime,
) -> None:
    """Take all that is wrong in a scope now: open, escalate and close alerts accordingly.

    Args:
        ledger: The file.
        scope: What was looked at as a whole, such as one gate; alerts of others stay as they are.
        findings: All that was found there.
        sinks: Who may be told, by name.
        now: When it was found (UTC).

    Raises:
        LedgerError: The file cannot be read or written.
    """
    at = text_of(now)
    with _transaction(ledger) as connection:
        before = _open_in(connection, scope)
        changes, after = compare(before, findings, now=at)
        connection.execute("delete from open_alerts where scope = ?", [scope])
        connection.executemany(
            "insert into open_alerts values (?, ?, ?, ?, ?)",
            [
                (scope, *key, alert.since, json.dumps(asdict(alert.finding)))
                for key, alert in after.items()
            ],
        )
        for together in gather(changes):
            number = _new_number(connection)
            message = write(together, message_id=_id_of(number, now), at=at)
            wanting = [name for name, sink in sinks.items() if _wants(sink, message)]
            _enqueue(connection, number, message, wanting)


def beat(ledger: Path, text: str, *, sinks: Mapping[str, Sink], now: datetime) -> None:
    """Tell that a run succeeded: each `ping` at once, the others that want it once a day.

    A heartbeat that still waits is replaced: an old one says nothing.

    Args:
        ledger: The file.
        text: What to say.
        sinks: Who may be told, by name.
        now: When the run ended (UTC).

    Raises:
        LedgerError: The file cannot be read or written.
    """
    with _transaction(ledger) as connection:
        told = dict(connection.execute("select sink, told_at from heartbeats").fetchall())
        due = [
            name
            for name, sink in sinks.items()
            if sink.heartbeat
            and (isinstance(sink, PingSink) or _is_due(told.get(name, ""), now=now))
        ]
        if not due:
            return
        for number, sink, content in connection.execute(
            "select outbox.number, sink, content from outbox join messages using (number)"
        ).fetchall():
            if sink in due and json.loads(content)["kind"] == "heartbeat":
                _remove(connection, number, sink)
        number = _new_number(connection)
        message = Message(
            message_id=_id_of(number, now),
            at=text_of(now),
            kind="heartbeat",
            severity="warning",
            title="OK: trustlift published",
            text=text,
        )
        _enqueue(connection, number, message, due)
        connection.executemany(
            "insert or replace into heartbeats values (?, ?)",
            [(name, text_of(now)) for name in due],
        )


def open_alerts(ledger: Path) -> list[OpenAlert]:
    """List what is open, the oldest first; nothing before the first run."""
    with _reading(ledger) as connection:
        found = connection.execute(
            "select finding, since from open_alerts order by since, condition, subject"
        ).fetchall()
    return [_alert(finding, since) for finding, since in found]


def waiting(ledger: Path) -> list[Waiting]:
    """List what no sink has taken yet, in the order of the messages."""
    with _reading(ledger) as connection:
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


def mark_sent(ledger: Path, one: Waiting) -> None:
    """Note that a sink took a message."""
    with _transaction(ledger) as connection:
        _remove(connection, one.number, one.sink)


def mark_failed(
    ledger: Path, one: Waiting, *, fault: str, next_attempt_at: datetime, is_refused: bool
) -> None:
    """Note that a sink did not take a message, and when to try again."""
    with _transaction(ledger) as connection:
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


def text_of(moment: datetime) -> str:
    """Write a moment so that its text sorts as it does."""
    return moment.isoformat(timespec="seconds")


def _wants(sink: Sink, message: Message) -> bool:
    return not isinstance(sink, PingSink) and is_at_least(message.severity, sink.min_severity)


def _is_due(told_at: str, *, now: datetime) -> bool:
    return not told_at or now - datetime.fromisoformat(told_at) >= BETWEEN_HEARTBEATS


def _new_number(connection: sqlite3.Connection) -> int:
    """Take the next number; one that was used never comes again."""
    number = connection.execute("insert into messages (content) values ('{}')").lastrowid
    if number is None:
        raise LedgerError("SQLite gave a message no number.")
    return number


def _id_of(number: int, now: datetime) -> str:
    return f"trustlift-{now:%Y%m%dT%H%M%S}-{number}"


def _enqueue(
    connection: sqlite3.Connection, number: int, message: Message, names: Iterable[str]
) -> None:
    connection.execute(
        "update messages set content = ? where number = ?", [json.dumps(asdict(message)), number]
    )
    connection.executemany(
        "insert into outbox (number, sink) values (?, ?)", [(number, name) for name in names]
    )
    _sweep(connection)


def _remove(connection: sqlite3.Connection, number: int, sink: str) -> None:
    connection.execute("delete from outbox where number = ? and sink = ?", [number, sink])
    _sweep(connection)


def _sweep(connection: sqlite3.Connection) -> None:
    connection.execute("delete from messages where number not in (select number from outbox)")


def _open_in(connection: sqlite3.Connection, scope: str) -> dict[Key, OpenAlert]:
    found = connection.execute(
        "select finding, since from open_alerts where scope = ?", [scope]
    ).fetchall()
    alerts = [_alert(finding, since) for finding, since in found]
    return {alert.finding.key: alert for alert in alerts}


def _alert(finding: str, since: str) -> OpenAlert:
    content = json.loads(finding)
    return OpenAlert(
        finding=Finding(**{**content, "commands": tuple(content["commands"])}), since=since
    )


def _message(content: str) -> Message:
    fields = json.loads(content)
    return Message(**{**fields, "findings": tuple(fields["findings"])})


@contextmanager
def _transaction(ledger: Path) -> Iterator[sqlite3.Connection]:
    ledger.parent.mkdir(parents=True, exist_ok=True)
    with _explaining(ledger), closing(_connect(ledger)) as connection:
        connection.executescript(_TABLES)
        connection.execute("begin immediate")
        try:
            yield connection
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")


@contextmanager
def _reading(ledger: Path) -> Iterator[sqlite3.Connection]:
    place = ledger if ledger.exists() else Path(":memory:")
    with _explaining(ledger), closing(_connect(place)) as connection:
        connection.executescript(_TABLES)
        yield connection


def _connect(place: Path) -> sqlite3.Connection:
    return sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None)


@contextmanager
def _explaining(ledger: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise LedgerError(
            f"{ledger} cannot be used ({error}): it holds which alerts are open and unsent. "
            "Free the disk or the lock; if it is damaged, move it aside: what is open is then "
            "told anew."
        ) from error
