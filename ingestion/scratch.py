"""The engine in which rows are on their way between files."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from warehouse import connect


@contextmanager
def scratch_database(lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory; what does not fit there goes to the lake's scratch folder."""
    with closing(connect(None)) as connection:
        connection.execute("set temp_directory = ?", [str(lake / "_scratch")])
        # Else a digest would leave the engine as text.
        connection.execute("set arrow_lossless_conversion = true")
        yield connection
