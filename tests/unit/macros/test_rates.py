"""The one interval written by hand agrees with a library's."""

from pathlib import Path

import duckdb
import jinja2
import pytest
from statsmodels.stats.proportion import proportion_confint

MACROS = Path(__file__).parents[3] / "macros" / "rates.sql"
CASES = [(0, 30), (1, 30), (15, 30), (30, 30), (3, 1_000), (999, 1_000), (123_456, 7_654_321)]


def wilson_bound(numerator: int, denominator: int, sign: str) -> float:
    """Render the macro as dbt would and let DuckDB compute it."""
    environment = jinja2.Environment(autoescape=False)  # noqa: S701 - SQL, not HTML
    source = MACROS.read_text(encoding="utf-8")
    # dbt's `return` hands back a value where a plain template would print it: the same text here.
    environment.globals["return"] = lambda value: value
    macros = environment.from_string(source).module
    sql = macros.wilson_bound(str(numerator), str(denominator), sign)  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        return float(connection.execute(f"select {sql}").fetchall()[0][0])


@pytest.mark.parametrize(("numerator", "denominator"), CASES)
def test_wilson_agrees_with_statsmodels(numerator: int, denominator: int) -> None:
    lower, upper = proportion_confint(numerator, denominator, alpha=0.05, method="wilson")
    assert wilson_bound(numerator, denominator, "-") == pytest.approx(max(lower, 0), abs=1e-12)
    assert wilson_bound(numerator, denominator, "+") == pytest.approx(min(upper, 1), abs=1e-12)


@pytest.mark.parametrize("denominator", [1, 7, 30, 49, 100, 997])
def test_rounding_never_leaves_the_range(denominator: int) -> None:
    assert wilson_bound(0, denominator, "-") >= 0
    assert wilson_bound(denominator, denominator, "+") <= 1
