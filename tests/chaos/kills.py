"""Kill the pipeline at random moments, run it again, and compare with runs that nobody killed.

Every stage has its turn, however short it is; the moment in it is chance.

`python -m tests.chaos.kills --kills 40`
"""

import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.chaos import forks
from tests.chaos.trials import faulty, repeat, session
from tests.chaos.worlds import (
    Start,
    differing,
    first_run,
    increment,
    lake_files,
    marts,
    remove,
)
from tests.integration.company import Company

_SECOND_KILL_SHARE = 0.3
_LANDING = "land "


@dataclass(frozen=True)
class Trial:
    """What became of a run that was killed and run again.

    Attributes:
        start: What it was started from.
        killed_in: The stages it was killed in.
        faults: What is not as if nobody had killed it.
    """

    start: str
    killed_in: tuple[str, ...]
    faults: tuple[str, ...]


def try_once(starts: Sequence[Start], seed: int, number: int, root: Path) -> Trial:
    """Kill a run once or twice, then let it run to its end.

    Args:
        starts: Where it may begin.
        seed: Decides on the moments.
        number: Of the trial: decides on the start and the stage of the first kill.
        root: A place of its own.
    """
    rng = random.Random(seed * 10_000 + number)
    groups = _groups(starts[0].durations)
    # Each stage has had all starts after as many rounds.
    turn, place = divmod(number, len(groups))
    start = starts[(turn + place) % len(starts)]
    company = start.again(root)
    killed_in: list[str] = []
    faults: list[str] = []
    kills = 2 if rng.random() < _SECOND_KILL_SHARE else 1
    for group in [groups[place], *rng.sample(groups, kills - 1)]:
        stage = rng.choice([stage for stage in start.durations if _group(stage) == group])
        moment = forks.Moment(stage, rng.uniform(0, start.durations[stage]))
        ended = forks.run(company, kill_at=moment)
        if ended.code is None:
            killed_in.append(_group(list(ended.durations)[-1]))
        faults += _torn_snapshot(company, start)
    faults += forks.faults_of_run(company)
    faults += [f"{name} differs" for name in differing(marts(company), start.expected)]
    faults += [f"lake: {name}" for name, _ in sorted(lake_files(company) ^ start.lake)]
    if not faults:
        remove([root])
    return Trial(start.name, tuple(killed_in), tuple(faults))


def _groups(durations: Mapping[str, float]) -> list[str]:
    return list(dict.fromkeys(_group(stage) for stage in durations))


def _group(stage: str) -> str:
    """Sources land one after the other: together they are one stage."""
    return "landing" if stage.startswith(_LANDING) else stage


def _torn_snapshot(company: Company, start: Start) -> list[str]:
    """What analysts read right after the kill must be one whole snapshot, old or new."""
    if not (company.data / "published" / "current").exists():
        return ["the snapshot is gone"] if start.published else []
    found = marts(company)
    return [] if found in (start.published, start.expected) else ["the snapshot is torn"]


def _kills(trials: Sequence[Trial]) -> int:
    return sum(len(trial.killed_in) for trial in trials)


def main() -> int:
    """Kill as often as asked and print what came of it."""
    with session(__doc__, of_what="kills", wanted=40) as given:
        forks.prepare()
        first = first_run(given.folder)
        starts = [first, increment(first.company, given.folder)]
        for start in starts:
            print(f"undisturbed {start.name}: {sum(start.durations.values()):.0f} s", flush=True)
        trials = repeat(partial(try_once, starts, given.seed), given, done=_kills)

    moments = Counter(stage for trial in trials for stage in trial.killed_in)
    for stage in _groups(starts[0].durations):
        print(f"  killed in {stage}: {moments[stage]}")
    begun = Counter(trial.start for trial in trials)
    print(
        f"kills: {_kills(trials)}, in {len(moments)} stages; trials: {len(trials)} "
        f"({', '.join(f'{count} of {name}' for name, count in sorted(begun.items()))}); "
        f"marts byte-identical and lake files equal: {len(trials) - faulty(trials)} of "
        f"{len(trials)}; {given.seconds:.0f} s"
    )
    return 1 if faulty(trials) else 0


if __name__ == "__main__":
    sys.exit(main())
