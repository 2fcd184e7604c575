"""Turn a user's mapping into a feed of a canonical table, and refuse one that can't be right."""

from collections.abc import Iterator, Sequence
from contextlib import closing

import duckdb
import pydantic

from ingestion.contracts import ContractError, SourceContract, TableContract, Violation
from ingestion.contracts.loading import schema_violations
from ingestion.contracts.types import TIME_TYPES
from ingestion.feeds import Feed, ReaderFormat, Reading, text_of
from ingestion.mapping import ColumnRule, CustomInput
from ingestion.readers.lines import COMBINED_LOG, group_names
from ingestion.sql import literal
from warehouse import connect

_SEPARATOR = "chr(31)"


def parse_inputs(
    document: object, contract: SourceContract, *, file: str, key: str
) -> tuple[CustomInput, ...]:
    """Read the inputs of a configuration file and check them against the canonical tables.

    Args:
        document: The list under `key`.
        contract: The contract of the canonical tables.
        file: Name of the configuration, for errors.
        key: Where the list stands in it, for errors.

    Raises:
        ContractError: Something in the list breaks a rule.
    """
    try:
        adapter = pydantic.TypeAdapter(tuple[CustomInput, ...])
        inputs = adapter.validate_python(document)
    except pydantic.ValidationError as error:
        raise ContractError(
            [
                Violation(v.file, f"{key}.{v.key}", v.value, v.rule, v.remedy)
                for v in schema_violations(file, error)
            ]
        ) from None
    check_inputs(inputs, contract, file=file, key=key)
    return inputs


def check_inputs(
    inputs: Sequence[CustomInput], contract: SourceContract, *, file: str, key: str
) -> None:
    """Check inputs against the canonical tables.

    Raises:
        ContractError: A table or field is unknown, a required field is missing, a rule can't hold.
    """
    broken = [
        violation
        for place, given in enumerate(inputs)
        for violation in _violations(given, contract, file=file, key=f"{key}.{place}")
    ]
    if broken:
        raise ContractError(broken)


def custom_feed(given: CustomInput, table: TableContract) -> Feed:
    """Return the feed that a checked input describes."""
    reading = _reading(given)
    return Feed(
        table=table,
        globs=(given.path,),
        reading=reading,
        texts={name: _text(rule, reading) for name, rule in given.columns.items()},
        must_have_columns=reading.format in {"csv", "parquet"},
    )


def _reading(given: CustomInput) -> Reading:
    wanted = dict.fromkeys(name for rule in given.columns.values() for name in rule.columns)
    pattern = COMBINED_LOG if given.format == "combined_log" else given.pattern
    format_: ReaderFormat = "lines" if given.format == "combined_log" else given.format
    return Reading(
        format=format_,
        columns=tuple(group_names(pattern)) if pattern else tuple(wanted),
        pattern=pattern,
        empty_text="-" if given.format == "combined_log" else None,
        delimiter=given.delimiter,
        skip_lines=given.skip_lines,
    )


def _text(rule: ColumnRule, reading: Reading) -> str:
    if rule.value is not None:
        is_flag = isinstance(rule.value, bool)
        constant = literal(str(rule.value).lower() if is_flag else str(rule.value))
        return f"nullif({constant}, '')"
    if rule.digest is not None:
        columns = [text_of(name, reading) for name in rule.columns]
        texts = f" || {_SEPARATOR} || ".join(f"coalesce({column}, '')" for column in columns)
        return f"case when coalesce({', '.join(columns)}) is not null then md5({texts}) end"
    if rule.template is not None:
        parts = [
            literal(text) if name is None else f"{literal(text)} || {text_of(name, reading)}"
            for text, name in rule.parts
        ]
        return f"nullif({' || '.join(parts)}, '')"
    column = text_of(rule.columns[0], reading)
    if rule.format is None:
        return column
    # What is not written as told must fail its type and not pass for empty.
    time = f"cast(try_strptime({column}, {literal(rule.format)}) as varchar)"
    return f"case when {column} is not null then coalesce({time}, 'not as told') end"


def _violations(
    given: CustomInput, contract: SourceContract, *, file: str, key: str
) -> Iterator[Violation]:
    table = contract.tables.get(given.table)
    if table is None:
        rule = f"must be a canonical table ({', '.join(contract.tables)})"
        yield Violation(file, f"{key}.table", given.table, rule, "Choose one of these.")
        return
    for field in table.fields.values():
        if field.required and field.name not in given.columns:
            rule = f"{given.table} requires it"
            remedy = "Map it to a column, or give a constant: {value: …}."
            yield Violation(file, f"{key}.columns.{field.name}", None, rule, remedy)
    if given.pattern and _is_refused(f"regexp_matches('', {literal(given.pattern)})"):
        rule = "must be a regular expression of RE2, which knows no look-around or back-reference"
        yield Violation(file, f"{key}.pattern", given.pattern, rule, "Write it without.")
    groups = _reading(given).columns if given.format in {"lines", "combined_log"} else None
    for name, column_rule in given.columns.items():
        place = f"{key}.columns.{name}"
        if name not in table.fields:
            rule = f"must be a field of {given.table} ({', '.join(table.fields)})"
            yield Violation(file, place, name, rule, "Correct the name or remove the line.")
            continue
        yield from _rule_violations(column_rule, table.fields[name].type, file=file, key=place)
        for column in column_rule.columns if groups is not None else ():
            if groups is not None and column not in groups:
                rule = f"must be a named group of the pattern ({', '.join(groups)})"
                yield Violation(file, place, column, rule, "Correct the name.")


def _rule_violations(
    rule: ColumnRule, field_type: str, *, file: str, key: str
) -> Iterator[Violation]:
    if rule.format is not None and field_type not in TIME_TYPES:
        text = f"only a time or date has a format, and this field is a {field_type}"
        yield Violation(file, f"{key}.format", rule.format, text, "Remove the format.")
    elif rule.format is not None and _is_refused(f"try_strptime('', {literal(rule.format)})"):
        text = "must be a format of strptime, such as %d.%m.%Y %H:%M:%S"
        yield Violation(file, f"{key}.format", rule.format, text, "Correct it.")


def _is_refused(call: str) -> bool:
    """Say whether the engine refuses a format or pattern, whose rules are not Python's."""
    with closing(connect(None)) as connection:
        try:
            connection.execute(f"select {call}")
        except duckdb.Error:
            return True
    return False
