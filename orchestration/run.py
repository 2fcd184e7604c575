"""What every stage of one run is given."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from duckdb import DuckDBPyConnection

import warehouse
from orchestration.alerts import ledger
from orchestration.alerts.conditions import CORRECT_AND_RUN, RUN, SCHEDULE, run_failed
from orchestration.alerts.findings import Finding
from orchestration.alerts.heartbeat import Heartbeat, write_heartbeat
from orchestration.alerts.messages import text_of
from orchestration.alerts.store import LedgerError
from orchestration.as_of import format_as_of
from orchestration.code_digest import code_digest
from orchestration.config import Settings
from orchestration.dbt_process import DbtProject
from orchestration.places import Places
from orchestration.progress import Progress, report
from orchestration.stamps import StageKind, record_stage
from orchestration.status import Blocked, State, record_outcome
from orchestration.validation import write_history

KEPT_BY_BATCH = ("stg_field_values", "hygiene_event_keys", "hygiene_record_keys")
"""Models whose rows outlive the run that read them."""

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
        chosen = self.settings.dbt_variables
        digest = code_digest(self.project.nodes, chosen, models=KEPT_BY_BATCH)
        return {**chosen, "as_of": format_as_of(self.as_of), "code_digest": digest}

    def connect(self) -> AbstractContextManager[DuckDBPyConnection]:
        """Open the build database; it closes with the block."""
        self.places.warehouse.mkdir(parents=True, exist_ok=True)
        return closing(warehouse.connect(self.places.build))

    @contextmanager
    def in_history(self) -> Iterator["Run"]:
        """Add the run to the validation history when the block, and with it the run, has ended."""
        started_at = self.clock()
        try:
            yield self
        finally:
            write_history(self, started_at=started_at, finished_at=self.clock())

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
            self._note_failure(name, error)
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
            self.announce_failure(f"stage {name}: {stage.fault}", remedy=stage.remedy)
        state: Literal["done", "failed"] = "failed" if stage.has_failed else "done"
        report(Progress(stage=name, state=state, detail=stage.result, seconds=seconds))

    def observe(self, scope: str, findings: Iterable[Finding]) -> None:
        """Say all that is wrong in a scope now: alerts open and close by it. A look back is silent.

        Args:
            scope: What was looked at as a whole.
            findings: All that was found there.

        Raises:
            LedgerError: Alerts cannot be kept: nobody would hear of anything.
        """
        if self.places.is_current:
            sinks = self.settings.alerts.by_name
            ledger.observe(self.places.alerts, scope, findings, sinks=sinks, now=self.clock())

    def announce_blocked(self, blocked: Sequence[Blocked]) -> None:
        """Note in the status that publishing is blocked; the gate has said why."""
        try:
            self.observe(RUN, [])
        finally:
            self._record("blocked", blocked=blocked)

    def announce_failure(self, message: str, *, remedy: str = "") -> None:
        """Note in the status that the run failed, and alert; the message holds no data."""
        # The failure itself must reach the user, also when alerts are what failed.
        with suppress(LedgerError):
            self.observe(RUN, [run_failed(message, log=self.places.run_log, remedy=remedy)])
        self._record("failed", message=message, remedy=remedy or CORRECT_AND_RUN)

    def announce_published(self) -> None:
        """Note in the status that the snapshot is there, and give the sign of life."""
        try:
            self.observe(RUN, [])
            if self.places.is_current:
                self._beat()
        finally:
            self._record("published")

    def _beat(self) -> None:
        now = self.clock()
        beat = Heartbeat(at=text_of(now), as_of=self.as_of.isoformat(), run_id=self.run_id)
        write_heartbeat(self.places.heartbeat, beat)
        self.observe(SCHEDULE, [])
        said = f"Published as of {beat.as_of}, at {beat.at}."
        ledger.beat(self.places.alerts, said, sinks=self.settings.alerts.by_name, now=now)

    def _note_failure(self, stage: str, error: BaseException) -> None:
        message = f"stage {stage} {how_it_ended(error)}"
        if type(error).__name__ in INTERRUPTIONS:
            # Whoever stopped it knows.
            self._record("failed", message=message, remedy="Run again.")
        else:
            self.announce_failure(message)

    def _record(
        self,
        state: State,
        *,
        blocked: Sequence[Blocked] = (),
        message: str = "",
        remedy: str = "",
    ) -> None:
        record_outcome(
            self.places.status,
            state,
            as_of=self.as_of,
            run_id=self.run_id,
            now=self.clock(),
            blocked=blocked,
            message=message,
            remedy=remedy,
        )


@dataclass
class Stage:
    """A stage that is being built; it may say how far it is, what came of it, and what failed.

    Attributes:
        name: Its name.
        result: What came of it, in a few words.
        fault: What failed without an error, such as a test; no data.
        remedy: What to do about that.
    """

    name: str
    result: str = ""
    fault: str = ""
    remedy: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether it ends the run."""
        return bool(self.fault)

    def working_on(self, detail: str) -> None:
        """Report what the stage is at."""
        report(Progress(stage=self.name, state="working", detail=detail))
