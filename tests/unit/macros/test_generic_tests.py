"""The project's own data tests find what they are there to find, and nothing else."""

from pathlib import Path

import duckdb
import jinja2
import pytest

FOLDER = Path(__file__).parents[2] / "dbt" / "generic"
RATE = ("shown", "shown_ci_lower", "shown_ci_upper")


def failures(name: str, rows: str, **arguments: object) -> int:
    """Run a data test on rows written as a query, and count what it finds."""
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    text = text.replace("{% test ", "{% macro ").replace("{% endtest %}", "{% endmacro %}")
    environment = jinja2.Environment(autoescape=False)  # noqa: S701 - SQL, not HTML
    test = getattr(environment.from_string(text).module, name)
    with duckdb.connect() as connection:
        return len(connection.execute(test(f"({rows})", **arguments)).fetchall())


def with_rate(*values: str) -> str:
    columns = ", ".join(
        f"{value}::double as {name}" for value, name in zip(values, RATE, strict=True)
    )
    return f"select {columns}"


@pytest.mark.parametrize("value", ["-0.1", "1.1", "'nan'", "'infinity'"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_value_outside_is_found_in_whichever_column(value: str, place: int) -> None:
    values = [value if one == place else "0.5" for one in range(2)]
    rows = f"select {values[0]}::double as a, {values[1]}::double as b"
    assert failures("between", rows, columns=["a", "b"], minimum=0, maximum=1) == 1


def test_bounds_belong_to_the_range_and_what_is_not_there_is_not_judged() -> None:
    rows = "values (0.0, 1.0), (null, 0.5), (null, null)"
    within = f"select col0 as a, col1 as b from ({rows})"
    assert failures("between", within, columns=["a", "b"], minimum=0, maximum=1) == 0


@pytest.mark.parametrize(
    "values",
    [
        ("1.2", "null", "null"),
        ("'nan'", "null", "null"),
        ("0.5", "-0.1", "0.6"),
        ("0.5", "0.4", "1.1"),
        ("0.5", "0.6", "0.7"),
        ("0.5", "0.3", "0.4"),
        ("0.5", "0.6", "0.4"),
        ("null", "null", "2"),
    ],
)
def test_a_rate_out_of_its_range_or_of_its_interval_is_found(values: tuple[str, ...]) -> None:
    rows = f"{with_rate('0.5', '0.4', '0.6')} union all {with_rate(*values)}"
    assert failures("rates", rows, columns=["shown"]) == 1


@pytest.mark.parametrize(
    "values",
    [
        ("0.5", "0.4", "0.6"),
        ("0", "1e-17", "0.1"),
        ("1", "0.9", "1"),
        ("null", "null", "null"),
        ("0.5", "null", "null"),
    ],
)
def test_a_rate_in_its_interval_or_withheld_is_none(values: tuple[str, ...]) -> None:
    assert failures("rates", with_rate(*values), columns=["shown"]) == 0


def test_every_row_that_lacks_a_part_of_its_key_or_shares_it_is_found() -> None:
    rows = (
        "select * from (values (1, 'a'), (1, 'b'), (2, 'a'), (2, 'a'), (null, 'a')) as rows(x, y)"
    )
    assert failures("unique_combination", rows, columns=["x", "y"]) == 2
