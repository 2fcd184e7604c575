"""Write rows into received-date partitions, under names that a re-run of the landing repeats."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.durable import make_durable
from ingestion.journal import file_prefix

RECEIVED_DATE = "received_date"
"""Column that names the partition and is not inside the files."""

_FEW_ROWS = 1_000
"""Up to here a dictionary and zstd, made anew for every column, take longer than they save."""


class PartitionWriter:
    """Write the files of one landing."""

    def __init__(self, landing: int) -> None:
        """Begin with no file written.

        Args:
            landing: Number that every file's name begins with.
        """
        self._prefix = file_prefix(landing)
        self._used: Counter[Path] = Counter()
        self._written: list[Path] = []

    def write(self, folder: Path, rows: pa.Table) -> None:
        """Write rows, one file per received date.

        Args:
            folder: The table's folder.
            rows: Rows sorted by `received_date`, in the order they shall have in the file.
        """
        if rows.num_rows == 0:
            return
        runs = pc.run_end_encode(rows[RECEIVED_DATE].combine_chunks())
        inside = rows.drop_columns([RECEIVED_DATE])
        ends = runs.run_ends.to_pylist()
        starts = [0, *ends[:-1]]
        paths = [
            self._path(folder, str(date), rows=end - start)
            for date, start, end in zip(runs.values.to_pylist(), starts, ends, strict=True)
        ]
        with ThreadPoolExecutor() as pool:
            parts = [
                pool.submit(_write_file, path, inside.slice(start, end - start))
                for path, start, end in zip(paths, starts, ends, strict=True)
            ]
            for part in parts:
                part.result()
        self._written += paths

    def finish(self) -> None:
        """Return when all that was written is on disk: a manifest must not be there before."""
        make_durable(self._written)

    def _path(self, folder: Path, date: str, *, rows: int) -> Path:
        partition = folder / f"{RECEIVED_DATE}={date}"
        # With its rows in its name a file is counted without being opened.
        name = f"{self._prefix}{self._used[partition]}-{rows}.parquet"
        self._used[partition] += 1
        return partition / name


def _write_file(path: Path, rows: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if rows.num_rows <= _FEW_ROWS:
        pq.write_table(rows, path, compression="snappy", use_dictionary=False)
    else:
        pq.write_table(rows, path, compression="zstd")
