"""Batches of a size that is worth a query."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from ingestion.readers.model import Unreadable

_BYTES_AT_MOST = 32 * 2**20


def gathered(batches: Iterable[pa.Table | Unreadable]) -> Iterator[pa.Table | Unreadable]:
    """Join batches that follow each other: a query costs the same for one row as for thousands.

    Args:
        batches: What a reader yields, often a table per file.

    Returns:
        The same rows in the same order; what cannot be read comes before the rows beside it.
    """
    waiting: list[pa.Table] = []
    size = 0
    for batch in batches:
        if isinstance(batch, Unreadable):
            yield batch
            continue
        if waiting and (size + batch.nbytes > _BYTES_AT_MOST or batch.schema != waiting[0].schema):
            yield _joined(waiting)
            waiting, size = [], 0
        waiting.append(batch)
        size += batch.nbytes
    if waiting:
        yield _joined(waiting)


def _joined(tables: list[pa.Table]) -> pa.Table:
    return tables[0] if len(tables) == 1 else pa.concat_tables(tables).combine_chunks()
