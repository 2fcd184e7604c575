"""Read the identity graph from the build: text to integers in the engine, integers to arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from identity.graph import (
    MATCHED,
    MEDIUM,
    NEVER_SEEN,
    TIER_NAMES,
    IdentityGraph,
    edge_codes,
    matched_rank,
    seen_rank,
)
from warehouse import read_columns

if TYPE_CHECKING:
    import duckdb

    from identity.graph import Flags, Integers
    from warehouse import Columns

_CODES_TABLE = "identity_codes"

_CODES = f"""
    create or replace temporary table {_CODES_TABLE} as
    select
        identifier_key,
        cast(row_number() over () - 1 as integer) as code,
        case
            when length(identifier_key) = 32
                then try_cast('0x' || substr(identifier_key, 1, 16) as ubigint)
        end as high,
        try_cast('0x' || substr(identifier_key, 17, 16) as ubigint) as low,
        cast(coalesce(list_position({list(TIER_NAMES)}, tier), 0) - 1 as tinyint) as tier,
        coalesce(max_holders, 0) as max_holders,
        is_blocked,
        coalesce(epoch_us(first_seen_at), {NEVER_SEEN}) as first_seen
    from identity.identity_identifiers
"""
_IDENTIFIERS = f"""
    select
        code,
        coalesce(high, 0) as high,
        coalesce(low, 0) as low,
        high is null or low is null as is_odd,
        tier,
        max_holders,
        is_blocked,
        first_seen
    from {_CODES_TABLE}
"""
_EDGES = f"""
    select
        lefts.code as left_code,
        rights.code as right_code,
        cast(coalesce(list_position({list(TIER_NAMES)}, edges.tier), 0) - 1 as tinyint) as tier,
        coalesce(epoch_us(edges.first_seen_at), {NEVER_SEEN}) as first_seen
    from identity.identity_edges as edges
    inner join {_CODES_TABLE} as lefts on edges.left_identifier_key = lefts.identifier_key
    inner join {_CODES_TABLE} as rights on edges.right_identifier_key = rights.identifier_key
"""
# A build without a matcher has no matches.
_NO_MATCHES = """
    create schema if not exists matcher;
    create table if not exists matcher.contact_matches (
        left_identifier_key varchar, right_identifier_key varchar, match_probability double
    )
"""
# What a reviewer has decided needs no opinion of the matcher's.
_MATCHES = f"""
    select
        coalesce(lefts.code, -1) as left_code,
        coalesce(rights.code, -1) as right_code,
        cast(matches.match_probability as double) as match_probability
    from matcher.contact_matches as matches
    left join {_CODES_TABLE} as lefts on matches.left_identifier_key = lefts.identifier_key
    left join {_CODES_TABLE} as rights on matches.right_identifier_key = rights.identifier_key
    where 'review:' || matches.left_identifier_key || ':' || matches.right_identifier_key not in (
        select guard_type from identity.identity_guards where guard_type like 'review:%'
    )
"""
# Digesting is what costs here: a type is digested once, a value without its type.
_GUARDS = f"""
    with types as (
        select guard_type, md5_number_lower(guard_type) as digest
        from (select distinct guard_type from identity.identity_guards)
    )

    select
        codes.code,
        types.digest as guard_type,
        md5_number_lower(guards.guard_value) as guard_value,
        guards.is_verified
    from identity.identity_guards as guards
    inner join types on guards.guard_type = types.guard_type
    inner join {_CODES_TABLE} as codes on guards.identifier_key = codes.identifier_key
    where guards.guard_value is not null
"""
# What names an identifier that is not there finds no code.
_COUNTS = """
    select
        (select count(*) from identity.identity_edges) as edges,
        (select count(*) from identity.identity_guards where guard_value is not null) as guards
"""


def read_graph(connection: duckdb.DuckDBPyConnection) -> IdentityGraph:
    """Read the graph, leaving out the edges of blocked identifiers.

    Args:
        connection: the build database, with the tables of schemas `identity` and `matcher`.

    Raises:
        ValueError: an identifier is there twice, is no digest, has no known tier or is medium
            without `max_holders`; or an edge or guard names an identifier that is not there.
    """
    connection.execute(_CODES)
    connection.execute(_NO_MATCHES)
    identifiers = read_columns(connection, _IDENTIFIERS)
    order, positions = _by_digest(identifiers)
    edges, matches, guards = (read_columns(connection, sql) for sql in (_EDGES, _MATCHES, _GUARDS))
    _refuse_broken(
        identifiers,
        edges=edges,
        matches=matches,
        guards=guards,
        counts=read_columns(connection, _COUNTS),
    )
    connection.execute(f"drop table {_CODES_TABLE}")
    return IdentityGraph(
        key_high=identifiers["high"][order],
        key_low=identifiers["low"][order],
        tiers=identifiers["tier"][order],
        max_holders=identifiers["max_holders"][order].astype(np.int32),
        first_seen=identifiers["first_seen"][order],
        **_edges(edges, matches, positions=positions, is_blocked=identifiers["is_blocked"][order]),
        **_guards(guards, positions=positions),
    )


def _edges(edges: Columns, matches: Columns, *, positions: Integers, is_blocked: Flags) -> Columns:
    """Put seen and matched edges together, by their ends and tier."""
    one = positions[np.concatenate([edges["left_code"], matches["left_code"]])]
    other = positions[np.concatenate([edges["right_code"], matches["right_code"]])]
    matched = np.full(len(matches["left_code"]), MATCHED, dtype=np.int8)
    columns = {
        "left": np.minimum(one, other),
        "right": np.maximum(one, other),
        "edge_tiers": np.concatenate([edges["tier"], matched]),
        "edge_ranks": np.concatenate(
            [seen_rank(edges["first_seen"]), matched_rank(matches["match_probability"])]
        ),
    }
    usable = np.flatnonzero(~(is_blocked[one] | is_blocked[other]) & (one != other))
    codes = edge_codes(*(columns[name][usable] for name in ("left", "right", "edge_tiers")))
    order = usable[np.argsort(codes)]
    return {name: column[order] for name, column in columns.items()}


def _guards(guards: Columns, *, positions: Integers) -> Columns:
    """Order guards by identifier, type and value, each once."""
    columns = {
        "guard_nodes": positions[guards["code"]],
        "guard_types": guards["guard_type"],
        "guard_values": guards["guard_value"],
        "guard_is_verified": guards["is_verified"],
    }
    order = np.lexsort(tuple(reversed(columns.values())))
    columns = {name: column[order] for name, column in columns.items()}
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = np.any([column[1:] != column[:-1] for column in columns.values()], axis=0)
    return {name: column[is_new] for name, column in columns.items()}


def _by_digest(identifiers: Columns) -> tuple[Integers, Integers]:
    """Order identifiers by their digests.

    Returns:
        Row of each position, and position of each code; both of shape (identifiers,).

    Raises:
        ValueError: a digest is there twice.
    """
    high, low = identifiers["high"], identifiers["low"]
    order = np.argsort(high)
    ordered = high[order]
    if np.any(ordered[1:] == ordered[:-1]):
        # Digests that begin alike are rare, so they alone pay for the second half.
        order = np.lexsort((low, high))
        ordered = high[order]
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    same = same[low[order[same]] == low[order[same + 1]]]
    _refuse(
        len(same),
        "identifiers are in identity_identifiers more than once",
        "make its key unique",
    )
    positions = np.empty(len(order), dtype=np.int32)
    positions[identifiers["code"][order]] = np.arange(len(order), dtype=np.int32)
    return order, positions


def _refuse_broken(
    identifiers: Columns, *, edges: Columns, matches: Columns, guards: Columns, counts: Columns
) -> None:
    untiered = int(np.isin(identifiers["tier"], (-1, MATCHED)).sum())
    is_medium = identifiers["tier"] == MEDIUM
    uncapped = int((is_medium & (identifiers["max_holders"] < 1)).sum())
    dangling = int(counts["edges"][0]) - len(edges["tier"])
    dangling += int(((matches["left_code"] < 0) | (matches["right_code"] < 0)).sum())
    unlisted = int(counts["guards"][0]) - len(guards["code"])
    tiers = ", ".join(name for name in TIER_NAMES if name != TIER_NAMES[MATCHED])
    odd = int(identifiers["is_odd"].sum())
    _refuse(odd, "identifiers have a key that is no md5", "digest type and value")
    _refuse(untiered, f"identifiers have no tier of {tiers}", "give their type a tier")
    _refuse(uncapped, "medium identifiers have no max_holders of at least 1", "set it")
    _refuse(dangling, "edges name an unknown identifier", "list both ends")
    _refuse(int((edges["tier"] < 0).sum()), "edges have no tier", "give them one")
    _refuse(unlisted, "guards name an unknown identifier", "list it")


def _refuse(count: int, fault: str, remedy: str) -> None:
    if count:
        raise ValueError(f"{count} {fault}: {remedy} in models/identity or its seeds")
