"""Pages of an API as it returned them: an envelope with a list of records."""

from collections.abc import Iterator, Sequence

import orjson
import pyarrow as pa

from ingestion.readers.blocks import DECOMPRESSION_ERRORS, read_text
from ingestion.readers.model import InputFile, Unreadable, in_groups
from ingestion.readers.records import records_table


def json_page_tables(
    files: Sequence[InputFile], *, records: str
) -> Iterator[pa.Table | Unreadable]:
    """Read pages as tables (file_no, line, original): one JSON text per record.

    Args:
        files: The pages, plain or gzipped.
        records: Key of the list. A record's line is its place in the list, from 1.
    """
    for group in in_groups(files):
        numbers: list[int] = []
        lines: list[int] = []
        texts: list[bytes] = []
        for file in group:
            try:
                page = orjson.loads(read_text(file.path))[records]
                encoded = [orjson.dumps(record) for record in _as_list(page)]
            except (*DECOMPRESSION_ERRORS, ValueError, KeyError, TypeError) as error:
                yield Unreadable(file, type(error).__name__)
                continue
            numbers.extend([file.file_no] * len(encoded))
            lines.extend(range(1, len(encoded) + 1))
            texts.extend(encoded)
        yield records_table(numbers, lines, texts)


def _as_list(page: object) -> list[object]:
    if not isinstance(page, list):
        raise TypeError
    return page
