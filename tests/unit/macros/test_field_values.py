"""Every identifier with a standard form is standardised wherever rows bring it."""

from pathlib import Path
from typing import Any

import jinja2

MACROS = Path(__file__).parents[3] / "macros"
WITH_A_FORM = {"email", "phone", "wallet"}


def listed(file: str, macro: str) -> dict[str, Any]:
    """Render a macro that returns a list of tables."""
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701
    found: list[dict[str, Any]] = []
    environment.globals["return"] = found.append
    source = (MACROS / file).read_text(encoding="utf-8")
    getattr(environment.from_string(source).module, macro)()
    return found[0]


def test_no_table_keeps_its_identifiers_from_their_standard_form() -> None:
    fields = listed("field_values.sql", "field_columns")
    brought = {
        table: WITH_A_FORM & set(declared["identifiers"])
        for table, declared in listed("canonical_tables.sql", "canonical_tables").items()
    }
    missing = {
        table: identifiers - set(fields.get(table, {})) for table, identifiers in brought.items()
    }
    assert any(brought.values())
    assert {table: names for table, names in missing.items() if names} == {}
