"""The rows of one landing on their way from the readers to the lake, in a scratch database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ingestion.columns import DIGEST_COLUMNS, ROW_ID, field_columns, row_columns
from ingestion.contracts import TableContract
from ingestion.drift import Drift, expectation
from ingestion.erasure.search import named_rows, named_texts, searched_columns
from ingestion.erasure.tombstones import Tombstones
from ingestion.feeds import Feed, Reading, columns_missing
from ingestion.file_drift import OTHER_TYPE, new_columns, quarantine_drifted, unfit_values
from ingestion.lake import ROW_ID_LINES
from ingestion.projection import (
    DEFAULT_RECEIVED_AT,
    path_received_at,
    path_type,
    typed_rows_sql,
)
from ingestion.readers import InputFile, Unreadable, read_tables
from ingestion.readers.blocks import DECOMPRESSION_ERRORS
from ingestion.readers.csv import CSV_ERROR, csv_header
from ingestion.readers.gathering import gathered
from ingestion.readers.parquet import parquet_columns
from ingestion.sql import identifier, literal
from ingestion.withdrawal import ERASED

_TYPED = "typed_rows"
_FILES = "landing_files"
_BATCH = "reader_batch"
_SHARE_ROWS = 2**14


@dataclass(frozen=True)
class FileCounts:
    """Rows of one file: `landed` in the lake, and in quarantine by reason."""

    landed: int
    quarantined: Mapping[str, int]

    @property
    def good(self) -> int:
        """Rows that nothing was wrong with, whether they may be kept or not."""
        return self.landed + self.quarantined.get(ERASED, 0)


class LandingRows:
    """Typed and judged rows of one landing."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: TableContract) -> None:
        """Prepare an empty set of rows.

        Args:
            connection: Scratch database.
            table: The contract of the table that the rows are for.
        """
        self._connection = connection
        self._table = table
        fields, digests = (
            ", ".join(f"{identifier(name)} {type_}" for name, type_ in columns.items())
            for columns in (field_columns(table), DIGEST_COLUMNS)
        )
        connection.execute(
            f"create or replace temp table {_TYPED} (_file_no bigint, _line bigint, "
            f"_reason varchar, _original varchar, {fields}, _event_at timestamp, "
            f"_received_at timestamp, _missing_expected_count smallint, _extra varchar, "
            f"{digests}, _unfit varchar)"
        )
        self._files: list[tuple[InputFile, Reading]] = []
        connection.execute(
            f"create or replace temp table {_FILES} (file_no bigint, name varchar, "
            "path_received_at timestamp, path_type varchar)"
        )

    def add(self, feed: Feed, files: Sequence[InputFile]) -> None:
        """Read files of one feed and judge their rows."""
        self._register(files)
        self._files += [(file, feed.reading) for file in files if feed.reading.known is not None]
        readable, lacking = self._complete(feed, files)
        for problem in lacking:
            self._add_unreadable(problem)
        for batch in gathered(read_tables(self._connection, readable, feed.reading)):
            if isinstance(batch, Unreadable):
                self._add_unreadable(batch)
                continue
            # One record batch is one thread's work: small ones let every thread have its share.
            shares = batch.to_batches(max_chunksize=_SHARE_ROWS)
            self._connection.register(_BATCH, pa.Table.from_batches(shares, batch.schema))
            sql = typed_rows_sql(feed, batch=_BATCH, files=_FILES)
            self._connection.execute(f"insert into {_TYPED} {sql}")
            self._connection.unregister(_BATCH)

    def drift(self) -> Mapping[int, tuple[Drift, ...]]:
        """Return how each file differs from its contract, after all were added.

        The rows of a file without a required column get that one reason.
        """
        found = new_columns(self._connection, _TYPED)
        drifts = {
            number: [
                Drift(
                    kind="new_column",
                    field=name,
                    expected=None,
                    found=type_.lower(),
                    received_date=first,
                    row_count=rows,
                )
                for name, (type_, rows, first) in columns.items()
            ]
            for number, columns in found.items()
        }
        for number, name, rows, first in unfit_values(self._connection, _TYPED):
            field = self._table.fields[name]
            drifts.setdefault(number, []).append(
                Drift(
                    kind="unfit_value",
                    field=name,
                    expected=expectation(field),
                    found=OTHER_TYPE,
                    received_date=first,
                    row_count=rows,
                )
            )
        for number, drift in self._unreadable().items():
            drifts.setdefault(number, []).append(drift)
        refused = quarantine_drifted(self._connection, _TYPED, self._table, self._files, found)
        for number, drift in refused.items():
            # Its new columns are named there, and nothing of it is kept.
            others = [one for one in drifts.get(number, []) if one.kind != "new_column"]
            drifts[number] = [*others, drift]
        return {number: tuple(of_file) for number, of_file in drifts.items()}

    def _unreadable(self) -> Mapping[int, Drift]:
        found = self._connection.execute(
            f"""
            select rows._file_no, files.name, rows._original, cast(cast(
                coalesce(rows._received_at, {DEFAULT_RECEIVED_AT}) as date) as varchar)
            from {_TYPED} as rows inner join {_FILES} as files on rows._file_no = files.file_no
            where rows._reason = 'unreadable_file' order by rows._file_no
            """
        ).fetchall()
        return {
            number: Drift(
                kind="unreadable",
                field=name,
                expected=f"a file of {self._table.format or 'the format in its mapping'}",
                found=problem,
                received_date=first,
                row_count=1,
            )
            for number, name, problem, first in found
        }

    def refuse(self, tombstones: Tombstones) -> None:
        """Let no row or text stay that names a forgotten person, after the drift was found."""
        chosen = self._named(tombstones)
        if not chosen.num_rows:
            return
        self._connection.register("chosen", chosen)
        self._connection.execute(
            f"""
            update {_TYPED} set
                _original = case when _reason is not null then '' end,
                _received_at = case
                    when _reason is null
                        then date_trunc('hour', coalesce(_received_at, {DEFAULT_RECEIVED_AT}))
                    else _received_at
                end,
                _reason = coalesce(_reason, {literal(ERASED)})
            where {ROW_ID} in (select key from chosen)
            """
        )
        self._connection.unregister("chosen")

    def named(self, tombstones: Tombstones) -> list[tuple[int, int]]:
        """Return the file and line of every row that names a forgotten person."""
        keys = self._named(tombstones)["key"].to_pylist()
        return [divmod(key, ROW_ID_LINES) for key in keys]

    def _named(self, tombstones: Tombstones) -> pa.Table:
        if not tombstones:
            return pa.table({"key": pa.array([], pa.int64())})
        key, moment = f"({ROW_ID})", "coalesce(_event_at, _received_at)"
        columns = field_columns(self._table) | {"_extra": "VARCHAR"}
        rows = named_rows(
            self._connection,
            _TYPED,
            searched_columns(self._table, columns),
            tombstones,
            key=key,
            moment=moment,
        )
        texts = named_texts(
            self._connection, _TYPED, tombstones, key=key, text="_original", moment=moment
        )
        return pa.concat_tables([rows, texts])

    def landed(self) -> pa.Table:
        """Return the rows for the lake, by received date and row id.

        A row that could be read and that nothing dates takes the default.
        """
        columns = ", ".join(identifier(name) for name in row_columns(self._table))
        return self._connection.sql(
            f"""
            select cast(_received_at as date) as received_date, {columns}
            from (
                select * replace (coalesce(_received_at, {DEFAULT_RECEIVED_AT}) as _received_at),
                    {ROW_ID} as _row_id
                from {_TYPED}
                where _reason is null
            )
            order by received_date, _row_id
            """
        ).to_arrow_table()

    def quarantined(self) -> pa.Table:
        """Return the rows for quarantine, by received date and row id.

        A row that nothing dates has no received time, and the date of the nearest earlier row of
        its file, else of the nearest later one, else of the default.
        """
        return self._connection.sql(
            f"""
            with refused as (select * from {_TYPED} where _reason is not null),
            dated as (
                select _file_no, _line, _received_at from {_TYPED}
                where _received_at is not null
                    and _file_no in (select _file_no from refused where _received_at is null)
            ),
            found as (
                select
                    refused.*,
                    coalesce(
                        refused._received_at, earlier._received_at, later._received_at,
                        {DEFAULT_RECEIVED_AT}
                    ) as _dated_at
                from refused
                asof left join dated as earlier
                    on refused._file_no = earlier._file_no and refused._line >= earlier._line
                asof left join dated as later
                    on refused._file_no = later._file_no and refused._line <= later._line
            )
            select cast(_dated_at as date) as received_date, {ROW_ID} as _row_id, _file_no, _line,
                files.name as source_file, _reason as reason, _original as original_text,
                _received_at
            from found inner join {_FILES} as files on found._file_no = files.file_no
            order by received_date, _row_id
            """
        ).to_arrow_table()

    def counts(self) -> Mapping[int, FileCounts]:
        """Return the rows of each file by its number."""
        rows = self._connection.execute(
            f"select _file_no, _reason, count(*) from {_TYPED} group by all order by all"
        ).fetchall()
        landed: dict[int, int] = {}
        quarantined: dict[int, dict[str, int]] = {}
        for file_no, reason, count in rows:
            if reason is None:
                landed[file_no] = count
            else:
                quarantined.setdefault(file_no, {})[reason] = count
        return {
            number: FileCounts(landed.get(number, 0), quarantined.get(number, {}))
            for number in landed.keys() | quarantined.keys()
        }

    def _register(self, files: Sequence[InputFile]) -> None:
        paths = [path_received_at(self._table, file.name) for file in files]
        frame = pa.table(
            {
                "file_no": pa.array([file.file_no for file in files], pa.int64()),
                "name": pa.array([file.name for file in files], pa.string()),
                "path_received_at": pa.array(
                    [None if time is None else time.replace(tzinfo=None) for time in paths],
                    pa.timestamp("us"),
                ),
                "path_type": pa.array(
                    [path_type(self._table, file.name) for file in files], pa.string()
                ),
            }
        )
        self._connection.register(_BATCH, frame)
        self._connection.execute(f"insert into {_FILES} select * from {_BATCH}")
        self._connection.unregister(_BATCH)

    def _complete(
        self, feed: Feed, files: Sequence[InputFile]
    ) -> tuple[list[InputFile], list[Unreadable]]:
        """Part the files that have every column a mapping names from those that lack one."""
        if not feed.must_have_columns:
            return list(files), []
        readable: list[InputFile] = []
        lacking: list[Unreadable] = []
        for file in files:
            missing = file_columns_missing(self._connection, feed, file)
            if missing:
                lacking.append(Unreadable(file, f"no column {', '.join(missing)}"))
            else:
                readable.append(file)
        return readable, lacking

    def _add_unreadable(self, unreadable: Unreadable) -> None:
        self._connection.execute(
            f"insert into {_TYPED} by name select ? as _file_no, 0 as _line, "
            "'unreadable_file' as _reason, ? as _original, "
            f"(select path_received_at from {_FILES} where file_no = ?) as _received_at",
            [unreadable.file.file_no, unreadable.problem, unreadable.file.file_no],
        )


def file_columns_missing(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: InputFile
) -> list[str] | None:
    """Return the columns named by a mapping that a file lacks, None if it cannot say.

    One that is empty or cannot be read does not: the reader says what becomes of it.
    """
    reading = feed.reading
    try:
        if reading.format == "csv":
            found = csv_header(
                file.path, delimiter=reading.delimiter, skip_lines=reading.skip_lines
            )
        else:
            found = parquet_columns(connection, file.path)
    except (*DECOMPRESSION_ERRORS, CSV_ERROR, duckdb.Error):
        return None
    return columns_missing(reading, found) if found else None
