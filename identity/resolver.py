"""The stage: identifiers, edges and guards in; one durable customer per identifier out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from identity.durable_ids import (
    assign_numbers,
    former_numbers,
    next_state,
    read_state,
    write_state,
)
from identity.handover import write_customers, write_reviews
from identity.reading import read_graph, read_keys
from identity.tiers import resolve

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


@dataclass(frozen=True)
class ResolvedIdentities:
    """What a run did.

    Attributes:
        identifier_count: identifiers resolved.
        customer_count: customers they make.
        new_customer_count: customers that got a new id.
        review_count: refusals for people to look at.
    """

    identifier_count: int
    customer_count: int
    new_customer_count: int
    review_count: int


def run(connection: duckdb.DuckDBPyConnection, state: Path, candidate: Path) -> ResolvedIdentities:
    """Write `resolver.identifier_customers` and `resolver.identity_reviews`.

    Args:
        connection: the build database, with the tables of schemas `identity` and `matcher`.
        state: Parquet file of the ids of the last publish; only read.
        candidate: written; `identity.durable_ids.commit_state` makes it the state.

    Raises:
        ValueError: the input breaks its contract, the state can't be read, or `candidate` is
            `state`.
    """
    if candidate.resolve() == state.resolve():
        raise ValueError(
            f"the candidate {candidate} is the state itself: a blocked run would advance customer "
            "ids; give the candidate a path of its own"
        )
    graph, codes = read_graph(connection)
    resolution = resolve(graph)
    last = read_state(state)
    keys = read_keys(connection, codes)
    numbers, next_number = assign_numbers(
        resolution.customers,
        former=former_numbers(last, keys),
        first_seen=graph.first_seen,
        next_number=last.next_number,
    )
    write_state(candidate, next_state(last, keys=keys, numbers=numbers, next_number=next_number))
    write_customers(connection, codes=codes, numbers=numbers)
    write_reviews(connection, codes=codes, refusals=resolution.refusals)
    return ResolvedIdentities(
        identifier_count=len(graph),
        customer_count=len(np.unique(numbers)),
        new_customer_count=next_number - last.next_number,
        review_count=len(resolution.refusals),
    )
