"""Try something again and again in two processes until it was enough, and say what came of it."""

import argparse
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol, TypeVar

_WORKERS = 2


class Outcome(Protocol):
    """What a trial came to."""

    @property
    def faults(self) -> Sequence[str]:
        """All that was wrong; nothing, if the trial went well."""
        ...


T = TypeVar("T", bound=Outcome)


@dataclass(frozen=True)
class Session:
    """What trials are given.

    Attributes:
        wanted: How many of them, or of what they do.
        seed: Decides on everything that is left to chance.
        folder: Where their companies live. It goes at the end unless something is to be looked at.
        started: When they began, by the monotonic clock.
    """

    wanted: int
    seed: int
    folder: Path
    started: float

    @property
    def seconds(self) -> float:
        """How long they have taken so far."""
        return time.monotonic() - self.started


@contextmanager
def session(description: str | None, *, of_what: str, wanted: int) -> Iterator[Session]:
    """Read the command line and make a place for the trials.

    Args:
        description: What the script does.
        of_what: What is counted: the option's name.
        wanted: How many, unless the command line says otherwise.
    """
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument(f"--{of_what}", dest="wanted", type=int, default=wanted)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--folder", type=Path, default=None, help="Where the companies live.")
    given = arguments.parse_args()
    if given.folder is not None:
        given.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir=given.folder))
    yield Session(given.wanted, given.seed, folder, time.monotonic())
    if not any(folder.glob("trial-*")):
        shutil.rmtree(folder)


def repeat(
    attempt: Callable[[int, Path], T], session: Session, *, done: Callable[[Sequence[T]], int]
) -> list[T]:
    """Attempt until enough is done, print how far it is, and every fault.

    Args:
        attempt: Gets its number and a folder of its own, which it leaves behind if it was faulty.
        session: Says how much is wanted.
        done: How much of that has been done.
    """
    outcomes: list[T] = []
    numbers = count()
    pending: deque[Future[T]] = deque()
    with ProcessPoolExecutor(_WORKERS, mp_context=get_context("fork")) as pool:
        while pending or done(outcomes) < session.wanted:
            while len(pending) < _WORKERS and done(outcomes) + len(pending) < session.wanted:
                number = next(numbers)
                folder = session.folder / f"trial-{number}"
                pending.append(pool.submit(attempt, number, folder))
            outcomes.append(pending.popleft().result())
            for fault in outcomes[-1].faults:
                print(f"  trial {len(outcomes) - 1}: {fault}", flush=True)
            print(f"{done(outcomes)} of {session.wanted}; {session.seconds:.0f} s", flush=True)
    return outcomes


def faulty(outcomes: Sequence[Outcome]) -> int:
    """Count the trials with a fault."""
    return sum(bool(outcome.faults) for outcome in outcomes)
