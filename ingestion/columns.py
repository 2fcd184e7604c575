"""The columns of a table in the lake: the fields, and what the lake adds to every row."""

from ingestion.contracts import TableContract
from ingestion.lake import ROW_ID_LINES

DIGEST_COLUMNS = {
    "_key_digest": "UUID",
    "_near_key_digest": "UUID",
    "_content_digest": "UUID",
}
"""What tells rows apart (`ingestion.digests`)."""

SYSTEM_COLUMNS = {
    "_row_id": "BIGINT",
    "_file_no": "BIGINT",
    "_line": "BIGINT",
    "_event_at": "TIMESTAMP",
    "_received_at": "TIMESTAMP",
    "_missing_expected_count": "SMALLINT",
    # What came and is no field of the contract, as a JSON object.
    "_extra": "VARCHAR",
} | DIGEST_COLUMNS
"""What the lake adds to every row."""

ROW_ID = f"_file_no * {ROW_ID_LINES} + _line"
"""SQL of a row's durable id."""


def field_columns(table: TableContract) -> dict[str, str]:
    """Return the columns and SQL types of a table's fields, in their order."""
    return {field.name: field.lake_type for field in table.fields.values()}


def row_columns(table: TableContract) -> dict[str, str]:
    """Return all of the lake's columns and SQL types of a table, in their order."""
    return field_columns(table) | SYSTEM_COLUMNS
