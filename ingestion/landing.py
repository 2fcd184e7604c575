"""Bring what is new in the sources into the lake: idempotent, nothing lost, nothing doubled.

Each landing writes its files first and commits the table's manifest last. A process killed before
the commit leaves files that the next call removes; one killed after it leaves obsolete files that
the next call removes. The numbers of landings and files follow from the manifests, so that a
re-run writes the same names.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contracts import SourceContract, TableContract
from ingestion.drift import Drift
from ingestion.erasure.tombstones import Tombstones, read_tombstones
from ingestion.journal import Landing, begin, recover
from ingestion.lake import quarantine_folder, rejected_folder, table_folder
from ingestion.manifest import (
    LandedFile,
    TableManifest,
    commit_manifest,
    read_manifest,
    read_manifests,
)
from ingestion.plan import Candidate, Plan, Supersession, plan_landing
from ingestion.readers import InputFile
from ingestion.readers.model import in_groups
from ingestion.rows import FileCounts, LandingRows
from ingestion.scratch import scratch_database
from ingestion.sources import Progress, SourceFiles, candidates_of, silent
from ingestion.withdrawal import Withdrawer
from ingestion.writing import RECEIVED_DATE, PartitionWriter

_LANDING_BYTES = 2**30
_LANDING_FILES = 20_000


@dataclass(frozen=True)
class TableSummary:
    """What one call landed of one table.

    Attributes:
        source: Source.
        table: Table.
        files_found: Files present that the table reads.
        new_files: Files landed, those read again after a change of mapping or contract included.
        superseded_files: Files whose rows were superseded.
        rows_landed: Rows that went to the lake.
        rows_quarantined: Rows that went to quarantine, by reason.
        seconds: Time taken.
    """

    source: str
    table: str
    files_found: int
    new_files: int = 0
    superseded_files: int = 0
    rows_landed: int = 0
    rows_quarantined: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True)
class LandingSummary:
    """What one call landed.

    Attributes:
        tables: Every table of the sources given, also where nothing was new.
        unclaimed_files: Files by source that no table reads.
        idle_paths: Paths of the user's own inputs at which no file lies.
    """

    tables: tuple[TableSummary, ...]
    unclaimed_files: Mapping[str, int]
    idle_paths: tuple[str, ...] = ()

    @property
    def rows_landed(self) -> int:
        """Rows that went to the lake."""
        return sum(table.rows_landed for table in self.tables)

    @property
    def rows_quarantined(self) -> int:
        """Rows that went to quarantine."""
        return sum(sum(table.rows_quarantined.values()) for table in self.tables)


@dataclass(frozen=True)
class _Step:
    """One landing: files to read, files to withdraw; committed as a whole."""

    files: tuple[tuple[Candidate, int], ...]
    superseded: tuple[Supersession, ...] = ()
    again: frozenset[int] = frozenset()
    removed: tuple[LandedFile, ...] = ()

    def withdrawn(self, counts: Mapping[int, FileCounts]) -> tuple[LandedFile, ...]:
        """Return the files to withdraw, now that their successors were read."""
        empty = {c.content for c, n in self.files if n not in counts or not counts[n].good}
        replaced = (one.old for one in self.superseded if one.by.content not in empty)
        return (*replaced, *self.removed)


def land(
    sources: Sequence[SourceFiles],
    lake: Path,
    *,
    contracts: Mapping[str, SourceContract],
    progress: Progress = silent,
    again: Collection[int] = (),
) -> LandingSummary:
    """Land every file whose content is not in the lake yet.

    Args:
        sources: Where each source's files lie.
        lake: Root of the lake; created when missing.
        contracts: The contracts by source.
        progress: Told of files hashed and landed.
        again: Numbers of landed files to read again although nothing about them changed.

    Returns:
        What was landed, per source and table.

    Raises:
        ContractError: A custom input breaks a rule.
        FileNotFoundError: A source's root is no folder.
        KeyError: A source has no contract.
        KeyMissingError: People were forgotten, and the key that tells who is not there.
    """
    lake.mkdir(parents=True, exist_ok=True)
    recover(lake)
    claims = [
        candidates_of(source, lake, contracts=contracts, progress=progress) for source in sources
    ]
    manifests = read_manifests(lake).values()
    numbers = _Numbers(
        landing=1 + max((n for m in manifests for n in m.landings), default=0),
        file=1 + max((f.file_no for m in manifests for f in m.files), default=0),
    )
    summaries = []
    tombstones = read_tombstones(lake)
    with scratch_database(lake) as connection:
        for claim in claims:
            for table, candidates in claim.tables:
                lander = _Lander(connection, lake, table, numbers, progress, again, tombstones)
                inputs = None if claim.inputs is None else claim.inputs[table.name]
                summaries.append(lander.land(candidates, inputs))
    unclaimed = {claim.source_name: claim.unclaimed_files for claim in claims}
    idle = tuple(path for claim in claims for path in claim.idle_paths)
    return LandingSummary(tuple(summaries), unclaimed, idle)


@dataclass
class _Numbers:
    """The next free numbers."""

    landing: int
    file: int


@dataclass(frozen=True)
class _Lander:
    """Land one table."""

    connection: duckdb.DuckDBPyConnection
    lake: Path
    table: TableContract
    numbers: _Numbers
    progress: Progress
    again: Collection[int]
    tombstones: Tombstones

    def land(
        self, candidates: Sequence[Candidate], inputs: Sequence[Sequence[str]] | None
    ) -> TableSummary:
        """Land a table's files in as many landings as memory asks for."""
        started = time.perf_counter()
        manifest = read_manifest(self.lake, self.table.source, self.table.name)
        active = {file.file_no for file in manifest.active}
        plan = plan_landing(candidates, manifest, again=self.again, inputs=inputs)
        total = len(plan.new) + len(plan.changed)
        description = f"land {self.table.source}/{self.table.name}"
        done, landed, reasons = 0, 0, Counter[str]()
        for step in self._steps(plan):
            manifest, rows, found = self._commit(step, manifest)
            done, landed = done + len(step.files), landed + rows
            reasons.update(found)
            self.progress(description, completed=done, total=total)
        return TableSummary(
            source=self.table.source,
            table=self.table.name,
            files_found=len(candidates),
            new_files=total,
            superseded_files=len(active - {file.file_no for file in manifest.active}),
            rows_landed=landed,
            rows_quarantined=dict(sorted(reasons.items())),
            seconds=time.perf_counter() - started,
        )

    def _steps(self, plan: Plan) -> Iterator[_Step]:
        for files in _grouped([(c, old.file_no) for c, old in plan.changed]):
            yield _Step(files, again=frozenset(number for _, number in files))
        numbered = [(c, self.numbers.file + place) for place, c in enumerate(plan.new)]
        self.numbers.file += len(numbered)
        new = {candidate.content for candidate in plan.new}
        known = tuple(one for one in plan.superseded if one.by.content not in new)
        if known or plan.removed:
            yield _Step((), superseded=known, removed=plan.removed)
        for files in _grouped(numbered):
            here = {candidate.content for candidate, _ in files}
            yield _Step(files, tuple(s for s in plan.superseded if s.by.content in here))

    def _commit(
        self, step: _Step, manifest: TableManifest
    ) -> tuple[TableManifest, int, Mapping[str, int]]:
        source, name = self.table.source, self.table.name
        landing = self.numbers.landing
        self.numbers.landing += 1
        begin(self.lake, Landing(source=source, table=name, landing=landing))
        rows = LandingRows(self.connection, self.table)
        for feed in {id(candidate.feed): candidate.feed for candidate, _ in step.files}.values():
            rows.add(feed, [_input(c, n) for c, n in step.files if c.feed is feed])

        writer = PartitionWriter(landing)
        withdrawer = Withdrawer(self.connection, self.lake, source, name, writer)
        drift = rows.drift()
        rows.refuse(self.tombstones)
        counts = rows.counts()
        withdrawn = step.withdrawn(counts)
        withdrawal = withdrawer.withdraw({f.file_no: f.path for f in withdrawn}, step.again)
        fresh = rows.landed()
        # A batch that is set aside stays so when a changed contract has its rows read again.
        is_aside = pc.is_in(
            fresh[RECEIVED_DATE], pa.array(sorted(withdrawal.set_aside_dates), pa.date32())
        )
        writer.write(table_folder(self.lake, source, name), fresh.filter(pc.invert(is_aside)))
        writer.write(rejected_folder(self.lake, source, name), fresh.filter(is_aside))
        writer.write(quarantine_folder(self.lake, source, name), rows.quarantined())

        writer.finish()

        if withdrawal.obsolete:
            obsolete = tuple(path.relative_to(self.lake).as_posix() for path in withdrawal.obsolete)
            begin(self.lake, Landing(source=source, table=name, landing=landing, obsolete=obsolete))
        entries = [
            _entry(c, n, landing=landing, counts=counts, drift=drift.get(n, ()))
            for c, n in step.files
        ]
        reasons = Counter[str]()
        for count in counts.values():
            reasons.update(count.quarantined)
        after = manifest.after(landing, [*entries, *(_superseded(file) for file in withdrawn)])
        commit_manifest(self.lake, source, name, after)
        recover(self.lake)
        return after, sum(count.landed for count in counts.values()), reasons


def _grouped(
    files: Sequence[tuple[Candidate, int]],
) -> Iterator[tuple[tuple[Candidate, int], ...]]:
    by_number = {number: (candidate, number) for candidate, number in files}
    inputs = [_input(candidate, number) for candidate, number in files]
    for group in in_groups(inputs, files_at_most=_LANDING_FILES, bytes_at_most=_LANDING_BYTES):
        yield tuple(by_number[file.file_no] for file in group)


def _input(candidate: Candidate, number: int) -> InputFile:
    found = candidate.file
    return InputFile(file_no=number, path=found.path, name=found.name, size=found.size)


def _entry(
    candidate: Candidate,
    number: int,
    *,
    landing: int,
    counts: Mapping[int, FileCounts],
    drift: tuple[Drift, ...],
) -> LandedFile:
    count = counts.get(number, FileCounts(0, {}))
    return LandedFile(
        file_no=number,
        path=candidate.file.name,
        digest=candidate.digest,
        size=candidate.file.size,
        reading=candidate.reading,
        layout=candidate.feed.layout,
        landing=landing,
        landed_rows=count.landed,
        quarantined_rows=sum(count.quarantined.values()),
        drift=drift,
    )


def _superseded(file: LandedFile) -> LandedFile:
    rows = file.landed_rows + file.quarantined_rows
    return file.model_copy(
        update={
            "state": "superseded",
            "landed_rows": 0,
            "quarantined_rows": rows,
            "drift": (),
        }
    )
