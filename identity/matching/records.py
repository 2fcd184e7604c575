"""Contact records as they are compared, in a scratch database that ends with the run."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import warehouse

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import duckdb
    import pyarrow as pa

_FIELDS = ("first_name", "last_name", "date_of_birth", "city", "email", "phone")
_DERIVED = ("email_user", "family_name", "second_family_name")
_KEPT_LETTERS = "[^a-z0-9 ]"
_FOLDED = {
    column: f"nullif(trim(regexp_replace(strip_accents(lower({column})), '{_KEPT_LETTERS}', ' ', "
    "'g')), '')"
    for column in ("first_name", "last_name", "city")
}
# Dates of ten characters alone can be laid side by side.
_FOLDED["date_of_birth"] = (
    "case when length(cast(date_of_birth as varchar)) = 10 then cast(date_of_birth as varchar) end"
)
# What stands before a family name and is none.
_PARTICLES = "^((da|das|de|del|den|der|di|do|dos|el|la|las|los|van|von) )+"
_FAMILY_NAMES = f"regexp_replace(last_name, '{_PARTICLES}', '')"
# What follows a plus sign is for the owner's own use and leads to the same mailbox.
_EMAIL_USER = "nullif(split_part(split_part(email, '@', 1), '+', 1), '')"


def scratch(*, threads: int | None = None) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Open a database in memory: Splink leaves tables behind.

    Args:
        threads: as many as the engine likes when None. One makes sums of floats repeatable.
    """
    connection = warehouse.connect(None)
    if threads is not None:
        connection.execute(f"set threads = {threads}")
    return closing(connection)


def read_records(connection: duckdb.DuckDBPyConnection, table: str) -> pa.Table:
    """Read contact records, folded to plain letters.

    Args:
        connection: the build database.
        table: `identity.identity_contact_records` or one with its columns.

    Returns:
        By `identifier_key`: the fields as text, `email_user`, `first_seen_at`, and `digest`, which
        changes with any of the fields.
    """
    columns = ", ".join(
        f"{_FOLDED.get(field, f'cast({field} as varchar)')} as {field}" for field in _FIELDS
    )
    return connection.sql(
        f"""
        with folded as (
            select identifier_key, {columns}, {_EMAIL_USER} as email_user, first_seen_at
            from {table}
        ),

        complete as (
            select
                *,
                split_part({_FAMILY_NAMES}, ' ', 1) as family_name,
                nullif(split_part({_FAMILY_NAMES}, ' ', 2), '') as second_family_name
            from folded
        )

        select *, md5({_joined((*_FIELDS, *_DERIVED))}) as digest
        from complete
        order by identifier_key
        """
    ).to_arrow_table()


def digest_of(connection: duckdb.DuckDBPyConnection, records: pa.Table) -> str:
    """Digest all of some records: their keys and what they say."""
    connection.register("records_to_digest", records)
    try:
        found = connection.execute(
            "select md5(coalesce(string_agg(identifier_key || digest, '' order by identifier_key),"
            " '')) from records_to_digest"
        ).fetchall()
    finally:
        connection.unregister("records_to_digest")
    return str(found[0][0])


def _joined(columns: tuple[str, ...]) -> str:
    """Return SQL of one text of several, in which a NULL is no empty text."""
    return " || ".join(f"coalesce(length({one}) || ':' || {one}, '-')" for one in columns)
