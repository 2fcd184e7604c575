"""Remember which alerts are open, and put what is to be told of them into the outbox."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from orchestration.alerts.changes import Key, OpenAlert, compare
from orchestration.alerts.config import PingSink, Sink
from orchestration.alerts.findings import SEVERITIES, Finding, is_at_least
from orchestration.alerts.messages import Message, gather, text_of, write
from orchestration.alerts.outbox import enqueue, id_of, new_number, remove
from orchestration.alerts.store import reading, transaction

BETWEEN_HEARTBEATS = timedelta(hours=24)


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
    with transaction(ledger) as connection:
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
            number = new_number(connection)
            message = write(together, message_id=id_of(number, now), at=at)
            wanting = [name for name, sink in sinks.items() if _wants(sink, message)]
            enqueue(connection, number, message, wanting)


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
    with transaction(ledger) as connection:
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
                remove(connection, number, sink)
        number = new_number(connection)
        message = Message(
            message_id=id_of(number, now),
            at=text_of(now),
            kind="heartbeat",
            severity="warning",
            title="OK: trustlift published",
            text=text,
        )
        enqueue(connection, number, message, due)
        connection.executemany(
            "insert or replace into heartbeats values (?, ?)",
            [(name, text_of(now)) for name in due],
        )


def open_alerts(ledger: Path) -> list[OpenAlert]:
    """List what is open, the most severe first, then the oldest; nothing before the first run."""
    with reading(ledger) as connection:
        found = connection.execute("select finding, since from open_alerts").fetchall()
    return sorted((_alert(finding, since) for finding, since in found), key=_urgency)


def _wants(sink: Sink, message: Message) -> bool:
    return not isinstance(sink, PingSink) and is_at_least(message.severity, sink.min_severity)


def _is_due(told_at: str, *, now: datetime) -> bool:
    return not told_at or now - datetime.fromisoformat(told_at) >= BETWEEN_HEARTBEATS


def _urgency(alert: OpenAlert) -> tuple[int, str, Key]:
    return -SEVERITIES.index(alert.finding.severity), alert.since, alert.finding.key


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
