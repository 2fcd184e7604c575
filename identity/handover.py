"""What the resolver hands back to the build: customers and reviews, by key and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from identity.graph import TIER_NAMES
from identity.reading import CODES
from identity.reviews import NOBODY, REASONS
from warehouse import write_table

if TYPE_CHECKING:
    import duckdb

    from identity.graph import Integers
    from identity.reviews import Refusals

_REVIEWS = f"""
    create or replace table resolver.identity_reviews as
    with guards as (
        select distinct
            md5_number_lower(guard_type) as guard,
            split_part(guard_type, ':', 1) as guard_name
        from identity.identity_guards
    ),

    seen as (
        select
            codes.code,
            identifiers.identifier_type,
            identifiers.first_seen_at
        from {CODES} as codes
        inner join identity.identity_identifiers as identifiers
            on codes.identifier_key = identifiers.identifier_key
    )

    select
        nodes.identifier_key,
        seen.identifier_type,
        others.identifier_key as other_identifier_key,
        refusals.tier,
        refusals.holder_count,
        case when refusals.reason = 'guard' then 'guard_' || guards.guard_name
            else refusals.reason
        end as reason,
        seen.first_seen_at
    from resolver.refusals
    inner join {CODES} as nodes on refusals.code = nodes.code
    inner join seen on refusals.code = seen.code
    left join {CODES} as others on refusals.other_code = others.code
    left join guards on refusals.guard = guards.guard
    order by all
"""


def write_customers(
    connection: duckdb.DuckDBPyConnection, *, codes: Integers, numbers: Integers
) -> None:
    """Write `resolver.identifier_customers`.

    Args:
        connection: the build database, after `read_graph`.
        codes: each identifier's code in the table `CODES`; shape (identifiers,).
        numbers: the number of its customer; shape (identifiers,).
    """
    coded = pa.table({"code": codes, "customer_number": numbers})
    write_table(connection, "resolver.coded_customers", coded)
    connection.execute(
        f"""
        create or replace table resolver.identifier_customers as
        select codes.identifier_key, printf('c%010d', coded.customer_number) as customer_id
        from {CODES} as codes
        inner join resolver.coded_customers as coded on codes.code = coded.code
        """
    )
    connection.execute("drop table resolver.coded_customers")


def write_reviews(
    connection: duckdb.DuckDBPyConnection, *, codes: Integers, refusals: Refusals
) -> None:
    """Write `resolver.identity_reviews`: each refusal with its evidence.

    Args:
        connection: the build database, after `read_graph`.
        codes: each identifier's code in the table `CODES`; shape (identifiers,).
        refusals: what was refused.
    """
    # One more entry, so that `NOBODY` finds a code that nothing has.
    known = np.append(codes, NOBODY).astype(np.int32)
    coded = pa.table(
        {
            "code": known[refusals.node],
            "other_code": known[refusals.other],
            "tier": pa.array(TIER_NAMES).take(pa.array(refusals.tier)),
            "holder_count": refusals.holders,
            "reason": pa.array(REASONS).take(pa.array(refusals.reason)),
            "guard": refusals.guard,
        }
    )
    write_table(connection, "resolver.refusals", coded)
    connection.execute(_REVIEWS)
    connection.execute("drop table resolver.refusals")
