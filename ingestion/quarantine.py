"""The quarantine as dbt reads it: `raw.quarantined_rows`, without the rows' text.

The build database keeps what it read of each quarantine file, since such files are never edited:
a run reads those that are new and forgets those that are gone.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.contracts import TableContract
from ingestion.lake import ROW_ID_LINES, dated_files, quarantine_folder, rejected_folder
from ingestion.rejections import read_rejections
from ingestion.retention import first_kept
from ingestion.sql import dated_scan, timestamp_literal
from ingestion.withdrawal import ERASED, SUPERSEDED

_KEPT = "lake.quarantined_rows"
_REASONS = {False: "reason", True: "'rejected_batch'"}
_FILES = pa.schema(
    [
        ("source_name", pa.string()),
        ("table_name", pa.string()),
        ("is_rejected", pa.bool_()),
        ("path", pa.string()),
        ("file", pa.string()),
    ]
)
_REJECTIONS = pa.schema(
    [
        ("source_name", pa.string()),
        ("table_name", pa.string()),
        ("received_date", pa.string()),
        ("last_row_id", pa.int64()),
    ]
)


def register_quarantine(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    tables: Iterable[TableContract],
    *,
    until: datetime,
    rows_from: date | None = None,
) -> None:
    """Create `raw.quarantined_rows` over the quarantine as it stands.

    Args:
        connection: The build database.
        lake: Root of the lake.
        tables: The tables whose rows may be in quarantine.
        until: Rows received after it are not visible (UTC, naive).
        rows_from: First received date that retention keeps; None for all.
    """
    rows = [row for table in tables for row in _files(lake, table, first_kept(table, rows_from))]
    connection.execute("create schema if not exists lake")
    connection.execute(
        f"create table if not exists {_KEPT} (source_name varchar, table_name varchar, "
        "received_date date, _row_id bigint, reason varchar, _received_at timestamp, "
        "is_rejected boolean, file varchar)"
    )
    connection.register("quarantine_files", pa.Table.from_pylist(rows, schema=_FILES))
    connection.execute("begin")
    try:
        _refresh(connection)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    finally:
        connection.unregister("quarantine_files")
    _create_view(connection, lake, until)


def _files(lake: Path, table: TableContract, since: str) -> Iterator[dict[str, object]]:
    folders = {
        False: quarantine_folder(lake, table.source, table.name),
        True: rejected_folder(lake, table.source, table.name),
    }
    for is_rejected, folder in folders.items():
        for day, path in dated_files(folder):
            if day < since:
                continue
            status = path.stat()
            yield {
                "source_name": table.source,
                "table_name": table.name,
                "is_rejected": is_rejected,
                "path": str(path),
                "file": f"{path.relative_to(lake)} {status.st_size} {status.st_mtime_ns}",
            }


def _refresh(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"delete from {_KEPT} where file not in (select file from quarantine_files)")
    fresh = connection.execute(
        f"""
        select source_name, table_name, is_rejected, list(path order by path) as paths
        from quarantine_files
        where file not in (select file from {_KEPT})
        group by all order by all
        """
    ).fetchall()
    for source, table, is_rejected, paths in fresh:
        scan = dated_scan(map(Path, paths)).removesuffix(")") + ", filename = 'lake_file')"
        connection.execute(
            f"""
            insert into {_KEPT}
            select ?, ?, rows.received_date, rows._row_id, {_REASONS[is_rejected]},
                rows._received_at, ?, files.file
            from {scan} as rows
            inner join quarantine_files as files on rows.lake_file = files.path
            """,
            [source, table, is_rejected],
        )


def _create_view(connection: duckdb.DuckDBPyConnection, lake: Path, until: datetime) -> None:
    aside = pa.Table.from_pylist(
        [
            {
                "source_name": one.table[0],
                "table_name": one.table[1],
                "received_date": one.received_date,
                "last_row_id": (one.last_file_no + 1) * ROW_ID_LINES - 1,
            }
            for one in read_rejections(lake)
        ],
        schema=_REJECTIONS,
    )
    connection.register("rejections", aside)
    connection.execute(
        "create or replace table lake.rejected_batches as "
        "select * replace (cast(received_date as date) as received_date) from rejections"
    )
    connection.unregister("rejections")
    connection.execute(
        f"""
        create or replace view raw.quarantined_rows as
        select
            quarantined.source_name, quarantined.table_name, quarantined.received_date,
            quarantined._received_at, quarantined._row_id, quarantined.reason,
            case
                when quarantined.reason = '{ERASED}' then 'erased'
                when quarantined.is_rejected then 'rejected'
                when quarantined.reason = '{SUPERSEDED}' then 'superseded'
                when quarantined._row_id <= rejected.last_row_id then 'rejected'
                else 'malformed'
            end as kind
        from {_KEPT} as quarantined
        left join lake.rejected_batches as rejected
            on quarantined.source_name = rejected.source_name
            and quarantined.table_name = rejected.table_name
            and quarantined.received_date = rejected.received_date
        where coalesce(quarantined._received_at, quarantined.received_date)
            <= {timestamp_literal(until)}
        """
    )
