"""A wallet has one spelling, and only where case means nothing is it lowered."""

from pathlib import Path

import duckdb
import jinja2
import pytest

MACROS = Path(__file__).parents[3] / "macros" / "identifiers.sql"
SOLANA = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"
BASE58 = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"


def normalised_wallet(text: str) -> str | None:
    """Render the macro as dbt would and let DuckDB compute it."""
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701
    environment.globals["return"] = lambda value: value
    macros = environment.from_string(MACROS.read_text(encoding="utf-8")).module
    sql = macros.normalised_identifier("wallet", "spelled")  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        query = f"select {sql} from (select $text as spelled)"
        found: str | None = connection.execute(query, {"text": text}).fetchall()[0][0]
        return found


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("eip155:1:0xAbC1", "eip155:1:0xabc1"),
        (" eip155:137:0xABC1 ", "eip155:137:0xabc1"),
        ("0xAbC1@eip155:1", "eip155:1:0xabc1"),
        (f"{SOLANA}:{BASE58}", f"{SOLANA}:{BASE58}"),
        (f"{BASE58}@{SOLANA}", f"{SOLANA}:{BASE58}"),
        ("0xAbC1", "0xAbC1"),
        ("  ", None),
    ],
)
def test_a_wallet_has_one_spelling(spelled: str, expected: str | None) -> None:
    assert normalised_wallet(spelled) == expected
