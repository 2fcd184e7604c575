"""Find the drift of the files of one landing, and give a drifted file its one reason."""

from collections.abc import Collection, Mapping, Sequence

import duckdb
import fastavro

from ingestion.contracts import TableContract
from ingestion.drift import (
    DRIFT_REASON,
    Drift,
    RefusedFile,
    described,
    drifted_field,
    expectation,
    renamed_to,
)
from ingestion.feeds import Reading
from ingestion.readers import InputFile
from ingestion.readers.blocks import DECOMPRESSION_ERRORS
from ingestion.readers.csv import CSV_ERROR, csv_header
from ingestion.readers.parquet import parquet_columns

OTHER_TYPE = "values of another type"
NewColumns = Mapping[str, tuple[str, int, str]]
"""JSON type, rows and first received date of each new column."""


def new_columns(connection: duckdb.DuckDBPyConnection, rows: str) -> dict[int, NewColumns]:
    """Return what each file has that its contract does not know.

    Args:
        connection: Scratch database.
        rows: Relation with `_file_no`, `_extra` and `_received_at`.
    """
    found = connection.execute(
        f"""
        with entries as (
            select _file_no, _extra, _received_at, unnest(json_keys(_extra)) as name
            from {rows} where _extra is not null
        ),
        typed as (
            select _file_no, _received_at, name,
                -- A pointer finds any name, the empty one too, which a path does not.
                json_type(_extra, '/' || replace(replace(name, '~', '~0'), '/', '~1')) as type
            from entries
        )
        select _file_no, name, min(type), count(*),
            cast(cast(min(coalesce(_received_at, timestamp '1970-01-01')) as date) as varchar)
        from typed where type <> 'NULL'
        group by _file_no, name order by _file_no, name
        """
    ).fetchall()
    files: dict[int, dict[str, tuple[str, int, str]]] = {}
    for file_no, name, type_, count, first in found:
        files.setdefault(file_no, {})[name] = (type_, count, first)
    return dict(files)


def unfit_values(
    connection: duckdb.DuckDBPyConnection, rows: str
) -> list[tuple[int, str, int, str]]:
    """Return (file, lenient field, rows, first received date) of values that do not fit."""
    return connection.execute(
        f"""
        with entries as (
            select _file_no, _received_at, unnest(string_split(_unfit, ',')) as field
            from {rows} where _unfit is not null
        )
        select _file_no, field, count(*),
            cast(cast(min(coalesce(_received_at, timestamp '1970-01-01')) as date) as varchar)
        from entries group by _file_no, field order by _file_no, field
        """
    ).fetchall()


def quarantine_drifted(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    table: TableContract,
    files: Sequence[tuple[InputFile, Reading]],
    found: Mapping[int, NewColumns],
) -> dict[int, Drift]:
    """Give every row of a file without a required column the one reason that is the file's.

    Args:
        connection: Scratch database.
        rows: The table of typed rows.
        table: The contract.
        files: The files with how each was read.
        found: What each file has that the contract does not know.

    Returns:
        The drift of each such file.
    """
    refused = _refused(connection, rows)
    drifts: dict[int, Drift] = {}
    for file, reading in files:
        if file.file_no not in refused:
            continue
        reasons, first = refused[file.file_no]
        columns = declared_columns(connection, file, reading)
        drifted = drifted_field(table, RefusedFile(sum(reasons.values()), reasons, columns))
        if drifted is None:
            continue
        field, is_retyped = drifted
        new = {name: type_ for name, (type_, *_) in found.get(file.file_no, {}).items()}
        other = None if is_retyped else renamed_to(field, new)
        drifts[file.file_no] = Drift(
            kind="retyped_column"
            if is_retyped
            else "renamed_column"
            if other
            else "missing_column",
            field=field.name,
            expected=expectation(field),
            found=OTHER_TYPE
            if is_retyped
            else described([(other, new[other])] if other else sorted(new.items())),
            received_date=first,
            row_count=sum(reasons.values()),
        )
        connection.execute(
            f"update {rows} set _reason = ? where _file_no = ?",
            [f"{DRIFT_REASON}:{field.name}", file.file_no],
        )
    return drifts


def declared_columns(
    connection: duckdb.DuckDBPyConnection, file: InputFile, reading: Reading
) -> Collection[str] | None:
    """Return the columns that a file's header or schema declares, None if it declares none."""
    try:
        if reading.format == "csv":
            return csv_header(file.path, delimiter=reading.delimiter, skip_lines=reading.skip_lines)
        if reading.format == "parquet":
            return parquet_columns(connection, file.path)
        if reading.format == "avro":
            with file.path.open("rb") as content:
                schema = fastavro.reader(content).writer_schema
            fields = schema.get("fields", []) if isinstance(schema, dict) else []
            return [field["name"] for field in fields]
    except (*DECOMPRESSION_ERRORS, CSV_ERROR, duckdb.Error, ValueError, KeyError):
        return None
    return None


def _refused(
    connection: duckdb.DuckDBPyConnection, rows: str
) -> dict[int, tuple[dict[str, int], str]]:
    """Return the reasons and first received date of each file of which no row landed."""
    counts = connection.execute(
        f"""
        select _file_no, _reason, count(*),
            cast(cast(min(coalesce(_received_at, timestamp '1970-01-01')) as date) as varchar)
        from {rows}
        where _file_no not in (select _file_no from {rows} where _reason is null)
        group by _file_no, _reason order by _file_no, _reason
        """
    ).fetchall()
    files: dict[int, tuple[dict[str, int], str]] = {}
    for file_no, reason, count, first in counts:
        reasons, earliest = files.get(file_no, ({}, first))
        files[file_no] = (reasons | {reason: count}, min(earliest, first))
    return files
