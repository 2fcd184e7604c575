"""Read landed files once more: after the reader of their format was corrected, or out of doubt.

A file keeps its number, so its rows keep their ids; what it brought before is withdrawn in the
landing that brings it anew. The lake is afterwards what a first landing would have made of it.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingestion.contracts import SourceContract
from ingestion.journal import recover
from ingestion.lake import dated_files, table_folders
from ingestion.landing import land
from ingestion.manifest import LandedFile, read_manifests
from ingestion.sources import Progress, SourceFiles, silent
from ingestion.sql import file_literal
from warehouse import connect


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What a replay did.

    Attributes:
        files: Landed files that were read again, or had come with other content.
        gone: Paths of those that are no longer there to be read; their rows stay.
        rows: Rows that these files brought now.
        malformed: Rows of theirs that are not read.
    """

    files: int
    gone: tuple[str, ...]
    rows: int
    malformed: int


def replay(
    source: SourceFiles,
    lake: Path,
    *,
    contracts: Mapping[str, SourceContract],
    first: date,
    last: date,
    progress: Progress = silent,
) -> Replay:
    """Land again every file that brought rows received in a period, or none at all.

    Killed at any moment, each file's rows are in the lake once, from before or from anew, and the
    next call does the rest.

    Args:
        source: Where the source's files lie.
        lake: Root of the lake.
        contracts: The contracts by source.
        first: First received date.
        last: Last received date, included.
        progress: Told of files hashed and landed.

    Raises:
        ValueError: The period ends before it begins.
        ContractError: A custom input breaks a rule.
        FileNotFoundError: The source's root is no folder.
        KeyError: The source has no contract.
    """
    if last < first:
        raise ValueError(f"the last date {last} must not lie before the first, {first}")
    recover(lake)
    landed = _landed(lake, source.source_name)
    # A file that brought no row has no date, and may be what a faulty reader did not understand.
    silent_files = {n for n, one in landed.items() if not one.landed_rows + one.quarantined_rows}
    received = _files_received(lake, contracts[source.source_name], first, last)
    numbers = (received | silent_files) & landed.keys()
    land([source], lake, contracts=contracts, progress=progress, again=numbers)
    after = _landed(lake, source.source_name)
    gone = sorted(
        landed[number].path
        for number in numbers
        if number in after and after[number].landing == landed[number].landing
    )
    # New content comes under a new number and the same path; what is new beside it is no replay.
    paths = {landed[number].path for number in numbers} - set(gone)
    again = [file for file in after.values() if file.path in paths]
    return Replay(
        files=len(numbers) - len(gone),
        gone=tuple(gone),
        rows=sum(file.landed_rows for file in again),
        malformed=sum(file.quarantined_rows for file in again),
    )


def _landed(lake: Path, source: str) -> dict[int, LandedFile]:
    manifests = read_manifests(lake)
    return {
        file.file_no: file
        for (name, _), manifest in manifests.items()
        if name == source
        for file in manifest.active
    }


def _files_received(lake: Path, contract: SourceContract, first: date, last: date) -> set[int]:
    paths = list(_paths(lake, contract, first.isoformat(), last.isoformat()))
    if not paths:
        return set()
    listed = ", ".join(file_literal(path) for path in paths)
    with closing(connect(None)) as connection:
        rows = connection.execute(
            f"select distinct _file_no from read_parquet([{listed}], hive_partitioning = false, "
            "union_by_name = true)"
        ).fetchall()
    return {number for (number,) in rows}


def _paths(lake: Path, contract: SourceContract, first: str, last: str) -> Iterator[Path]:
    for table in contract.tables:
        for folder in table_folders(lake, contract.source, table):
            yield from (path for day, path in dated_files(folder) if first <= day <= last)
