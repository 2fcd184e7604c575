"""The types a contract may give a field, and the lake's column type for each."""

import re

_LAKE_TYPES = {
    "string": "VARCHAR",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "epoch_seconds": "TIMESTAMP",
    "epoch_millis": "TIMESTAMP",
    "json": "VARCHAR",
}
_DECIMAL = re.compile(r"decimal\(([0-9]{1,2}),([0-9]{1,2})\)")
_WIDEST_DECIMAL = 38

TYPE_RULE = f"must be one of {', '.join(_LAKE_TYPES)} or decimal(p,s) with s <= p <= 38"
"""What a field's type must be, in words."""

TIME_TYPES = frozenset({"timestamp", "epoch_seconds", "epoch_millis", "date"})
"""Types that can say when something happened."""


def lake_type(contract_type: str) -> str | None:
    """Return the SQL type of a contract's type in the lake, or None for an unknown type."""
    match = _DECIMAL.fullmatch(contract_type)
    if match is None:
        return _LAKE_TYPES.get(contract_type)
    precision, scale = int(match[1]), int(match[2])
    if 1 <= precision <= _WIDEST_DECIMAL and scale <= precision:
        return f"DECIMAL({precision},{scale})"
    return None
