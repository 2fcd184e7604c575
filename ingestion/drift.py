"""What a file has that its contract does not say, or lacks of what it says.

A new column is kept and reported. A file without a required column is quarantined as a whole, and
the difference between what was expected and what was found stays with it, for people to read.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ingestion.contracts import Field, TableContract

Kind = Literal[
    "new_column", "missing_column", "renamed_column", "retyped_column", "unfit_value", "unreadable"
]

DRIFT_REASON = "schema_drift"
"""Reason of every row of a file whose required column is missing or of another type."""

_ENOUGH_ROWS = 10
_NEARLY_ALL = 0.9
_SIMILAR = 0.6
_NUMBERS = {"BIGINT", "UBIGINT", "HUGEINT", "DOUBLE"}
_FITTING = {
    "bigint": _NUMBERS,
    "double": _NUMBERS,
    "boolean": {"BOOLEAN"},
    "json": {"OBJECT", "ARRAY"},
    "epoch_seconds": _NUMBERS,
    "epoch_millis": _NUMBERS,
}


class Drift(BaseModel):
    """One difference between a file and its contract.

    Attributes:
        kind: `new_column`; a required column `missing_column`, `renamed_column` (missing, and a
            new one looks like it) or `retyped_column`; `unfit_value` of a lenient field;
            `unreadable`, a file that is not what its format says.
        field: The column; the file's name where the whole file is meant.
        expected: What the contract says of it, None for a new one.
        found: What the file has: names and types, never a value.
        received_date: The first received date of the rows that show it.
        row_count: Rows that show it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    field: str
    expected: str | None
    found: str
    received_date: str
    row_count: int


@dataclass(frozen=True)
class RefusedFile:
    """A file of which no row could land.

    Attributes:
        rows: Its rows.
        reasons: Rows by reason.
        columns: The columns that it declares, None if its format declares none.
    """

    rows: int
    reasons: Mapping[str, int]
    columns: Collection[str] | None


def drifted_field(table: TableContract, file: RefusedFile) -> tuple[Field, bool] | None:
    """Return the required column that a refused file lacks, and whether it is there after all.

    A few bad rows are bad rows: only what holds for nearly all rows of a file that has enough, or
    what the file itself declares, says something of its schema.

    Returns:
        The field, and True if it has another type, False if it is missing; None for no drift.
    """
    required = [field for field in table.fields.values() if field.required]
    for field in required:
        missing = file.reasons.get(f"missing_required:{field.name}", 0)
        retyped = file.reasons.get(f"wrong_type:{field.name}", 0)
        is_declared_away = file.columns is not None and _column(field) not in file.columns
        if missing and is_declared_away:
            return field, False
        if file.rows < _ENOUGH_ROWS:
            continue
        if missing >= _NEARLY_ALL * file.rows:
            return field, False
        if retyped >= _NEARLY_ALL * file.rows:
            return field, True
    return None


def renamed_to(field: Field, found: Mapping[str, str]) -> str | None:
    """Return the new column that a missing one was probably renamed to.

    Args:
        field: The missing field.
        found: JSON type of each new column.
    """
    fitting = [name for name, type_ in found.items() if _may_hold(type_, field.type)]
    plain = {_plain(name): name for name in fitting}
    nearest = difflib.get_close_matches(_plain(_column(field)), plain, n=1, cutoff=_SIMILAR)
    return plain[nearest[0]] if nearest else None


def described(names: Iterable[tuple[str, str]]) -> str:
    """Write columns and their types."""
    return ", ".join(f"{name} {type_.lower()}" for name, type_ in names) or "no new column"


def expectation(field: Field) -> str:
    """Write what a contract says of a field."""
    return f"{field.source_name} {field.type}{' required' if field.required else ''}"


def _column(field: Field) -> str:
    return field.parent or field.source_name


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _may_hold(json_type: str, contract_type: str) -> bool:
    # Every value may be written as text.
    if json_type == "VARCHAR":
        return True
    return json_type in _FITTING.get(contract_type.partition("(")[0], _NUMBERS)
