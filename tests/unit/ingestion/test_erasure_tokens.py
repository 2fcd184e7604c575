"""Which texts name a forgotten person, however the identifier is written there."""

from dataclasses import replace

import duckdb
import pytest

from ingestion.erasure.tokens import Identifier, row_tokens, tokens_sql

REF = Identifier("customer_ref", "cu00000015", comes_back=False)
NUMBER = Identifier("profile_id", "amplitude:4242", comes_back=False)
EMAIL = Identifier("email", "ann.lee@mail.example", comes_back=True)
PHONE = Identifier("phone", "+34600112233", comes_back=True)


@pytest.mark.parametrize(
    ("identifier", "cell", "is_named"),
    [
        (EMAIL, " Ann.Lee@Mail.example ", True),
        (EMAIL, '{"to":["x@y.z","ann.lee@mail.example"]}', True),
        (EMAIL, "ann.lee\\u0040mail.example", True),
        (EMAIL, "joann.lee@mail.example", False),
        (EMAIL, "ann.lee@mail.example.com", False),
        (PHONE, "0034 600 112 233", True),
        (PHONE, "tel:+34600112233", True),
        (PHONE, "346001122334", False),
        (replace(PHONE, value="2025090110"), "at 2025-09-01 10:00:00", False),
        (replace(REF, value="o'neil9@mail.example"), "o'neil9@mail.example", True),
        (Identifier("wallet", "eip155:1:0xabcdef12", comes_back=True), "0xABCDEF12", True),
        (Identifier("profile_id", "braze:bz15d592", comes_back=False), "id=bz15d592;", True),
        (Identifier("device_id", "4a996804-c20d-4eac", comes_back=True), "x 4a996804-c20d", False),
        (NUMBER, "4242", False),
    ],
)
def test_a_text_names_whom_it_names(identifier: Identifier, cell: str, is_named: bool) -> None:
    tokens_of = tokens_sql("'text'", "cell")
    with duckdb.connect() as connection:
        found = connection.execute(f"select {tokens_of} from (select ? as cell)", [cell])
        tokens = set(found.fetchall()[0][0])
    assert bool(tokens & row_tokens(identifier)) is is_named
