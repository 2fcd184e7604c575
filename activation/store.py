"""The one file that remembers what has left, and how it is opened, changed and found damaged.

It lies outside the build: what has been sent cannot be sent back by building anew. That something
leaves and that it has left are noted together, before the file is written; what was noted and not
yet written is written by the next export, under the same name and with the same bytes. Once it is
written only the flow instances stay: no customer is remembered here.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_BUSY_SECONDS = 30.0
_TABLES = """
create table if not exists batches (
    number integer primary key autoincrement,
    exported_at text not null,
    content text
);
create table if not exists exports (
    flow_instance_id text primary key,
    number integer not null references batches (number)
);
"""


class StoreError(Exception):
    """The file of exports cannot be read or written; the message says what to do."""


@contextmanager
def transaction(store: Path) -> Iterator[sqlite3.Connection]:
    """Change the file: all that the block does, or nothing.

    Raises:
        StoreError: The file cannot be read or written.
    """
    store.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(
            sqlite3.connect(store, timeout=_BUSY_SECONDS, isolation_level=None)
        ) as connection:
            connection.execute("pragma secure_delete = on")
            connection.executescript(_TABLES)
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")
    except sqlite3.Error as error:
        raise StoreError(
            f"{store} cannot be used ({error}): it holds which follow-ups have been exported. "
            "Free the disk or the lock; if it is damaged, restore it: without it, what is due "
            "would be exported once more."
        ) from error
