"""Score pairs of records by a trained model.

A pair's score follows from its two records and the model alone, how common a name is among the
records learnt from included. So what has been scored need not be scored again, and whichever the
order in which records come, their pairs have the same scores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from identity.matching.comparisons import FREQUENCY_COLUMNS, settings
from identity.matching.linkers import open_api, open_linker
from identity.matching.pairs import choose_pairs
from identity.matching.records import scratch

if TYPE_CHECKING:
    import duckdb

    from identity.matching.model import MatchModel

PAIRS = pa.schema(
    [
        pa.field("left_identifier_key", pa.string(), nullable=False),
        pa.field("right_identifier_key", pa.string(), nullable=False),
        pa.field("match_probability", pa.float64(), nullable=False),
        pa.field("match_weight", pa.float64(), nullable=False),
    ]
)

_FOUND = """
    select
        least(identifier_key_l, identifier_key_r) as left_identifier_key,
        greatest(identifier_key_l, identifier_key_r) as right_identifier_key,
        round(match_probability, 6) as match_probability,
        round(match_weight, 4) as match_weight
    from {scores}
    order by left_identifier_key, right_identifier_key
"""

# Whom a mailbox or a number joins is the resolver's affair: it knows what was handed on and what is
# too widely shared.
_FORGET_THOSE_OF_ONE_KEY = """
    delete from pairs
    using records as l, records as r
    where
        pairs.join_key_l = l.identifier_key
        and pairs.join_key_r = r.identifier_key
        and (l.email = r.email or l.phone = r.phone)
"""


def score(
    model: MatchModel, *, learnt: pa.Table, known: pa.Table, new: pa.Table, threshold: float
) -> pa.Table:
    """Score new records against each other and against known ones.

    Args:
        model: trained.
        learnt: the records it was trained on, which say how common names are.
        known: records whose pairs among each other are scored already.
        new: the others; none of them is in `known`.
        threshold: least probability, 0-1.

    Returns:
        The pairs of at least the threshold that share no mailbox and no number, of schema `PAIRS`,
        the smaller key left, by key.
    """
    with scratch() as connection:
        everything = pa.concat_tables([known, new])
        for name, table in (("learnt", learnt), ("records", everything), ("new_records", new)):
            connection.register(f"given_{name}", table)
            connection.execute(f"create table {name} as select * from given_{name}")
        choose_pairs(connection)
        connection.execute(_FORGET_THOSE_OF_ONE_KEY)
        api = open_api(connection)
        linker = open_linker(api, "records", settings(model.comparisons, prior=model.prior))
        for column in FREQUENCY_COLUMNS:
            _count_values(connection, column)
            linker.table_management.register_term_frequency_lookup(
                api.register(f"frequencies_of_{column}"), column
            )
        linker.table_management.register_blocked_pairs_for_predict(api.register("pairs"))
        scores = linker.inference.predict(
            threshold_match_probability=threshold, warning_mode="never"
        )
        found = connection.sql(_FOUND.format(scores=scores.physical_name)).to_arrow_table()
        return found.cast(PAIRS)


def _count_values(connection: duckdb.DuckDBPyConnection, column: str) -> None:
    """Count how common each value is; one that was not learnt is as rare as one seen once."""
    connection.execute(
        f"""
        create table frequencies_of_{column} as
        with learnt_values as (
            select {column}, count(*) as record_count
            from learnt
            where {column} is not null
            group by {column}
        ),

        other_values as (
            select distinct {column} from records where {column} is not null
        ),

        counted as (
            select {column}, record_count from learnt_values
            union all
            select {column}, 1 from other_values anti join learnt_values using ({column})
        )

        select
            {column},
            record_count / (select greatest(1, count({column})) from learnt) as tf_{column}
        from counted
        """
    )
