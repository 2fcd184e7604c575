"""Where a source's files lie, and which table claims which of them."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingestion.contracts import ContractError, SourceContract, TableContract, Violation
from ingestion.custom import check_inputs, custom_feed
from ingestion.discovery import FoundFile, digest_files, list_names, matching
from ingestion.feeds import Feed, vendor_feed
from ingestion.lake import stat_cache_path
from ingestion.manifest import read_manifest
from ingestion.mapping import CustomInput
from ingestion.plan import Candidate
from ingestion.readers import InputFile
from ingestion.rows import file_columns_missing
from ingestion.stat_cache import StatCache
from warehouse import connect


class Progress(Protocol):
    """Is told how far a long work has come."""

    def __call__(self, description: str, *, completed: int, total: int) -> None:
        """Take note.

        Args:
            description: What is being done; the same text for the same work.
            completed: Files done.
            total: Files to be done.
        """


def silent(description: str, *, completed: int, total: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class SourceFiles:
    """A source that the user has.

    Attributes:
        source_name: Name of its contract.
        root: Folder that its files lie under.
        inputs: What the user says about files of their own (`custom` only).
    """

    source_name: str
    root: Path
    inputs: tuple[CustomInput, ...] | None = None


@dataclass(frozen=True)
class Claims:
    """The files of a source by table.

    Attributes:
        source_name: The source.
        tables: Each table read from the source, with its files.
        unclaimed_files: Files that no table reads.
        idle_paths: Paths of the user's own inputs at which no file lies.
        inputs: The globs of each of the user's own inputs by table; None for a vendor's source.
    """

    source_name: str
    tables: tuple[tuple[TableContract, tuple[Candidate, ...]], ...]
    unclaimed_files: int
    idle_paths: tuple[str, ...] = ()
    inputs: Mapping[str, tuple[tuple[str, ...], ...]] | None = None


def candidates_of(
    source: SourceFiles,
    lake: Path,
    *,
    contracts: Mapping[str, SourceContract],
    progress: Progress = silent,
) -> Claims:
    """Find a source's files and give each to the tables that read it.

    Args:
        source: Where the files lie.
        lake: Root of the lake, which remembers the files that were read before.
        contracts: The contracts by source.
        progress: Told of files hashed.

    Raises:
        ContractError: An input breaks a rule, or names columns that none of its files has.
        FileNotFoundError: The root is no folder.
        KeyError: The source has no contract.
    """
    if not source.root.is_dir():
        raise FileNotFoundError(
            f"{source.source_name}: {source.root} is no folder. Correct the source's path, "
            "or remove the source."
        )
    feeds = _feeds(source, contracts)
    names = list_names(source.root)
    claimed = [(feed, matching(names, feed.globs)) for feed in feeds]
    wanted = sorted({name for _, found in claimed for name in found})
    files: dict[str, FoundFile] = {}
    cache = StatCache(stat_cache_path(lake, source.source_name))
    for file in digest_files(source.root, wanted, cache):
        files[file.name] = file
        progress(f"hash {source.source_name}", completed=len(files), total=len(wanted))
    cache.save()
    tables: dict[str, list[Candidate]] = {feed.table.name: [] for feed in feeds}
    for place, (feed, found) in enumerate(claimed):
        found_files = [files[name] for name in found]
        if feed.must_have_columns:
            _check_columns(feed, found_files, place)
        taken = tables[feed.table.name]
        for file in found_files:
            reading = sum(candidate.file is file for candidate in taken) if source.inputs else 0
            taken.append(Candidate(file, feed, reading))
    contract = contracts[source.source_name]
    if source.inputs is not None:
        # A table whose last input was removed still has rows.
        landed = (name for name in contract.tables if name not in tables)
        tables |= {n: [] for n in landed if read_manifest(lake, source.source_name, n).active}
    return Claims(
        source_name=source.source_name,
        tables=tuple((contract.tables[name], tuple(found)) for name, found in tables.items()),
        unclaimed_files=len(names) - len(wanted),
        idle_paths=tuple(
            glob for feed, found in claimed if source.inputs and not found for glob in feed.globs
        ),
        inputs=None
        if source.inputs is None
        else {name: tuple(f.globs for f in feeds if f.table.name == name) for name in tables},
    )


def _feeds(source: SourceFiles, contracts: Mapping[str, SourceContract]) -> list[Feed]:
    if source.source_name not in contracts:
        raise KeyError(
            f"source {source.source_name!r} must be one of {', '.join(contracts)}. "
            "Correct its name, or bring its tables through `custom`."
        )
    contract = contracts[source.source_name]
    if source.inputs is None:
        return [vendor_feed(table) for table in contract.tables.values()]
    check_inputs(source.inputs, contract, file=source.source_name, key="inputs")
    return [custom_feed(given, contract.tables[given.table]) for given in source.inputs]


def _check_columns(feed: Feed, files: Sequence[FoundFile], place: int) -> None:
    """Tell a misspelt mapping from an odd file: the latter is quarantined, the former refused."""
    odd: list[tuple[str, list[str]]] = []
    with closing(connect(None)) as connection:
        for file in files:
            given = InputFile(file_no=0, path=file.path, name=file.name, size=file.size)
            missing = file_columns_missing(connection, feed, given)
            if missing == []:
                return
            if missing:
                odd.append((file.name, missing))
    if odd:
        name, missing = odd[0]
        raise ContractError(
            [
                Violation(
                    feed.table.source,
                    f"inputs.{place}.columns",
                    ", ".join(missing),
                    f"must be columns of {name}",
                    "Correct the names in the mapping.",
                )
            ]
        )
