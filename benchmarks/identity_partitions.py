"""The ways to make customers of identifiers that are compared, and the truth to compare with.

A partition is a label for each identifier, in the order of `Identifiers`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Integers = npt.NDArray[np.int64]
Partition = npt.NDArray[Any]
ACCOUNTS_AND_CRM = ("account_id", "contact_id")

# What several people hold, or nobody in particular, is a cluster of its own.
_IDENTIFIERS = """
    with holders as (
        select
            identifier_type,
            identifier_value,
            case when count(distinct person) = 1 and count(person) = count(*)
                then min(person) end as person
        from '{truth}/identities.parquet'
        where until is null
        group by all
    )
    select
        identifiers.identifier_key,
        identifiers.identifier_type,
        coalesce(holders.person, identifiers.identifier_key) as person,
        holders.identifier_value is not null as is_known
    from identity.identity_identifiers as identifiers
    left join holders
        on identifiers.identifier_type = holders.identifier_type
        and identifiers.identifier_value = holders.identifier_value
    order by identifiers.identifier_key
"""
_EDGES = """
    select left_identifier_key, right_identifier_key, epoch_us(first_seen_at) as first_seen
    from identity.identity_edges
    order by first_seen desc, left_identifier_key, right_identifier_key
"""


@dataclass(frozen=True)
class Identifiers:
    """The identifiers of one build and the edges between them.

    Args:
        keys: Identifier keys in order; shape (identifiers,), as the next three.
        types: Their types.
        person: Whose each truly is.
        is_known: The truth knows the identifier.
        left: One end of each edge, the latest edge first; shape (edges,), as the next.
        right: The other end.
    """

    keys: Partition
    types: Partition
    person: Partition
    is_known: npt.NDArray[np.bool_]
    left: Integers
    right: Integers


def read_identifiers(connection: duckdb.DuckDBPyConnection, truth: Path) -> Identifiers:
    """Read identifiers, edges and truth of a build whose identity models are built."""
    rows = connection.execute(_IDENTIFIERS.format(truth=truth)).df()
    edges = connection.execute(_EDGES).df()
    place = pd.Series(np.arange(len(rows)), index=rows["identifier_key"])
    left, right = (
        place[edges[f"{side}_identifier_key"]].to_numpy(dtype=np.int64)
        for side in ("left", "right")
    )
    return Identifiers(
        rows["identifier_key"].to_numpy(object),
        rows["identifier_type"].to_numpy(object),
        rows["person"].to_numpy(object),
        rows["is_known"].to_numpy(dtype=np.bool_),
        left,
        right,
    )


def resolved(connection: duckdb.DuckDBPyConnection, known: Identifiers) -> Partition:
    """Read the customers that the resolver has made."""
    found = connection.execute(
        "select identifier_key, customer_id from resolver.identifier_customers"
    ).df()
    return found.set_index("identifier_key")["customer_id"][known.keys].to_numpy(object)


def plain_components(known: Identifiers) -> Partition:
    """Join whatever an edge joins."""
    return _components(len(known.keys), known.left, known.right)


def best_by_shared_keys(known: Identifiers) -> Partition:
    """Join along every edge that is true, and no other: the most that exact keys allow."""
    is_true = known.person[known.left] == known.person[known.right]
    return _components(len(known.keys), known.left[is_true], known.right[is_true])


def last_user_wins(known: Identifiers) -> Partition:
    """Give each identifier to the customer record that came to it last, step by step outwards."""
    owner = np.where(known.types == "customer_ref", np.arange(len(known.keys)), -1)
    node = np.concatenate([known.left, known.right])
    other = np.concatenate([known.right, known.left])
    age = np.tile(np.arange(len(known.left)), 2)
    while True:
        reached = (owner[node] < 0) & (owner[other] >= 0)
        if not reached.any():
            break
        steps = pd.DataFrame(
            {"node": node[reached], "owner": owner[other[reached]], "age": age[reached]}
        )
        latest = steps.sort_values(["age", "owner"]).drop_duplicates("node")
        owner[latest["node"].to_numpy()] = latest["owner"].to_numpy()
    return np.where(owner < 0, np.arange(len(owner)), owner)


def _components(size: int, left: Integers, right: Integers) -> Partition:
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    labels: Partition = connected_components(links, directed=False)[1]
    return labels
