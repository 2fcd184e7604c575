"""What every stage of one run is given."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from duckdb import DuckDBPyConnection

import warehouse
from orchestration.alerts import send_alert
from orchestration.as_of import format_as_of
from orchestration.config import Settings
from orchestration.dbt_process import DbtProject
from orchestration.places import Places
from orchestration.progress import Progress, report
from orchestration.stamps import StageKind, record_stage
from orchestration.status import Blocked, State, record_outcome
from orchestration.validation import write_history

INTERRUPTIONS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
"""Errors that mean that somebody stopped the run."""


def utc_now() -> datetime:
    """Read the clock: the only place that does."""
    return datetime.now(UTC)


def how_it_ended(error: BaseException) -> str:
    """Say how an error ended a stage, without what it says: that may hold data."""
    kind = type(error).__name__
    return "was stopped" if kind in INTERRUPTIONS else f"ended with {kind}"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the pipeline.

    Attributes:
        run_id: Dagster's id.
        as_of: The moment it looks from (UTC).
        config_file: The user's configuration file.
        settings: What it says.
        places: Where it reads and writes.
        project: The parsed dbt project.
        clock: Gives the time now (UTC).
    """

    run_id: str
    as_of: datetime
    config_file: Path
    settings: Settings
    places: Places
    project: DbtProject
    clock: Callable[[], datetime] = utc_now

    @property
    def dbt_variables(self) -> dict[str, object]:
        """The dbt vars of this run."""
        return {**self.settings.dbt_variables, "as_of": format_as_of(self.as_of)}

    def connect(self) -> AbstractContextManager[DuckDBPyConnection]:
        """Open the build database; it closes with the block."""
        self.places.warehouse.mkdir(parents=True, exist_ok=True)
        return closing(warehouse.connect(self.places.build))

    @contextmanager
    def stage(self, name: str, kind: StageKind, *, is_whole: bool = True) -> Iterator["Stage"]:
        """Time a stage, report it, and note that this run built it.

        Args:
            name: Name of the stage.
            kind: What it spends its time on.
            is_whole: All of the stage is built, so that its result may be published.
        """
        stage = Stage(name=name)
        started_at = self.clock()
        report(Progress(stage=name, state="started"))
        try:
            yield stage
        except BaseException as error:
            seconds = (self.clock() - started_at).total_seconds()
            report(Progress(stage=name, state="failed", seconds=seconds))
            self.announce_failure(f"stage {name} {how_it_ended(error)}")
            raise
        finished_at = self.clock()
        if is_whole and not stage.has_failed:
            with self.connect() as connection:
                record_stage(
                    connection,
                    name,
                    run_id=self.run_id,
                    kind=kind,
                    started_at=started_at,
                    finished_at=finished_at,
                )
        seconds = (finished_at - started_at).total_seconds()
        if stage.has_failed:
            self.announce_failure(f"stage {name}: {stage.result}")
        state: Literal["done", "failed"] = "failed" if stage.has_failed else "done"
        report(Progress(stage=name, state=state, detail=stage.result, seconds=seconds))

    def announce_blocked(self, blocked: Sequence[Blocked]) -> None:
        """Note in the status that publishing is blocked, and alert."""
        self._record("blocked", blocked=blocked)
        self._alert("publishing_blocked", blocked=[asdict(one) for one in blocked])

    def announce_failure(self, message: str) -> None:
        """Note in the status that the run failed, and alert; the message holds no data."""
        self._record("failed", message=message)
        self._alert("run_failed", message=message, log=str(self.places.run_log))

    def announce_published(self) -> None:
        """Note in the status that the snapshot is there."""
        self._record("published")

    def _record(self, state: State, *, blocked: Sequence[Blocked] = (), message: str = "") -> None:
        status = record_outcome(
            self.places.status,
            state,
            as_of=self.as_of,
            run_id=self.run_id,
            now=self.clock(),
            blocked=blocked,
            message=message,
        )
        write_history(self, status)

    def _alert(self, kind: str, **details: object) -> None:
        told = {"as_of": self.as_of.isoformat(), "run_id": self.run_id, **details}
        send_alert(kind, told, files=self.settings.alerts.files, now=self.clock())


@dataclass
class Stage:
    """A stage that is being built; it may say how far it is and what came of it."""

    name: str
    result: str = ""
    has_failed: bool = False

    def working_on(self, detail: str) -> None:
        """Report what the stage is at."""
        report(Progress(stage=self.name, state="working", detail=detail))
