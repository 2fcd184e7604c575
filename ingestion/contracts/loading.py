"""Read contract files and check every rule on them."""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pydantic
import yaml

from ingestion.contracts.errors import ContractError, Violation
from ingestion.contracts.model import SourceContract
from ingestion.contracts.rules import violations_of

_INHERITED = ("owner", "sla_hours", "received_path", "ignored")
_REMEDIES = {
    "extra_forbidden": "Remove the key or correct its spelling.",
    "missing": "Add the key.",
    "literal_error": "Choose one of the values named.",
}


@functools.cache
def load_contracts(folder: Path = Path(__file__).parent) -> Mapping[str, SourceContract]:
    """Load every contract of a folder.

    Args:
        folder: Folder of the YAML files, one per source.

    Returns:
        The contracts by source name, in the order of the files' names.

    Raises:
        ContractError: A file breaks a rule; all violations of that file are named.
    """
    contracts = [load_contract(path) for path in sorted(folder.glob("*.yml"))]
    return {contract.source: contract for contract in contracts}


def load_contract(path: Path) -> SourceContract:
    """Load one contract.

    Raises:
        ContractError: The file is no YAML mapping or breaks a rule.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f"line {place.line + 1}" if place else "(file)"
        rule = "must be valid YAML"
        raise ContractError(
            [Violation(path.name, line, "unreadable", rule, "Correct the syntax.")]
        ) from error
    if not isinstance(document, dict):
        raise ContractError(
            [Violation(path.name, "(file)", document, "must be a mapping", "Write `source: …`.")]
        )
    try:
        contract = SourceContract.model_validate(_expanded(document))
    except pydantic.ValidationError as error:
        raise ContractError(list(schema_violations(path.name, error))) from None
    if broken := list(violations_of(path.name, contract)):
        raise ContractError(broken)
    return contract


def schema_violations(file: str, error: pydantic.ValidationError) -> Iterator[Violation]:
    """Yield pydantic's findings in the form of our own."""
    for finding in error.errors():
        value = None if finding["type"] == "missing" else finding["input"]
        yield Violation(
            file,
            ".".join(str(part) for part in finding["loc"]) or "(file)",
            value,
            finding["msg"][:1].lower() + finding["msg"][1:],
            _REMEDIES.get(finding["type"], "Give a value of that kind."),
        )


def _expanded(document: dict[str, Any]) -> dict[str, Any]:
    """Give tables and fields their names, and tables what they inherit from the source.

    An explicit null in a table stays null: it says that the source's value does not hold there.
    """
    tables = document.get("tables")
    if not isinstance(tables, dict):
        return document
    inherited = {key: document[key] for key in _INHERITED if key in document}
    return document | {
        "tables": {
            name: inherited
            | table
            | {"source": document.get("source"), "name": name, "fields": _named_fields(table)}
            if isinstance(table, dict)
            else table
            for name, table in tables.items()
        }
    }


def _named_fields(table: dict[str, Any]) -> object:
    fields = table.get("fields")
    if not isinstance(fields, dict):
        return fields
    return {
        name: {"from": name} | field | {"name": name} if isinstance(field, dict) else field
        for name, field in fields.items()
    }
