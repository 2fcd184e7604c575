"""What tells two rows apart, as 128-bit digests, computed once when a row lands.

A digest is stored as a UUID, the form that DuckDB groups and joins fastest. It begins with the
name of the table, so that rows of two tables never share one.
"""

from collections.abc import Iterable, Sequence

from ingestion.contracts import Field, TableContract
from ingestion.sql import identifier, literal


def content_digest_sql(table: TableContract) -> str:
    """Return SQL of the digest of all that a row says, over the texts of its fields."""
    return _digest(table, (text_column(field) for field in _whole_fields(table)))


def key_digests_sql(table: TableContract) -> dict[str, str]:
    """Return SQL of the digests of a row's keys, over its typed fields.

    One is NULL where the table has no such key, or a part of it is empty that may not be.
    """
    return {
        "_key_digest": _key_digest(table, table.key, table.nullable_key),
        "_near_key_digest": _key_digest(table, table.near_key, table.nullable_near_key),
    }


def text_column(field: Field) -> str:
    """Return the quoted name of the column that holds a field's text before its cast."""
    return identifier(f"text of {field.name}")


def _key_digest(table: TableContract, key: Sequence[str], nullable: Sequence[str]) -> str:
    if not key:
        return "cast(null as uuid)"
    digest = _digest(table, (f"cast({identifier(part)} as varchar)" for part in key))
    needed = [f"{identifier(part)} is not null" for part in key if part not in nullable]
    return f"case when {' and '.join(needed) or 'true'} then {digest} end"


def _whole_fields(table: TableContract) -> list[Field]:
    """Return the fields whose text is not a part of another field's."""
    fields = table.fields.values()
    columns = {field.source_name for field in fields}
    return [field for field in fields if field.parent not in columns]


def _digest(table: TableContract, texts: Iterable[str]) -> str:
    # A JSON array keeps its elements apart whatever characters they have, and NULL from 'null'.
    listed = ", ".join([literal(f"{table.source}/{table.name}"), *texts])
    return f"cast(md5(cast(to_json([{listed}]) as varchar)) as uuid)"
