"""Rules that one key of a contract alone can't show: references, types, patterns."""

import re
from collections.abc import Iterator

from ingestion.contracts.errors import Violation
from ingestion.contracts.model import SourceContract, TableContract
from ingestion.contracts.types import TIME_TYPES, TYPE_RULE, lake_type

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NAME_RULE = "must be lower-case letters, digits and underscores, beginning with a letter"
_SELF_DESCRIBED = "custom"


def violations_of(file: str, contract: SourceContract) -> Iterator[Violation]:
    """Yield every rule that the contract breaks."""
    if not _NAME.fullmatch(contract.source):
        yield Violation(file, "source", contract.source, _NAME_RULE, "Rename the source.")
    for table in contract.tables.values():
        place = f"tables.{table.name}"
        if not _NAME.fullmatch(table.name):
            yield Violation(file, place, table.name, _NAME_RULE, "Rename the table.")
        yield from _fields(file, place, table)
        yield from _references(file, place, table)
        yield from _times(file, place, table)
        yield from _paths(file, place, table)
        yield from _files(file, place, table)


def _fields(file: str, place: str, table: TableContract) -> Iterator[Violation]:
    for field in table.fields.values():
        key = f"{place}.fields.{field.name}"
        if not _NAME.fullmatch(field.name):
            remedy = "Rename it and give the vendor's name in `from`."
            yield Violation(file, key, field.name, _NAME_RULE, remedy)
        if lake_type(field.type) is None:
            yield Violation(file, f"{key}.type", field.type, TYPE_RULE, "Choose one of these.")
        if field.lenient and field.required:
            rule = "a required field can't be lenient: without a value its row is quarantined"
            yield Violation(file, f"{key}.lenient", "true", rule, "Drop one of the two.")


def _references(file: str, place: str, table: TableContract) -> Iterator[Violation]:
    known = ", ".join(table.fields)
    keys = (
        ("key", table.key, table.nullable_key),
        ("near_key", table.near_key, table.nullable_near_key),
    )
    for kind, key, nullable in keys:
        for part in key:
            if part not in table.fields:
                rule = f"every part of the key must be a field ({known})"
                remedy = "Declare it or correct the name."
                yield Violation(file, f"{place}.{kind}", part, rule, remedy)
        for part in nullable:
            if part not in key:
                rule = f"must be a part of the key ({', '.join(key)})"
                remedy = f"Add it to `{kind}` or drop it."
                yield Violation(file, f"{place}.nullable_{kind}", part, rule, remedy)


def _times(file: str, place: str, table: TableContract) -> Iterator[Violation]:
    known = ", ".join(table.fields)
    times = {"event_at": table.event_at, "received_at": table.received_at}
    if table.skew is not None:
        clocks = table.skew.model_dump(exclude={"tolerance_seconds"})
        times |= {f"skew.{role}": name for role, name in clocks.items()}
    for role, name in times.items():
        if name is None:
            continue
        if name not in table.fields:
            rule = f"must be a field ({known})"
            remedy = "Declare it or correct the name."
            yield Violation(file, f"{place}.{role}", name, rule, remedy)
        elif table.fields[name].type not in TIME_TYPES:
            rule = f"must be a field of type {', '.join(sorted(TIME_TYPES))}"
            remedy = "Name a time, or correct its type."
            yield Violation(file, f"{place}.{role}", name, rule, remedy)


def _paths(file: str, place: str, table: TableContract) -> Iterator[Violation]:
    limits = {"received_path": (table.received_path, 2), "type_path": (table.type_path, 1)}
    for key, (pattern, most_groups) in limits.items():
        if pattern is None:
            continue
        rule = f"must be a regular expression with 1 to {most_groups} groups"
        if not 1 <= _groups(pattern) <= most_groups:
            yield Violation(file, f"{place}.{key}", pattern, rule, "Correct the expression.")
    if table.has_hourly_files and _groups(table.received_path or "") < 2:
        rule = "needs a `received_path` with a group for the date and one for the hour"
        remedy = "Correct it, or drop this."
        yield Violation(file, f"{place}.has_hourly_files", "true", rule, remedy)
    if table.type_path is None:
        for field in (f for f in table.fields.values() if f.from_path):
            rule = "a field from the path needs the table's `type_path`"
            key = f"{place}.fields.{field.name}.from_path"
            yield Violation(file, key, "true", rule, "Add `type_path`.")


def _groups(pattern: str) -> int:
    """Count the groups of a regular expression; one that is none has none."""
    try:
        return re.compile(pattern).groups
    except re.error:
        return 0


def _files(file: str, place: str, table: TableContract) -> Iterator[Violation]:
    if table.source == _SELF_DESCRIBED:
        return
    if not table.files:
        yield Violation(file, f"{place}.files", None, "must name one glob or more", "Add `files`.")
    if table.format is None:
        yield Violation(file, f"{place}.format", None, "must be given", "Add `format`.")
    if (table.format == "json_page") != (table.records is not None):
        rule = "must name the list of records of a json_page, and of no other format"
        remedy = "Add or drop `records`."
        yield Violation(file, f"{place}.records", table.records, rule, remedy)
