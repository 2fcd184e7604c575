"""The one typed projection that every row of every format goes through.

Texts are cast by contract type; a row that can't be cast, lacks a required field, has no time, or
one that cannot be (before 1970, after it was received) gets a reason and keeps its original text.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ingestion.columns import DIGEST_COLUMNS
from ingestion.contracts import Field, TableContract
from ingestion.digests import content_digest_sql, key_digests_sql, text_column
from ingestion.feeds import Feed, extra_sql, malformed_reason, nested_sql, record_sql
from ingestion.sql import identifier, literal

DEFAULT_RECEIVED_AT = "timestamp '1970-01-01 00:00:00'"
"""Received time of a row that nothing dates."""

FUTURE_TOLERANCE_MINUTES = 5
"""How far a clock may run ahead before its row is not believed."""

_EARLIEST_EVENT = "timestamp '1970-01-01 00:00:00'"
_FIRST_TIME = "timestamp '0001-01-01 00:00:00'"
_LAST_TIME = "timestamp '9999-12-31 23:59:59.999999'"
_INTEGER = "[+-]?[0-9]+([.]0*)?"
_WIDEST_SCALE = 18


def typed_rows_sql(feed: Feed, *, batch: str, files: str) -> str:
    """Return SQL that turns a reader's batch into typed and judged rows.

    Args:
        feed: What is read.
        batch: Relation (file_no, line, original[, record]).
        files: Relation (file_no, path_received_at, path_type).

    Returns:
        A query with `_file_no, _line, _reason, _original`, the contract's fields, `_event_at,
        _received_at` (NULL when nothing dates the row), `_missing_expected_count`, the digests,
        `_extra` and `_unfit` (names of the lenient fields whose value is of another type).
    """
    table = feed.table
    fields = list(table.fields.values())
    texts = ", ".join(
        f"{feed.texts.get(f.name, 'cast(null as varchar)')} as {text_column(f)}" for f in fields
    )
    casts = ", ".join(f"{_cast(f)} as {identifier(f.name)}" for f in fields)
    record = record_sql(feed.reading)
    # Inner names begin with an underscore, as no field's may.
    return f"""
    with records as (
        select *{f", {record} as record" if record else ""} from {batch}
        where original is null or not regexp_full_match(original, '\\s*')
    ),
    opened as (
        select *, {extra_sql(feed.reading)} as _extra {_columns(nested_sql(feed.reading))}
        from records
    ),
    texts as (
        select
            opened.file_no as _file_no, opened.line as _line, opened.original as _original,
            opened.record as _record, opened.record is null as _is_malformed,
            files.path_received_at as _path_received_at, opened._extra, {texts}
        from opened inner join {files} as files using (file_no)
    ),
    typed as (
        select _file_no, _line, _original, _record, _is_malformed, _path_received_at, _extra,
            {_present(fields)}, {content_digest_sql(table)} as _content_digest, {casts}
        from texts
    ),
    timed as (
        select *, {_event_at(table)} as _event_at, {_received_at(table)} as _received_at
            {_columns(key_digests_sql(table))}
        from typed
    ),
    judged as (
        select *, {_reason(feed)} as _reason from timed
    )
    select
        _file_no, _line, _reason,
        case when _reason is not null then coalesce(
            rtrim(_original, chr(13) || chr(10)), cast(to_json(_record) as varchar)
        ) end as _original,
        {", ".join(identifier(f.name) for f in fields)},
        _event_at, _received_at,
        cast({_missing(table)} as smallint) as _missing_expected_count,
        _extra, {", ".join(DIGEST_COLUMNS)}, {_unfit(fields)} as _unfit
    from judged
    """


def path_received_at(table: TableContract, path: str) -> datetime | None:
    """Return when a file's path says that its rows were received, None if it says nothing.

    A path names a day or an hour; its rows were surely there by the end of it.
    """
    if table.received_path is None:
        return None
    pattern = re.compile(table.received_path)
    start = path_start(pattern, path)
    if start is None:
        return None
    length = timedelta(days=1) if pattern.groups == 1 else timedelta(hours=1)
    return start + length - timedelta(microseconds=1)


def path_start(pattern: re.Pattern[str], path: str) -> datetime | None:
    """Return when the day or hour begins that a path names, None if it names none.

    Args:
        pattern: Finds a date and perhaps an hour, a group each.
        path: The file's path.
    """
    match = pattern.search(path)
    if match is None:
        return None
    date, hour = match[1], match[2] if pattern.groups > 1 else 0
    try:
        return datetime.strptime(f"{date} {hour}", "%Y-%m-%d %H").replace(tzinfo=UTC)
    except ValueError:
        return None


def path_type(table: TableContract, path: str) -> str | None:
    """Return what a file's path says about its rows, None if it says nothing."""
    match = re.search(table.type_path, path) if table.type_path else None
    return match[1] if match else None


def _columns(expressions: Mapping[str, str]) -> str:
    return "".join(f", {sql} as {name}" for name, sql in expressions.items())


def _has(field: Field) -> str:
    return identifier(f"has {field.name}")


def _present(fields: list[Field]) -> str:
    return ", ".join(f"{text_column(f)} is not null as {_has(f)}" for f in fields)


def _cast(field: Field) -> str:
    text = text_column(field)
    number = f"try_cast({text} as double)"
    date = f"try_cast({text} as date)"
    casts = {
        "string": text,
        "json": f"case when json_valid({text}) then {text} end",
        # A cast rounds silently: 12.7 is no whole number.
        "bigint": f"case when regexp_full_match({text}, '{_INTEGER}') "
        f"then try_cast({text} as bigint) end",
        "double": f"case when isfinite({number}) then {number} end",
        "boolean": f"try_cast({text} as boolean)",
        "date": f"case when {date} between {_FIRST_TIME} and {_LAST_TIME} then {date} end",
        "timestamp": _bounded(f"cast(try_cast({text} as timestamptz) as timestamp)"),
        "epoch_seconds": _epoch(text, 1_000_000),
        "epoch_millis": _epoch(text, 1_000),
    }
    return casts.get(field.type) or _decimal(text, field.lake_type)


def _bounded(time: str) -> str:
    # Text such as `infinity` casts to a time that no calendar has.
    return f"case when {time} between {_FIRST_TIME} and {_LAST_TIME} then {time} end"


def _epoch(text: str, microseconds: int) -> str:
    count = f"cast(round(try_cast({text} as decimal(28,6)) * {microseconds}) as hugeint)"
    lowest, highest = (f"cast(epoch_us({time}) as hugeint)" for time in (_FIRST_TIME, _LAST_TIME))
    return (
        f"case when {count} between {lowest} and {highest} "
        f"then make_timestamp(cast({count} as bigint)) end"
    )


def _decimal(text: str, lake_type: str) -> str:
    # A cast rounds silently; money that does not fit its type is not ours to round.
    number = f"try_cast({text} as {lake_type})"
    widest = f"try_cast({text} as decimal(38,{_WIDEST_SCALE}))"
    exact = f"coalesce(cast({number} as decimal(38,{_WIDEST_SCALE})) = {widest}, true)"
    return f"case when {number} is not null and {exact} then {number} end"


def _unfit(fields: list[Field]) -> str:
    names = [
        f"case when {_has(f)} and {identifier(f.name)} is null then {literal(f.name)} end"
        for f in fields
        if f.lenient
    ]
    return f"nullif(concat_ws(',', {', '.join(names)}), '')" if names else "cast(null as varchar)"


def _event_at(table: TableContract) -> str:
    said = _time(table.event_at)
    if table.skew is None:
        return said
    client, sent, received = map(_time, (table.skew.client, table.skew.sent, table.skew.received))
    tolerance = table.skew.tolerance_seconds * 1_000_000
    return (
        f"coalesce({said}, case when abs(epoch_us({received}) - epoch_us({sent})) < {tolerance} "
        f"then {client} else {client} + ({received} - {sent}) end)"
    )


def _time(name: str) -> str:
    return f"cast({identifier(name)} as timestamp)"


def _received_at(table: TableContract) -> str:
    sources = ["_path_received_at", _event_at(table)]
    if table.received_at is not None:
        sources.insert(0, _time(table.received_at))
    return f"coalesce({', '.join(sources)})"


def _missing(table: TableContract) -> str:
    counts = [f"cast({identifier(f.name)} is null as smallint)" for f in table.counted_fields]
    return " + ".join(counts) or "0"


def _reason(feed: Feed) -> str:
    fields = feed.table.fields.values()
    missing = [(f"not {_has(f)}", f"missing_required:{f.name}") for f in fields if f.required]
    wrong = [
        (f"{_has(f)} and {identifier(f.name)} is null", f"wrong_type:{f.name}")
        for f in fields
        if f.type != "string" and not f.lenient
    ]
    future = f"_event_at > _received_at + interval {FUTURE_TOLERANCE_MINUTES} minute"
    cases = [
        ("_is_malformed", malformed_reason(feed.reading)),
        *missing,
        *wrong,
        ("_event_at is null", f"missing_required:{feed.table.event_at}"),
        (f"_event_at < {_EARLIEST_EVENT}", "event_before_1970"),
        (future, "future_event"),
    ]
    branches = " ".join(f"when {condition} then {literal(reason)}" for condition, reason in cases)
    return f"case {branches} end"
