"""The truth tables, written chunk by chunk; nothing in the pipeline reads them."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulation.parameters import DAY
from simulation.randomness import Array, Ints
from simulation.reasons import REASONS

TIME = pa.timestamp("us", tz="UTC")
_TEXTS = pa.dictionary(pa.int32(), pa.string())
# What a row really is, whatever its reason.
LABELS = ("bot", "session_fault", "tester")
_FLAGS = ("is_near_duplicate", "is_clock_error", "is_late")
RECEIVED_ROWS = pa.schema(
    [
        ("source_name", _TEXTS),
        ("table_name", _TEXTS),
        ("received_date", pa.date32()),
        ("record_key", pa.string()),
        ("expected_reason", _TEXTS),
        *((name, _TEXTS) for name in LABELS),
        *((name, pa.bool_()) for name in _FLAGS),
        ("source_file", _TEXTS),
        ("line_number", pa.int64()),
    ]
)


def times(micros: Array) -> pa.Array:
    """Turn microseconds since 1970 into UTC timestamps; negative ones into nulls."""
    return pa.array(np.asarray(micros, dtype=np.int64), mask=np.asarray(micros) < 0).cast(TIME)


def pick(names: tuple[str, ...], codes: Array | pd.Series) -> pa.Array:
    """Turn codes into their names; negative ones into nulls."""
    codes = np.asarray(codes, dtype=np.int64)
    return pa.array(names).take(pa.array(codes, mask=codes < 0))


class Truth:
    """Appends to `<folder>/<table>.parquet` and counts the received rows."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.rows: Counter[tuple[str, str]] = Counter()
        self.reasons: Counter[tuple[str, str]] = Counter()

    def add(self, table: str, rows: pa.Table) -> None:
        """Append rows to a truth table; the first call fixes its schema."""
        if table not in self._writers:
            path = self._folder / f"{table}.parquet"
            self._writers[table] = pq.ParquetWriter(path, rows.schema, compression="zstd")
        self._writers[table].write_table(rows)

    def add_received(
        self,
        source: str,
        table: str,
        *,
        received: Ints,
        key: pa.Array,
        reason: Array,
        file: Array,
        files: list[str],
        line: Array,
        flags: pd.DataFrame | None = None,
    ) -> None:
        """Append exported rows.

        Args:
            source: Source name.
            table: Table name in the source's contract.
            received: Microseconds of the receipt, one a row.
            key: The row's own key within its table.
            reason: Code of the expected reason.
            file: Position in `files`.
            files: Paths below the source's folder.
            line: Number of the row in its file, from 1.
            flags: Any of LABELS (texts or None), is_near_duplicate, is_clock_error, is_late.
        """
        count = len(received)
        given: dict[Any, Array] = {}
        if flags is not None:
            given = {name: flags[name].to_numpy() for name in flags.columns}
        no, nothing = np.zeros(count, dtype=bool), np.full(count, None)
        columns = [
            _repeat(source, count),
            _repeat(table, count),
            pa.array((received // DAY).astype(np.int32)).cast(pa.date32()),
            key,
            pa.DictionaryArray.from_arrays(pa.array(reason.astype(np.int32)), pa.array(REASONS)),
            *(_texts(given.get(name, nothing)) for name in LABELS),
            *(pa.array(given.get(name, no)) for name in _FLAGS),
            pa.DictionaryArray.from_arrays(
                pa.array(np.asarray(file, dtype=np.int32)), pa.array(files, pa.string())
            ),
            pa.array(np.asarray(line, dtype=np.int64)),
        ]
        self.add("received_rows", pa.Table.from_arrays(columns, schema=RECEIVED_ROWS))
        self.rows[source, table] += count
        for code, found in enumerate(np.bincount(reason, minlength=len(REASONS))):
            self.reasons[source, REASONS[code]] += int(found)

    def close(self) -> None:
        """Finish every file."""
        for writer in self._writers.values():
            writer.close()


def _texts(values: Array) -> pa.Array:
    """Turn texts, some of them missing, into a dictionary array."""
    return pa.array(values, pa.string(), from_pandas=True).dictionary_encode()


def _repeat(text: str, count: int) -> pa.Array:
    """Give one text `count` times as a dictionary array."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([text]))
