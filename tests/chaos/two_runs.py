"""Start runs at once while analysts read: one writes, one waits, one says why it will not.

`python -m tests.chaos.two_runs`
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.exits import Exit
from orchestration.places import main_places
from tests.chaos import forks
from tests.chaos.trials import session
from tests.chaos.worlds import Start, differing, first_run, increment, lake_files, marts, remove
from tests.integration.company import Company

_REFUSAL = re.compile(r"(Another run is writing: process (\d+), since \S+\.) .*--wait")
_PAUSE_SECONDS = 0.05
_QUESTION = "select sum(received_count), count(*) from kpi_data_hygiene_daily"
# Two of each kind: whoever comes first, one of them is refused and one of them waits.
_WRITERS: Mapping[str, tuple[str, ...]] = {"a": (), "b": (), "c": ("--wait",), "d": ("--wait",)}


@dataclass
class Reader:
    """An analyst: one connection stays open throughout, another is opened for each question.

    Attributes:
        published: The folder that is read.
        answers: What new connections were told, each answer once, in order.
        questions: How many were asked.
        slowest: Seconds that the slowest took.
        faults: What a reader must not see.
    """

    published: Path
    answers: list[object] = field(default_factory=list)
    questions: int = 0
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # By its own path: under one path, DuckDB would hand out what is open already.
        whole = self.published.resolve() / "current" / "kpi.duckdb"
        self._kept = duckdb.connect(str(whole.resolve()), read_only=True)
        self._told = self._kept.execute(_QUESTION).fetchall()

    def read(self) -> None:
        """Ask once on each connection."""
        before = time.monotonic()
        try:
            link = str(self.published / "kpi.duckdb")
            with closing(duckdb.connect(link, read_only=True)) as connection:
                answer = connection.execute(_QUESTION).fetchall()
            if answer not in self.answers:
                self.answers.append(answer)
            elif answer != self.answers[-1]:
                self.faults.append(f"after {self.answers[-1]} a reader was told {answer}")
            if self._kept.execute(_QUESTION).fetchall() != self._told:
                self.faults.append("an open connection was told another snapshot's figures")
        except duckdb.Error as error:
            self.faults.append(f"a reader was refused: {error}")
        self.questions += 1
        self.slowest = max(self.slowest, time.monotonic() - before)


@dataclass(frozen=True)
class Rival:
    """How a process ended that wanted to write: its number, exit code, and what it said."""

    pid: int
    code: int
    said: str


def rivals(company: Company, reader: Reader) -> dict[str, Rival]:
    """Start all writers at once, and read until the last has ended.

    Args:
        company: What they run on.
        reader: Reads meanwhile.
    """
    processes = {
        name: subprocess.Popen(
            [
                *(sys.executable, "-m", "orchestration.cli", "run"),
                *("--config", str(company.config), "--as-of", company.as_of.isoformat()),
                *options,
            ],
            stdout=(company.root / f"{name}.log").open("w"),
            stderr=subprocess.STDOUT,
            env={**os.environ, "COLUMNS": "200"},
        )
        for name, options in _WRITERS.items()
    }
    while any(process.poll() is None for process in processes.values()):
        reader.read()
        time.sleep(_PAUSE_SECONDS)
    reader.read()
    return {
        name: Rival(
            process.pid,
            process.returncode,
            (company.root / f"{name}.log").read_text(encoding="utf-8"),
        )
        for name, process in processes.items()
    }


def faults_of_rivals(ended: Mapping[str, Rival]) -> list[str]:
    """Who waited must have published; who did not has published, or says who was writing."""
    faults: list[str] = []
    refused = 0
    pids = {str(one.pid) for one in ended.values()}
    for name, one in ended.items():
        if one.code == Exit.PUBLISHED:
            continue
        holder = _REFUSAL.search(one.said)
        if _WRITERS[name] or one.code != Exit.FAILED:
            faults.append(f"run {name} ended with {one.code}: {one.said[-500:]}")
        elif holder is None or holder[2] not in pids - {str(one.pid)}:
            faults.append(f"run {name} does not say who is writing: {one.said[-500:]}")
        refused += 1
    return faults if refused else [*faults, "no run found another one writing"]


def faults_of_company(company: Company, start: Start) -> list[str]:
    """After all of them, everything must be as after one run."""
    faults = [f"{name} differs" for name in differing(marts(company), start.expected)]
    faults += [f"lake: {name}" for name, _ in sorted(lake_files(company) ^ start.lake)]
    note = main_places(company.data).lock.with_name(".lock.json")
    return [*faults, f"{note} says that somebody writes"] if note.exists() else faults


def compete(start: Start, root: Path) -> list[str]:
    """Let them run once, print what came of it, and return what was wrong."""
    company = start.again(root)
    reader = Reader(company.data / "published")
    ended = rivals(company, reader)
    for name, one in ended.items():
        refusal = _REFUSAL.search(one.said)
        said = "published" if refusal is None else f'"{refusal[1]}"'
        options = " ".join(("run", *_WRITERS[name]))
        print(f"  {options} (process {one.pid}): exit code {one.code}, {said}")
    print(
        f"  readers asked {reader.questions} times, on a new connection and on one kept open; "
        f"the slowest answer took {reader.slowest * 1_000:.0f} ms",
        flush=True,
    )
    faults = [*reader.faults, *faults_of_rivals(ended), *faults_of_company(company, start)]
    return faults if len(reader.answers) == 2 else [*faults, f"readers saw {reader.answers}"]


def main() -> int:
    """Let them run as often as asked and print what came of it."""
    with session(__doc__, of_what="rounds", wanted=1) as given:
        forks.prepare()
        start = increment(first_run(given.folder).company, given.folder)
        faulty = 0
        for number in range(given.wanted):
            root = given.folder / f"trial-{number}"
            faults = compete(start, root)
            for fault in faults:
                print(f"  {fault}")
            faulty += bool(faults)
            if not faults:
                remove([root])
    print(
        f"rounds of {len(_WRITERS)} runs at once: {given.wanted}; as one run, with readers "
        f"undisturbed: {given.wanted - faulty} of {given.wanted}; {given.seconds:.0f} s"
    )
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
