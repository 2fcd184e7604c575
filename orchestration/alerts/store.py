"""The one file that remembers alerts, and how it is opened, changed and found damaged.

Which alerts are open and which messages have to be sent are in one SQLite file, because they change
together: a process killed at any moment leaves either neither or both, so that nothing is told
twice and nothing is forgotten.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

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


@contextmanager
def transaction(ledger: Path) -> Iterator[sqlite3.Connection]:
    """Change the file: all that the block does, or nothing.

    Raises:
        LedgerError: The file cannot be read or written.
    """
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
def reading(ledger: Path) -> Iterator[sqlite3.Connection]:
    """Read the file; one that is not there yet is empty.

    Raises:
        LedgerError: The file cannot be read.
    """
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
