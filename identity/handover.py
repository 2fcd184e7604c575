"""What the resolver hands back to the build: the map, its history and audit, and the refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from identity.audit import CAUSES, CHANGE_TYPES, survivors
from identity.graph import TIER_NAMES
from identity.reviews import NOBODY, REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb
    from numpy.typing import NDArray

    from identity.graph import Integers
    from identity.state import State

_DRAFT = "draft_to_hand_over"


def _key(side: str) -> str:
    """Write a digest as 32 hexadecimal digits, by way of a UUID: in half of printf's time."""
    number = f"cast({side}_high as uhugeint) << 64 | cast({side}_low as uhugeint)"
    return f"replace(cast(cast({number} as uuid) as varchar), '-', '')"


def _id(number: str) -> str:
    """Write a customer's number with ten digits: more than there are people."""
    return f"'c' || right(cast(10000000000 + {number} as varchar), 10)"


_CUSTOMERS = f"""
    select {_key("key")} as identifier_key, {_id("number")} as customer_id
    from {_DRAFT}
"""
_HISTORY = f"""
    select
        {_key("key")} as identifier_key,
        {_id("number")} as customer_id,
        make_timestamp(valid_from) as valid_from,
        case when valid_to >= 0 then make_timestamp(valid_to) end as valid_to
    from {_DRAFT}
"""
_CHANGES = f"""
    select
        change_number,
        make_timestamp(changed_at) as changed_at,
        change_type,
        {_id("customer")} as customer_id,
        {_id("other")} as other_customer_id,
        case when left_high > 0 or left_low > 0 then {_key("left")} end as cause_left_key,
        case when right_high > 0 or right_low > 0 then {_key("right")} end as cause_right_key,
        cause
    from {_DRAFT}
"""
_RETIRED = f"""
    select
        {_id("retired")} as customer_id,
        {_id("heir")} as current_customer_id
    from {_DRAFT}
"""
_REVIEWS = f"""
    with guards as (
        select distinct
            md5_number_lower(guard_type) as guard,
            split_part(guard_type, ':', 1) as guard_name
        from identity.identity_guards
    ),

    refusals as (
        select
            {_key("key")} as identifier_key,
            case when has_other then {_key("other")} end as other_identifier_key,
            tier,
            holder_count,
            reason,
            guard
        from {_DRAFT}
    )

    select
        refusals.identifier_key,
        identifiers.identifier_type,
        refusals.other_identifier_key,
        refusals.tier,
        refusals.holder_count,
        refusals.reason || coalesce('_' || guards.guard_name, '') as reason,
        greatest(identifiers.first_seen_at, others.first_seen_at) as first_seen_at
    from refusals
    inner join identity.identity_identifiers as identifiers
        on refusals.identifier_key = identifiers.identifier_key
    left join identity.identity_identifiers as others
        on refusals.other_identifier_key = others.identifier_key
    left join guards on refusals.guard = guards.guard
    order by all
"""


def hand_over(connection: duckdb.DuckDBPyConnection, state: State) -> None:
    """Write the tables of schema `resolver`.

    Args:
        connection: the build database, with the tables of schema `identity`.
        state: what the run made of them.
    """
    graph, audit, past = state.graph, state.audit, state.past
    retired, heirs = survivors(audit)
    current = _current(state)
    history = {
        name: np.concatenate([getattr(past, name), column]) for name, column in current.items()
    }
    history["valid_from"] = np.concatenate([past.valid_from, state.since])
    history["valid_to"] = np.concatenate([past.valid_to, np.full(len(graph), -1)])
    changes = {
        "change_number": np.arange(1, len(audit.customer) + 1),
        "changed_at": audit.changed_at,
        "change_type": _words(CHANGE_TYPES, audit.change_type),
        "customer": audit.customer,
        "other": audit.other,
        "cause": _words(CAUSES, audit.cause),
        "left_high": audit.left_high,
        "left_low": audit.left_low,
        "right_high": audit.right_high,
        "right_low": audit.right_low,
    }
    write_customers(connection, state)
    _write(connection, "identifier_history", history, _HISTORY)
    _write(connection, "identity_changes", changes, _CHANGES)
    _write(connection, "retired_customers", {"retired": retired, "heir": heirs}, _RETIRED)
    _write(connection, "identity_reviews", _refusals(state), _REVIEWS)


def write_customers(connection: duckdb.DuckDBPyConnection, state: State) -> None:
    """Write `resolver.identifier_customers`, the map."""
    _write(connection, "identifier_customers", _current(state), _CUSTOMERS)


def _current(state: State) -> dict[str, NDArray[np.generic]]:
    graph = state.graph
    return {"key_high": graph.key_high, "key_low": graph.key_low, "number": state.numbers}


def _refusals(state: State) -> dict[str, NDArray[np.generic] | pa.Array]:
    graph, refusals = state.graph, state.resolution.refusals
    return {
        "key_high": graph.key_high[refusals.node],
        "key_low": graph.key_low[refusals.node],
        "other_high": graph.key_high[refusals.other],
        "other_low": graph.key_low[refusals.other],
        "has_other": refusals.other != NOBODY,
        "tier": _words(TIER_NAMES, refusals.tier),
        "holder_count": refusals.holders,
        "reason": _words(REASONS, refusals.reason),
        "guard": refusals.guard,
    }


def _words(words: Sequence[str], positions: Integers) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(positions))


def _write(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, NDArray[np.generic] | pa.Array],
    sql: str,
) -> None:
    connection.execute("create schema if not exists resolver")
    connection.register(_DRAFT, pa.table(dict(columns)))
    connection.execute(f"create or replace table resolver.{name} as {sql}")
    connection.unregister(_DRAFT)
