from __future__ import annotations

import duckdb
import pytest

from hygiene import phone_numbers
from hygiene.phone_numbers import standardise

MADRID = "+34600123456"


def standard(*spellings: tuple[str, str]) -> dict[str, str | None]:
    return {row["phone"]: row["standard_phone"] for row in standardise(spellings).to_pylist()}


@pytest.mark.parametrize("spelling", ["+34600123456", "0034600123456", "34600123456", "600123456"])
def test_every_spelling_of_a_number_is_that_number(spelling: str) -> None:
    assert standard((spelling, "ES")) == {spelling: MADRID}


def test_a_number_without_its_country_is_of_the_country_it_was_written_in() -> None:
    assert standard(("07911123456", "GB"), ("912345678", "PT")) == {
        "07911123456": "+447911123456",
        "912345678": "+351912345678",
    }


@pytest.mark.parametrize("spelling", ["", "+", "123", "+10000000000", "9" * 400])
def test_what_is_no_number_has_no_form(spelling: str) -> None:
    assert standard((spelling, "ES")) == {spelling: None}


def test_a_spelling_that_is_another_number_in_each_country_says_nothing() -> None:
    assert standard(("912345678", "ES"), ("912345678", "PT")) == {"912345678": None}
    assert standard((MADRID, "ES"), (MADRID, "PT")) == {MADRID: MADRID}


def test_a_country_that_does_not_exist_helps_only_numbers_that_name_theirs() -> None:
    assert standard((MADRID, "XX"), ("600123456", "XX")) == {MADRID: MADRID, "600123456": None}


def test_the_stage_writes_one_row_per_spelling() -> None:
    connection = duckdb.connect()
    connection.execute("create schema staging")
    connection.execute(
        "create table staging.stg_phone_numbers as "
        "select * from (values ('600123456', 'ES'), ('n', 'ES')) as phones (phone, region)"
    )
    found = phone_numbers.run(connection)
    assert (found.spelling_count, found.standard_count) == (2, 1)
    rows = connection.execute("select * from standardiser.phone_numbers order by phone").fetchall()
    assert rows == [("600123456", MADRID), ("n", None)]
