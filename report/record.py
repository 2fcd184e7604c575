"""What is kept of every run: one small file each, without a row of data in it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, TypeAdapter, ValidationError

RUNS = "runs"


@dataclass(frozen=True, kw_only=True)
class SourceRows:
    """Rows of one source: `received = kept + Σ excluded`."""

    source: str
    received: int
    kept: int
    excluded: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What a gate refused to publish.

    Attributes:
        subject: The batch `source/table/date`, or the mart.
        source: Source name, or the gate's.
        owner: Who answers for the threshold.
        expectation: What was expected.
        found: The figure, or why there is none.
        remedy: What to do, in a sentence.
        commands: What can be run for it.
    """

    subject: str
    source: str
    owner: str
    expectation: str
    found: str
    remedy: str
    commands: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """How one run ended.

    Attributes:
        run_id: Names its files.
        state: `published`, `blocked` or `failed`.
        as_of: The moment it looked from.
        finished_at: When it ended.
        seconds: How long it took, what failed included.
        message: Why it failed; empty if it did not.
        rows: Rows by source; empty if it did not come so far.
        verdicts: Verdicts of the gates that ran, by gate, severity and status.
        refusals: What blocked.
    """

    run_id: str
    state: Literal["published", "blocked", "failed"]
    as_of: AwareDatetime
    finished_at: AwareDatetime
    seconds: float
    message: str = ""
    rows: tuple[SourceRows, ...] = ()
    verdicts: Mapping[str, int] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()

    @property
    def received(self) -> int:
        """Rows received, of all sources."""
        return sum(row.received for row in self.rows)

    @property
    def kept(self) -> int:
        """Rows kept, of all sources."""
        return sum(row.kept for row in self.rows)


_RECORD = TypeAdapter(RunRecord)


def write_record(folder: Path, record: RunRecord) -> None:
    """Keep a run's record; one of the same run is replaced.

    Args:
        folder: Folder of the validation history.
        record: How the run ended.
    """
    write_whole(record_path(folder, record.run_id), _RECORD.dump_json(record).decode() + "\n")


def read_records(folder: Path) -> list[RunRecord]:
    """Read every run's record, the newest first.

    Raises:
        ValueError: A record is damaged; file, fault and remedy are named.
    """
    records = [_read(path) for path in (folder / RUNS).glob("*.json")]
    return sorted(records, key=lambda record: (record.finished_at, record.run_id), reverse=True)


def prune_records(folder: Path, *, keep: int, dry_run: bool = False) -> list[str]:
    """Remove records and pages of the oldest runs.

    Args:
        folder: Folder of the validation history.
        keep: How many runs stay.
        dry_run: Only say which.

    Returns:
        The ids of the runs that go.
    """
    old = [record.run_id for record in read_records(folder)[keep:]]
    for run_id in () if dry_run else old:
        record_path(folder, run_id).unlink(missing_ok=True)
        page_path(folder, run_id).unlink(missing_ok=True)
    return old


def record_path(folder: Path, run_id: str) -> Path:
    """Say where a run's record lies."""
    return folder / RUNS / f"{run_id}.json"


def page_path(folder: Path, run_id: str) -> Path:
    """Say where a run's page lies."""
    return folder / RUNS / f"{run_id}.html"


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _read(path: Path) -> RunRecord:
    try:
        return _RECORD.validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors()[0]["msg"]
        raise ValueError(
            f"{path} is no record of a run: {fault}. Remove it: the other runs stay."
        ) from error
