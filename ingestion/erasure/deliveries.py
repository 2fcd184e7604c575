"""Take forgotten people out of what was pulled from a live source: those files are ours.

Exports are the vendor's and stay as they are. A page or an extract that was pulled is written anew
without the records that name the person, under its own name.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import SourceContract, TableContract
from ingestion.discovery import list_names, matching
from ingestion.erasure.tombstones import Tombstones
from ingestion.feeds import vendor_feed
from ingestion.readers import InputFile
from ingestion.rows import LandingRows
from ingestion.scratch import scratch_database

Clean = Callable[[str, Path], bool]
"""Takes forgotten people out of a table's file; says whether anything is left in it."""


def named_records(
    connection: duckdb.DuckDBPyConnection,
    table: TableContract,
    paths: Sequence[Path],
    tombstones: Tombstones,
) -> dict[Path, frozenset[int]]:
    """Return the files that name a forgotten person, each with the places of its records, from 1.

    They are read as for landing, so that what may not land may not stay either.
    """
    if not paths:
        return {}
    rows = LandingRows(connection, table)
    files = [
        InputFile(file_no=number, path=path, name=path.name, size=path.stat().st_size)
        for number, path in enumerate(paths)
    ]
    rows.add(vendor_feed(table), files)
    places: dict[int, set[int]] = {}
    for number, line in rows.named(tombstones):
        places.setdefault(number, set()).add(line)
    return {paths[number]: frozenset(lines) for number, lines in sorted(places.items())}


def delivered_files(root: Path, table: TableContract) -> list[Path]:
    """Return the files of a table that were pulled."""
    if not root.is_dir() or table.format is None:
        return []
    return [root / name for name in matching(list_names(root), table.files)]


def write_without(path: Path, table: TableContract, records: Collection[int], target: Path) -> int:
    """Write a pulled file without some of its records, and return how many are left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if table.format == "parquet":
        rows = pq.read_table(path, partitioning=None)
        kept = rows.filter(
            pa.array([place not in records for place in range(1, rows.num_rows + 1)], pa.bool_())
        )
        pq.write_table(kept, target, compression="zstd")
        return int(kept.num_rows)
    if table.format != "json_page" or table.records is None:
        raise ValueError(
            f"{table.source}/{table.name}: a pulled file of format {table.format} cannot be "
            "written anew; pull it as json_page or parquet"
        )
    page = orjson.loads(path.read_bytes())
    left = [one for place, one in enumerate(page[table.records], 1) if place not in records]
    target.write_bytes(orjson.dumps({**page, table.records: left}))
    return len(left)


def cleaner(lake: Path, contract: SourceContract, tombstones: Tombstones) -> Clean | None:
    """Return what keeps forgotten people out of a source's new deliveries; None if there are none.

    Args:
        lake: Root of the lake, for scratch.
        contract: The source's contract.
        tombstones: The forgotten.
    """
    if not tombstones:
        return None

    def clean(table: str, path: Path) -> bool:
        with scratch_database(lake) as connection:
            found = named_records(connection, contract.tables[table], [path], tombstones)
        if path not in found:
            return True
        return write_without(path, contract.tables[table], found[path], path) > 0

    return clean


def roots_of(pulled: Path, contracts: Mapping[str, SourceContract]) -> dict[str, Path]:
    """Return the folder of what was pulled from each source that was ever read live."""
    return {source: pulled / source for source in contracts if (pulled / source).is_dir()}
