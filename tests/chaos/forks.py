"""Runs of the pipeline in processes of their own, which can be killed.

Imports and the parsing of the dbt project take longer than a small run. They are done once here,
and each run is a fork that finds them done.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import NoReturn

from orchestration.places import main_places
from tests.chaos.stages import StageWatch
from tests.integration.company import Company

PUBLISHED = 0
_TICK_SECONDS = 0.005


@dataclass(frozen=True)
class Moment:
    """A moment of a run: so many seconds after a stage began."""

    stage: str
    seconds: float


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        code: Its exit code, None if it was killed.
        durations: Seconds by stage, in the order of the run, up to the one that it ended in.
    """

    code: int | None
    durations: Mapping[str, float]

    @property
    def seconds(self) -> float:
        """How long it lived."""
        return sum(self.durations.values())


def prepare() -> None:
    """Import the stages and parse the dbt project, so that no fork has to."""
    from orchestration.pipeline import load_job

    load_job()


def run(company: Company, *, kill_at: Moment | None = None) -> Ended:
    """Run the whole pipeline on a company, and kill it without a warning if asked to.

    Args:
        company: What it runs on.
        kill_at: When to kill it; a run that ends before lives.
    """
    run_log = main_places(company.data).run_log
    run_log.unlink(missing_ok=True)
    watch = StageWatch(run_log)
    child = start(company.run, log=_log(company))
    started = time.monotonic()
    while True:
        finished, status = os.waitpid(child, os.WNOHANG)
        seconds = time.monotonic() - started
        watch.look(seconds)
        if finished:
            code = None if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)
            watch.close()
            return Ended(code, watch.durations(seconds))
        begun_at = None if kill_at is None else watch.begun_at.get(kill_at.stage)
        if kill_at is not None and begun_at is not None and seconds - begun_at >= kill_at.seconds:
            os.kill(child, signal.SIGKILL)
            kill_at = None
        time.sleep(_TICK_SECONDS)


def faults_of_run(company: Company) -> list[str]:
    """Run the whole pipeline to its end: it must publish."""
    code = run(company).code
    return [] if code == PUBLISHED else [f"the run ended with {code}: see {_log(company)}"]


def run_to_its_end(company: Company) -> Ended:
    """Run the whole pipeline.

    Raises:
        RuntimeError: It did not publish.
    """
    ended = run(company)
    if ended.code != PUBLISHED:
        raise RuntimeError(
            f"The run ended with {ended.code} and must publish; the end of {_log(company)}:\n"
            + _log(company).read_text(encoding="utf-8")[-2_000:]
        )
    return ended


def start(work: Callable[[], int], *, log: Path) -> int:
    """Do some work in a fork, and return the fork's process id.

    Args:
        work: Returns the exit code.
        log: Takes all output.
    """
    child = os.fork()
    if child == 0:
        _work(work, log)
    return child


def _log(company: Company) -> Path:
    return company.root / "run.log"


def _work(work: Callable[[], int], log: Path) -> NoReturn:
    with log.open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        # What a killed process leaves behind is told in its own log: by a tracker of its own.
        vars(resource_tracker._resource_tracker).update(_fd=None, _pid=None)
        code = 1
        try:
            code = work()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
