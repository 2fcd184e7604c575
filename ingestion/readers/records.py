"""Records that Python has decoded, as one Arrow table of JSON texts."""

from collections.abc import Sequence

import pyarrow as pa


def records_table(numbers: Sequence[int], lines: Sequence[int], texts: Sequence[bytes]) -> pa.Table:
    """Return the table (file_no, line, original) of JSON texts."""
    return pa.table(
        {
            "file_no": pa.array(numbers, pa.int64()),
            "line": pa.array(lines, pa.int64()),
            "original": pa.array(texts, pa.large_binary()).cast(pa.large_string()),
        }
    )
