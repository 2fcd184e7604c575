"""Take the rows of a file back out of the lake, because its content or its contract changed.

Lake files are never edited: what stays is written anew under the landing's own names, and the file
before it becomes obsolete with the landing's commit.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.lake import (
    ROW_ID_LINES,
    data_files,
    quarantine_folder,
    rejected_folder,
    table_folder,
)
from ingestion.sql import file_literal, literal
from ingestion.writing import PartitionWriter

SUPERSEDED = "superseded_file"
"""Reason of a row whose file came again with other content."""

ERASED = "erased"
"""Reason of a row that names a forgotten person: its place in the count is all that is left."""

GONE_LINES = ROW_ID_LINES // 2
"""From here on, lines are of rows that were taken out of their file: it brings them no more."""

_NAMES = "withdrawn_names"


@dataclass(frozen=True)
class Withdrawal:
    """What a withdrawal did.

    Attributes:
        obsolete: Files that its rewritten ones replace.
        set_aside_dates: Received dates of rows that were found in set-aside batches.
    """

    obsolete: tuple[Path, ...] = ()
    set_aside_dates: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Withdrawer:
    """Withdraw files of one table.

    Attributes:
        connection: Scratch database.
        lake: The lake.
        source: Source of the table.
        table: Table.
        writer: Writer of the landing that withdraws.
    """

    connection: duckdb.DuckDBPyConnection
    lake: Path
    source: str
    table: str
    writer: PartitionWriter

    def withdraw(self, superseded: Mapping[int, str], again: Collection[int]) -> Withdrawal:
        """Withdraw the rows of files.

        Args:
            superseded: Names of files by number whose rows go to quarantine as superseded.
            again: Numbers of files whose rows are dropped: the same landing brings them anew.
        """
        if not superseded and not again:
            return Withdrawal()
        numbers = [*superseded, *again]
        live = table_folder(self.lake, self.source, self.table)
        aside = rejected_folder(self.lake, self.source, self.table)
        names = pa.table(
            {
                "file_no": pa.array(list(superseded), pa.int64()),
                "name": pa.array(list(superseded.values()), pa.string()),
            }
        )
        self.connection.register(_NAMES, names)
        try:
            obsolete: list[Path] = []
            dates: set[date] = set()
            for folder in (live, aside):
                for path in self._holding(folder, numbers):
                    self._keep_others(folder, path, numbers)
                    self._quarantine_superseded(path)
                    obsolete.append(path)
                    if folder == aside:
                        dates.add(date.fromisoformat(_date(path)))
            quarantine = quarantine_folder(self.lake, self.source, self.table)
            for path in self._holding(quarantine, numbers):
                self._rejudge(quarantine, path, again)
                obsolete.append(path)
        finally:
            self.connection.unregister(_NAMES)
        return Withdrawal(tuple(obsolete), frozenset(dates))

    def _holding(self, folder: Path, numbers: Sequence[int]) -> list[Path]:
        paths = data_files(folder)
        if not paths:
            return []
        listed = ", ".join(file_literal(path) for path in paths)
        rows = self.connection.execute(
            f"select distinct filename from read_parquet([{listed}], filename = true, "
            f"hive_partitioning = false) where _file_no in ({_listed(numbers)}) order by filename"
        ).fetchall()
        return [Path(name) for (name,) in rows]

    def _keep_others(self, folder: Path, path: Path, numbers: Sequence[int]) -> None:
        self._write(
            folder,
            f"select date {literal(_date(path))} as received_date, * from {_scan(path)} "
            f"where _file_no not in ({_listed(numbers)}) order by _row_id",
        )

    def _quarantine_superseded(self, path: Path) -> None:
        self._write(
            quarantine_folder(self.lake, self.source, self.table),
            f"""
            select date {literal(_date(path))} as received_date, landed._row_id, landed._file_no,
                landed._line, names.name as source_file, {literal(SUPERSEDED)} as reason,
                cast(to_json(landed) as varchar) as original_text, landed._received_at
            from {_scan(path)} as landed
            inner join {_NAMES} as names on landed._file_no = names.file_no
            order by landed._row_id
            """,
        )

    def _rejudge(self, folder: Path, path: Path, again: Collection[int]) -> None:
        self._write(
            folder,
            f"""
            select date {literal(_date(path))} as received_date, found.* replace (
                case when names.file_no is null then reason else {literal(SUPERSEDED)} end as reason
            )
            from {_scan(path)} as found
            left join {_NAMES} as names on found._file_no = names.file_no
            where found._file_no not in ({_listed(again)}) or found._line >= {GONE_LINES}
            order by found._row_id
            """,
        )

    def _write(self, folder: Path, sql: str) -> None:
        self.writer.write(folder, self.connection.sql(sql).to_arrow_table())


def _listed(numbers: Collection[int]) -> str:
    return ", ".join(str(number) for number in numbers) or "-1"


def _scan(path: Path) -> str:
    return f"read_parquet({file_literal(path)}, hive_partitioning = false)"


def _date(path: Path) -> str:
    return path.parent.name.partition("=")[2]
