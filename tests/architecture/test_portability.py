"""The same SQL on both engines: nothing of the deny-list, and Spark's grammar reads every model."""

import re
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tests.architecture.portability import Rule, findings, load_rules
from tests.architecture.tree import ROOT, repository_files

RULES = load_rules()
DIALECT = Path("macros/dialect.sql")
SOURCES = [
    path
    for path in repository_files(ROOT)
    if path.suffix == ".sql" and path.parts[0] in {"models", "macros", "tests"} and path != DIALECT
]


def spark_error(sql: str) -> str:
    """Say why Spark's grammar refuses a statement; empty when it does not."""
    try:
        statements = sqlglot.parse(sql, dialect="spark")
    except SqlglotError as error:
        return str(error)
    is_query = len(statements) == 1 and isinstance(statements[0], exp.Query)
    return "" if is_query else "not one query"


def unpaired_macros(source: str) -> set[str]:
    """Name the macros that dispatch by engine and lack one engine's form."""
    forms = {
        prefix: set(re.findall(rf"\bmacro\s+{prefix}__(\w+)", source))
        for prefix in ("default", "spark")
    }
    dispatched = set(re.findall(r"adapter[.]dispatch\('(\w+)'", source))
    return (dispatched | forms["default"] | forms["spark"]) - (forms["default"] & forms["spark"])


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_source_has_nothing_of_the_deny_list(path: Path) -> None:
    found = [
        f"{path}:{line}: {rule.name}: {rule.why}; write {rule.instead}"
        for line, rule in findings((ROOT / path).read_text(), RULES)
    ]
    assert not found, "\n".join(found)


def test_every_macro_of_the_dialect_has_a_form_for_each_engine() -> None:
    source = (ROOT / DIALECT).read_text()
    assert "adapter.dispatch" in source, "nothing dispatches: the rule judged nothing"
    assert not unpaired_macros(source)


def test_every_compiled_model_parses_as_spark(manifest: dict[str, Any]) -> None:
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert models, "no model was compiled: the rule judged nothing"
    refused = {node["name"]: spark_error(node["compiled_code"]) for node in models}
    assert not any(refused.values()), "\n".join(
        f"{name}: {error}" for name, error in refused.items() if error
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_catches_its_examples_and_spares_the_portable_form(rule: Rule) -> None:
    assert rule.catches, "a rule that nothing proves"
    for source in rule.catches:
        assert any(found is rule for _, found in findings(source, RULES)), source
    for source in rule.spares:
        assert not [found.name for _, found in findings(source, RULES)], source


def test_remarks_are_not_searched_and_lines_are_counted() -> None:
    source = "-- unnest(x)\n{# unnest(x) #}\n/* unnest(x)\n*/ select unnest(x) as y"
    assert [(line, rule.name) for line, rule in findings(source, RULES)] == [(4, "rows_from_lists")]


@pytest.mark.parametrize(
    "sql", ["select 1 +", "select 1; select 2", "select x from t where (", "vacuum t"]
)
def test_what_spark_refuses_is_caught(sql: str) -> None:
    assert spark_error(sql)


def test_macro_without_a_form_for_one_engine_is_caught() -> None:
    source = "{% macro f() %}{{ adapter.dispatch('f')() }}{% endmacro %}"
    source += "{% macro default__f() %}1{% endmacro %}"
    assert unpaired_macros(source) == {"f"}
    assert not unpaired_macros(source + "{% macro spark__f() %}2{% endmacro %}")
