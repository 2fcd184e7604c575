"""Kill the pipeline at random moments, run it again, and compare with runs that nobody killed.

`python -m tests.chaos.kills --kills 40`
"""

import argparse
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from tests.chaos import forks
from tests.chaos.worlds import (
    PARAMETERS,
    differing,
    lake_files,
    later_files,
    marts,
    remove,
)
from tests.integration.company import Company, copied, simulated

_WORKERS = 2
_SECOND_KILL_SHARE = 0.3
_LAST_STAGE = re.compile(r"✓ ([a-z_ ]+?)  ")


@dataclass(frozen=True)
class Start:
    """A state that a run is started from, and what it leads to.

    Attributes:
        name: Its name.
        company: Exports and data before the run.
        published: The marts before the run; none before the first.
        expected: The marts after it.
        lake: The lake's files after it.
        seconds: How long the run took.
    """

    name: str
    company: Company
    published: dict[str, bytes]
    expected: dict[str, bytes]
    lake: frozenset[tuple[str, int]]
    seconds: float


@dataclass(frozen=True)
class Trial:
    """What became of one run that was killed and run again: stages it was killed in, and faults."""

    killed_after: tuple[str, ...]
    faults: tuple[str, ...]


def starts(root: Path) -> list[Start]:
    """Run the company without disturbance, from nothing and from its history."""
    whole = simulated(root / "whole", PARAMETERS)
    before = copied(whole, root / "before", exports_only=True)
    for path in later_files(before):
        path.unlink()
    forks.run_to_its_end(before)
    increment = copied(before, root / "increment")
    shutil.copytree(whole.exports, increment.exports, dirs_exist_ok=True)
    shutil.copytree(increment.root, root / "incremented", symlinks=True)
    return [
        _start("first run", whole, Company(root / "whole", PARAMETERS)),
        _start("increment", increment, Company(root / "incremented", PARAMETERS)),
    ]


def _start(name: str, company: Company, undisturbed: Company) -> Start:
    published = marts(company) if (company.data / "published").exists() else {}
    if undisturbed.root == company.root:
        undisturbed = copied(
            company, company.root.with_name(f"{name} undisturbed"), exports_only=True
        )
    seconds = forks.run_to_its_end(undisturbed)
    return Start(
        name=name,
        company=company,
        published=published,
        expected=marts(undisturbed),
        lake=frozenset(lake_files(undisturbed)),
        seconds=seconds,
    )


def try_once(start: Start, root: Path, seed: int) -> Trial:
    """Kill a run once or twice at random moments, then let it run to its end.

    Args:
        start: Where it begins.
        root: A place of its own.
        seed: Decides on the moments.
    """
    rng = random.Random(seed)
    company = copied(start.company, root, exports_only=not start.published)
    killed_after: list[str] = []
    faults: list[str] = []
    for _ in range(2 if rng.random() < _SECOND_KILL_SHARE else 1):
        ended = forks.run(company, kill_after=rng.uniform(0, start.seconds))
        if ended.code is None:
            killed_after.append(_stage_reached(company))
        faults += _torn_snapshot(company, start)
    forks.run_to_its_end(company)
    faults += [f"{name} differs" for name in differing(marts(company), start.expected)]
    faults += [f"lake: {name}" for name, _ in sorted(lake_files(company) ^ start.lake)]
    if not faults:
        remove([root])
    return Trial(tuple(killed_after), tuple(faults))


def _stage_reached(company: Company) -> str:
    finished = _LAST_STAGE.findall((company.root / "run.log").read_text(encoding="utf-8"))
    return f"after {finished[-1]}" if finished else "before the first stage's end"


def _torn_snapshot(company: Company, start: Start) -> list[str]:
    """What analysts read right after the kill must be one whole snapshot, old or new."""
    if not (company.data / "published" / "current").exists():
        return ["the snapshot is gone"] if start.published else []
    found = marts(company)
    return [] if found in (start.published, start.expected) else ["the snapshot is torn"]


def main() -> int:
    """Kill as often as asked and print what came of it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--folder", type=Path, default=None, help="Where the companies live.")
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir=given.folder))
    started = time.monotonic()
    forks.prepare()
    begun = starts(folder)
    for start in begun:
        print(f"undisturbed {start.name}: {start.seconds:.0f} s", flush=True)

    trials: list[Trial] = []
    kills = 0
    with ProcessPoolExecutor(_WORKERS, mp_context=get_context("fork")) as pool:
        number = 0
        while kills < given.kills:
            wave = range(number, number + 2 * _WORKERS)
            number = wave.stop
            runs = [
                pool.submit(try_once, begun[n % 2], folder / f"trial-{n}", given.seed * 10_000 + n)
                for n in wave
            ]
            trials += [run.result() for run in runs]
            kills = sum(len(trial.killed_after) for trial in trials)
            faulty = sum(bool(trial.faults) for trial in trials)
            print(f"{kills} kills in {len(trials)} trials, {faulty} with faults", flush=True)

    moments = Counter(moment for trial in trials for moment in trial.killed_after)
    for moment, count in moments.most_common():
        print(f"  killed {moment}: {count}")
    for number, trial in enumerate(trials):
        for fault in trial.faults:
            print(f"  trial {number}: {fault}")
    faulty = sum(bool(trial.faults) for trial in trials)
    print(
        f"kills: {kills}; trials: {len(trials)}; marts byte-identical and lake files equal: "
        f"{len(trials) - faulty} of {len(trials)}; {time.monotonic() - started:.0f} s"
    )
    if not faulty:
        remove([folder])
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
