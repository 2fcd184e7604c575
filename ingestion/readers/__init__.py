"""Files of each format become numbered rows of text; what the text means is decided elsewhere.

A reader yields Arrow tables (file_no, line, original) whose lines still have to be taken apart, or
with a fourth column `record`, a struct of texts that is NULL for a malformed line; and `Unreadable`
for a file that it can't read at all, of which it then yields no rows.
"""

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from ingestion.feeds import Reading
from ingestion.readers.avro import avro_tables
from ingestion.readers.blocks import line_tables
from ingestion.readers.csv import csv_tables
from ingestion.readers.json_page import json_page_tables
from ingestion.readers.model import InputFile, Unreadable
from ingestion.readers.parquet import parquet_tables

__all__ = ["InputFile", "Unreadable", "read_tables"]


def read_tables(
    connection: duckdb.DuckDBPyConnection, files: Sequence[InputFile], reading: Reading
) -> Iterator[pa.Table | Unreadable]:
    """Read files of one format, in their order."""
    if reading.format == "avro":
        return avro_tables(files)
    if reading.format == "parquet":
        return parquet_tables(connection, files, columns=reading.columns, known=reading.known)
    if reading.format == "csv":
        return csv_tables(
            files,
            columns=reading.columns,
            known=reading.known,
            delimiter=reading.delimiter,
            skip_lines=reading.skip_lines,
        )
    if reading.format == "json_page":
        return json_page_tables(files, records=reading.records or "")
    return line_tables(files, skip_lines=reading.skip_lines)
