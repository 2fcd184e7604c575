"""The published file keeps its public interface: marts, keys, columns and types."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from report.kpi_catalogue import read_marts
from tests.integration.company import Company

GOLDEN = Path("tests/golden/interface.csv")
CATALOGUE: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path("tests/golden/catalogue.yml").read_text(encoding="utf-8")
)
HEADER = "mart,column,type,is_key"


@pytest.fixture(scope="module")
def published(kpi_company: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    file = kpi_company.data / "published" / "kpi.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def columns(published: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Types by mart and column, in the order of the table."""
    found: dict[str, dict[str, str]] = {}
    for mart, column, type_ in published.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where not internal and table_name not in ('gate_results', 'verdict_history') "
        "order by table_name, column_index"
    ).fetchall():
        found.setdefault(mart, {})[column] = type_
    return found


def described() -> dict[str, dict[str, Any]]:
    """The marts' YAML entries, by name."""
    return {
        model["name"]: model
        for models in read_marts(Path("models/marts")).values()
        for model in models
    }


def keys() -> dict[str, list[str]]:
    """The primary key that each mart's YAML states."""
    return {name: model["config"]["meta"]["primary_key"] for name, model in described().items()}


def test_a_change_of_the_interface_is_a_visible_difference(
    columns: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    stated = keys()
    lines = [
        f"{mart},{column},{type_},{str(column in stated[mart]).lower()}"
        for mart, types in columns.items()
        for column, type_ in types.items()
    ]
    found = tmp_path / "interface.csv"
    found.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == found.read_text(encoding="utf-8"), (
        f"the public interface changed; if that is meant: cp {found} {GOLDEN}"
    )


@pytest.mark.parametrize("mart", CATALOGUE)
def test_the_catalogue_is_there_in_full(columns: dict[str, dict[str, str]], mart: str) -> None:
    promised = CATALOGUE[mart]
    assert sorted(keys()[mart]) == sorted(promised["key"])
    missing = {*promised["key"], *promised["columns"]} - set(columns[mart])
    assert not missing


def test_no_mart_is_empty(
    published: duckdb.DuckDBPyConnection, columns: dict[str, dict[str, str]]
) -> None:
    counts = {
        mart: published.execute(f"select count(*) from {mart}").fetchall()[0][0] for mart in columns
    }
    assert counts
    assert not [mart for mart, count in counts.items() if count == 0]


def test_every_rate_is_defined_once() -> None:
    definitions: dict[str, set[str]] = {}
    for model in described().values():
        names = {column["name"] for column in model["columns"]}
        for column in model["columns"]:
            if f"{column['name']}_numerator" in names:
                definitions.setdefault(column["name"], set()).add(column["description"])
    assert definitions
    assert {name: said for name, said in definitions.items() if len(said) > 1} == {}


@pytest.mark.parametrize("mart", described())
def test_its_example_runs(published: duckdb.DuckDBPyConnection, mart: str) -> None:
    example = described()[mart]["config"]["meta"]["example"]
    assert mart in example
    published.execute(example).fetchall()
