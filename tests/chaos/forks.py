"""Runs of the pipeline in processes of their own, which can be killed.

Imports and the parsing of the dbt project take longer than a small run. They are done once here,
and each run is a fork that finds them done.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tests.integration.company import Company

PUBLISHED = 0
_TICK_SECONDS = 0.002


def prepare() -> None:
    """Import the stages and parse the dbt project, so that no fork has to."""
    from orchestration.pipeline import load_job

    load_job()


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, None if it was killed, and how long it lived."""

    code: int | None
    seconds: float


def run(company: Company, *, kill_after: float | None = None) -> Ended:
    """Run the whole pipeline on a company, and kill it in the midst of it if asked to."""
    return in_fork(company.run, log=company.root / "run.log", kill_after=kill_after)


def run_to_its_end(company: Company) -> float:
    """Run the whole pipeline and return how long it took.

    Raises:
        RuntimeError: It did not publish.
    """
    ended = run(company)
    if ended.code != PUBLISHED:
        log = company.root / "run.log"
        raise RuntimeError(
            f"The run ended with {ended.code} and must publish; the end of {log}:\n"
            + log.read_text(encoding="utf-8")[-2_000:]
        )
    return ended.seconds


def in_fork(work: Callable[[], int], *, log: Path, kill_after: float | None = None) -> Ended:
    """Do some work in a fork.

    Args:
        work: Returns the exit code.
        log: Takes all output.
        kill_after: Seconds after which the process is killed without a warning.
    """
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _work(work, log)
    while True:
        finished, status = os.waitpid(child, os.WNOHANG)
        seconds = time.monotonic() - started
        if finished:
            is_killed = os.WIFSIGNALED(status)
            return Ended(None if is_killed else os.waitstatus_to_exitcode(status), seconds)
        if kill_after is not None and seconds >= kill_after:
            os.kill(child, signal.SIGKILL)
            kill_after = None
        time.sleep(_TICK_SECONDS)


def _work(work: Callable[[], int], log: Path) -> NoReturn:
    with log.open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        code = 1
        try:
            code = work()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
