"""Customer ids that last: the oldest survives a merge, the largest part keeps it in a split.

The ids of the last publish are in a state file outside the build; a run writes a candidate, which
becomes the state only when the run publishes. So a blocked run advances no id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    from identity.graph import Integers

_STATE = pa.schema(
    [
        pa.field("identifier_key", pa.string(), nullable=False),
        pa.field("customer_number", pa.int64(), nullable=False),
    ]
)
_NEXT_NUMBER = b"trustlift.next_number"


@dataclass(frozen=True)
class IdState:
    """The ids of the last publish.

    Attributes:
        table: `identifier_key` and `customer_number`, by key. An identifier that has left the data
            stays, so that a batch set aside and restored finds its customers again.
        next_number: smallest number never given; no number is given twice.
    """

    table: pa.Table
    next_number: int


def read_state(path: Path) -> IdState:
    """Read the state; the empty one where there is no file yet.

    Args:
        path: the state file.

    Raises:
        ValueError: the file is there and can't be read as a state. Ids would be given anew, so
            nothing is guessed.
    """
    if not path.exists():
        return IdState(table=_STATE.empty_table(), next_number=1)
    try:
        table = pq.read_table(path)
        next_number = int(table.schema.metadata[_NEXT_NUMBER])
        table = table.select(_STATE.names).cast(_STATE)
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is no state of customer ids ({error}): put the last good copy back, or remove "
            "it and accept that every customer gets a new id"
        ) from error
    return IdState(table=table, next_number=next_number)


def write_state(path: Path, state: IdState) -> None:
    """Write a state file whose bytes depend on the state only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {_NEXT_NUMBER: str(state.next_number).encode()}
    pq.write_table(state.table.replace_schema_metadata(metadata), path, compression="zstd")


def commit_state(candidate: Path, state: Path) -> None:
    """Make the candidate the state, at once and wholly; call it when the run publishes.

    Args:
        candidate: written by the run.
        state: replaced.

    Raises:
        FileNotFoundError: there is no candidate.
    """
    if not candidate.exists():
        raise FileNotFoundError(
            f"{candidate} is not there: a state commits once, after the run that wrote it; "
            "run again"
        )
    state.parent.mkdir(parents=True, exist_ok=True)
    candidate.replace(state)


def former_numbers(state: IdState, keys: pa.Array) -> Integers:
    """Look up the customer number each identifier had.

    Args:
        state: the last publish.
        keys: identifier keys; length n.

    Returns:
        Shape (n,); 0 where the identifier is new.
    """
    positions = pc.index_in(keys, value_set=state.table["identifier_key"].combine_chunks())
    numbers = pc.take(state.table["customer_number"], positions)
    filled: Integers = pc.fill_null(numbers, 0).to_numpy().astype(np.int64)
    return filled


def assign_numbers(
    customers: Integers, *, former: Integers, first_seen: Integers, next_number: int
) -> tuple[Integers, int]:
    """Give each customer its number.

    A former number goes to the customer that has most of its identifiers (a tie to the one with the
    smallest key). A customer with several takes the smallest, the oldest; one with none, the next
    unused, the earliest seen first.

    Args:
        customers: customer of each identifier, named by its smallest member; shape (identifiers,).
        former: former number of each identifier, 0 for none; shape (identifiers,).
        first_seen: microseconds; shape (identifiers,).
        next_number: smallest number never given.

    Returns:
        The number of each identifier's customer (shape (identifiers,)) and the next unused number.
    """
    frame = pd.DataFrame({"customer": customers, "former": former, "first_seen": first_seen})
    frame["node"] = np.arange(len(frame))
    parts = (
        frame[frame["former"] > 0]
        .groupby(["former", "customer"], as_index=False)
        .agg(size=("node", "size"), node=("node", "min"))
        .sort_values(["former", "size", "node"], ascending=[True, False, True])
        .drop_duplicates("former")
    )
    kept = parts.groupby("customer")["former"].min()
    born = frame.groupby("customer")["first_seen"].min().drop(index=kept.index)
    order = born.to_frame().reset_index().sort_values(["first_seen", "customer"])["customer"]
    given = pd.Series(np.arange(len(order)) + next_number, index=order)
    numbers = pd.concat([kept, given])
    return numbers[customers].to_numpy(dtype=np.int64), next_number + len(order)


def next_state(state: IdState, *, keys: pa.Array, numbers: Integers, next_number: int) -> IdState:
    """Return the state after this run: today's identifiers, and those that have left the data."""
    gone = state.table.filter(pc.invert(pc.is_in(state.table["identifier_key"], value_set=keys)))
    today = pa.table({"identifier_key": keys, "customer_number": numbers}).cast(_STATE)
    table = pa.concat_tables([gone, today]).sort_by("identifier_key")
    return IdState(table=table, next_number=next_number)
