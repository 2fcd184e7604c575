"""Give every spelling of a phone number its one form, E.164, by the library that knows how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import phonenumbers
import pyarrow as pa

from warehouse import read_frame, write_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

STANDARDISED = pa.schema(
    [
        pa.field("phone", pa.string(), nullable=False),
        pa.field("standard_phone", pa.string()),
    ]
)


@dataclass(frozen=True)
class StandardisedPhones:
    """What a run did.

    Attributes:
        spelling_count: distinct spellings seen.
        standard_count: those of them that are one valid number.
    """

    spelling_count: int
    standard_count: int


def run(connection: duckdb.DuckDBPyConnection) -> StandardisedPhones:
    """Write `standardiser.phone_numbers`, one row per spelling.

    Args:
        connection: the build database, with `staging.stg_phone_numbers`.

    Returns:
        How many spellings there are and how many of them are numbers.
    """
    seen = read_frame(
        connection,
        "select phone, region from staging.stg_phone_numbers order by phone, region",
    )
    table = standardise(zip(seen["phone"].tolist(), seen["region"].tolist(), strict=True))
    write_table(connection, "standardiser.phone_numbers", table)
    valid = table.num_rows - table["standard_phone"].null_count
    return StandardisedPhones(spelling_count=table.num_rows, standard_count=valid)


def standardise(spellings: Iterable[tuple[str, str]]) -> pa.Table:
    """Find the number behind each spelling.

    A spelling seen in several countries that is another number in each of them says nothing.

    Args:
        spellings: digits with or without a leading plus, and the ISO 3166-1 alpha-2 code of the
            country in which a number without its country's code was written.

    Returns:
        A table of schema `STANDARDISED`, one row per spelling in the order of first appearance;
        `standard_phone` is NULL where there is no one valid number.
    """
    numbers: dict[str, set[str]] = {}
    for phone, region in spellings:
        numbers.setdefault(phone, set()).update(_e164(phone, region))
    rows = [
        {"phone": phone, "standard_phone": next(iter(found)) if len(found) == 1 else None}
        for phone, found in numbers.items()
    ]
    return pa.Table.from_pylist(rows, schema=STANDARDISED)


def _e164(phone: str, region: str) -> set[str]:
    """Return the number in E.164, or nothing if the spelling is none in that country."""
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return set()
    if not phonenumbers.is_valid_number(number):
        return set()
    return {phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}
