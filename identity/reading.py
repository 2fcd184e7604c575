"""Read the identity graph from the build: text to integers in the engine, integers to arrays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from identity.digests import DigestIndex, digest_sql, halves, order_rows
from identity.graph import (
    IDENTIFIER_COLUMNS,
    MATCHED,
    MEDIUM,
    NEVER_SEEN,
    TIER_NAMES,
    IdentityGraph,
    matched_rank,
    seen_rank,
)
from warehouse import as_array, read_table

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from numpy.typing import NDArray

    from identity.graph import Digests, Flags, Integers
    from warehouse import Columns

_AT_ONCE = 2
"""Numpy lets others go on while it works; more than a core each is of no use to a small machine."""

_TIER = f"cast(coalesce(list_position({list(TIER_NAMES)}, tier), 0) - 1 as tinyint)"
_FIRST_SEEN = f"coalesce(epoch_us(first_seen_at), {NEVER_SEEN})"
_IDENTIFIERS = f"""
    select
        {digest_sql("identifier_key")} as digest,
        {_TIER} as tier,
        coalesce(max_holders, 0) as max_holders,
        is_blocked,
        {_FIRST_SEEN} as first_seen
    from identity.identity_identifiers
"""
_EDGES = f"""
    select
        {digest_sql("left_identifier_key")} as left_digest,
        {digest_sql("right_identifier_key")} as right_digest,
        {_TIER} as tier,
        {_FIRST_SEEN} as first_seen
    from identity.identity_edges
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
        {digest_sql("left_identifier_key")} as left_digest,
        {digest_sql("right_identifier_key")} as right_digest,
        cast(match_probability as double) as match_probability
    from matcher.contact_matches
    where 'review:' || left_identifier_key || ':' || right_identifier_key not in (
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
        {digest_sql("guards.identifier_key")} as digest,
        types.digest as guard_type,
        md5_number_lower(guards.guard_value) as guard_value,
        guards.is_verified
    from identity.identity_guards as guards
    inner join types on guards.guard_type = types.guard_type
    where guards.guard_value is not null
"""


def read_graph(connection: duckdb.DuckDBPyConnection) -> IdentityGraph:
    """Read the graph, leaving out the edges of blocked identifiers.

    Args:
        connection: the build database, with the tables of schemas `identity` and `matcher`.

    Raises:
        ValueError: an identifier is there twice, is no digest, has no known tier or is medium
            without `max_holders`; or an edge or guard names an identifier that is not there.
    """
    connection.execute(_NO_MATCHES)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # The engine reads on while identifiers are put in order.
        rest = pool.submit(_read, connection.cursor(), (_EDGES, _MATCHES, _GUARDS))
        identifiers = _identifiers(read_table(connection, _IDENTIFIERS))
        index = DigestIndex(identifiers["key_high"], identifiers["key_low"])
        seen, matched, guards = rest.result()
        ends = [
            pool.submit(_places, (seen[name], matched[name]), index=index)
            for name in ("left_digest", "right_digest")
        ]
        guarded = pool.submit(_guards, guards, index=index, size=len(identifiers["tiers"]))
        edges = _edges(
            seen,
            matched,
            one=ends[0].result(),
            other=ends[1].result(),
            is_blocked=identifiers["is_blocked"],
        )
        return IdentityGraph(
            **{name: identifiers[name] for name in IDENTIFIER_COLUMNS},
            **edges,
            **guarded.result(),
        )


def _read(cursor: duckdb.DuckDBPyConnection, queries: tuple[str, ...]) -> list[pa.Table]:
    with cursor:
        return [read_table(cursor, sql) for sql in queries]


def _identifiers(table: pa.Table) -> Columns:
    """Order identifiers by their digests."""
    key_high, key_low = halves(table["digest"])
    tiers, max_holders = as_array(table["tier"]), as_array(table["max_holders"])
    _refuse(
        int(((key_high == 0) & (key_low == 0)).sum()),
        "identifiers have a key that is no md5",
        "digest type and value",
    )
    names = ", ".join(name for name in TIER_NAMES if name != TIER_NAMES[MATCHED])
    _refuse(
        int(np.isin(tiers, (-1, MATCHED)).sum()),
        f"identifiers have no tier of {names}",
        "give their type a tier",
    )
    _refuse(
        int(((tiers == MEDIUM) & (max_holders < 1)).sum()),
        "medium identifiers have no max_holders of at least 1",
        "set it",
    )
    order = order_rows((key_high, key_low), leading=key_high)
    columns = {
        "key_high": key_high[order],
        "key_low": key_low[order],
        "tiers": tiers[order],
        "max_holders": max_holders[order].astype(np.int32),
        "first_seen": as_array(table["first_seen"])[order],
        "is_blocked": as_array(table["is_blocked"])[order],
    }
    _refuse(
        int((~_is_first([columns["key_high"], columns["key_low"]])).sum()),
        "identifiers are in identity_identifiers more than once",
        "make its key unique",
    )
    return columns


def _edges(
    seen: pa.Table, matched: pa.Table, *, one: Integers, other: Integers, is_blocked: Flags
) -> Columns:
    """Put seen and matched edges together, by their ends and tier.

    Args:
        seen: of `_EDGES`.
        matched: of `_MATCHES`.
        one: an end of each edge, seen ones first; shape (edges,), as the next.
        other: its other end.
        is_blocked: the identifier has no edges; shape (identifiers,).
    """
    _refuse(
        int(((one < 0) | (other < 0)).sum()), "edges name an unknown identifier", "list both ends"
    )
    tiers = as_array(seen["tier"])
    _refuse(int((tiers < 0).sum()), "edges have no tier", "give them one")
    columns = {
        "left": np.minimum(one, other),
        "right": np.maximum(one, other),
        "edge_tiers": np.concatenate([tiers, np.full(len(matched), MATCHED, dtype=np.int8)]),
        "edge_ranks": np.concatenate(
            [
                seen_rank(as_array(seen["first_seen"])),
                matched_rank(as_array(matched["match_probability"])),
            ]
        ),
    }
    usable = one != other
    if is_blocked.any():
        usable &= ~(is_blocked[one] | is_blocked[other])
    if not usable.all():
        columns = {name: column[usable] for name, column in columns.items()}
    bits = len(is_blocked).bit_length()
    order = order_rows(
        (columns["left"], columns["right"], columns["edge_tiers"]),
        leading=_leading(
            columns["left"], columns["right"].astype(np.uint64) << np.uint64(64 - bits), bits=bits
        ),
    )
    return {name: column[order] for name, column in columns.items()}


def _guards(table: pa.Table, *, index: DigestIndex, size: int) -> Columns:
    """Order guards by identifier, type and value, each once."""
    nodes = _places((table["digest"],), index=index)
    _refuse(int((nodes < 0).sum()), "guards name an unknown identifier", "list it")
    columns = {
        "guard_nodes": nodes,
        "guard_types": as_array(table["guard_type"]),
        "guard_values": as_array(table["guard_value"]),
        "guard_is_verified": as_array(table["is_verified"]),
    }
    order = order_rows(
        tuple(columns.values()),
        leading=_leading(nodes, columns["guard_types"], bits=size.bit_length()),
    )
    columns = {name: column[order] for name, column in columns.items()}
    is_first = _is_first(list(columns.values()))
    return {name: column[is_first] for name, column in columns.items()}


def _places(columns: tuple[pa.ChunkedArray, ...], *, index: DigestIndex) -> Integers:
    """Find the identifiers of columns of digests; -1 for one that is not there."""
    return np.concatenate([index.find(*halves(column)) for column in columns])


def _leading(node: Integers, further: Integers, *, bits: int) -> Digests:
    """Put the bits of a node's number first and what fits of a second number's next."""
    wide = np.uint64(bits)
    leading: Digests = np.left_shift(node.astype(np.uint64), np.uint64(64) - wide)
    np.bitwise_or(leading, further >> wide, out=leading)
    return leading


def _is_first(columns: list[NDArray[np.generic]]) -> Flags:
    """Flag the first of each run of equal rows; shape (rows,)."""
    is_first = np.ones(len(columns[0]), dtype=np.bool_)
    if len(is_first):
        is_first[1:] = False
    for column in columns:
        is_first[1:] |= column[1:] != column[:-1]
    return is_first


def _refuse(count: int, fault: str, remedy: str) -> None:
    if count:
        raise ValueError(f"{count} {fault}: {remedy} in models/identity or its seeds")
