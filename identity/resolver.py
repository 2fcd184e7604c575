"""The stage: identifiers, edges and guards in; one durable customer per identifier out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from identity.advance import advance
from identity.handover import hand_over
from identity.reading import read_graph
from identity.state import read_state, write_state

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ResolvedIdentities:
    """What a run did.

    Attributes:
        identifier_count: identifiers resolved.
        customer_count: customers they make.
        new_customer_count: customers that got a new id.
        change_count: customers merged, split and moved.
        review_count: refusals for people to look at.
    """

    identifier_count: int
    customer_count: int
    new_customer_count: int
    change_count: int
    review_count: int


def run(
    connection: duckdb.DuckDBPyConnection, state: Path, candidate: Path, *, as_of: datetime
) -> ResolvedIdentities:
    """Resolve what changed since the last publish and write the tables of schema `resolver`.

    Args:
        connection: the build database, with the tables of schemas `identity` and `matcher`.
        state: what the last publish knew of customers; only read.
        candidate: written; `identity.state.commit_state` makes it the state.
        as_of: the moment the run looks from (UTC): changes happened then.

    Raises:
        ValueError: the input breaks its contract, the state can't be read, or `candidate` is
            `state`.
    """
    if candidate.resolve() == state.resolve():
        raise ValueError(
            f"the candidate {candidate} is the state itself: a blocked run would advance customer "
            "ids; give the candidate a path of its own"
        )
    graph = read_graph(connection)
    last = read_state(state)
    now = advance(last, graph, at=(as_of - _EPOCH) // timedelta(microseconds=1))
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write_state, candidate, now)
        hand_over(connection, now)
        written.result()
    return ResolvedIdentities(
        identifier_count=len(graph),
        customer_count=int(np.count_nonzero(np.bincount(now.numbers))),
        new_customer_count=now.next_number - last.next_number,
        change_count=len(now.audit.customer) - len(last.audit.customer),
        review_count=len(now.resolution.refusals),
    )
