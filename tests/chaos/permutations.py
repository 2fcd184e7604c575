"""Deliver a company's exports in random orders, parts and repetitions; the marts must not notice.

`python -m tests.chaos.permutations --permutations 50`
"""

import random
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from orchestration.exits import Exit
from tests.chaos import forks
from tests.chaos.arrivals import can_be_repacked, deliver, deliver_again, row_count, split
from tests.chaos.trials import faulty, repeat, session
from tests.chaos.worlds import (
    PARAMETERS,
    differing,
    files,
    land_everything,
    marts,
    remove,
)
from tests.integration.company import Company, simulated, write_config

_MOST_DELIVERIES = 5
_SPLIT_SHARE = 0.15
_RUN_BETWEEN_SHARE = 0.25
_REPEAT_TRIAL_SHARE = 0.2
_REPEATED_FILES = 12
# A day that comes again in large parts is rightly stopped by the gate on duplicates.
_MOST_REPEATED_ROWS = 10
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# What counts received rows changes when rows come twice; the KPIs of kept rows must not.
_COUNTS_OF_RECEIPT = frozenset(
    f"{name}.parquet"
    for name in ("kpi_data_hygiene_daily", "kpi_noise_effect_weekly", "kpi_volume_gaps_hourly")
)
_BATCH = ["source_name", "table_name", "received_date"]
_EXCLUSIONS = ["kept_count", "bot_count", "test_count", "expired_session_count", "stale_count"]


@dataclass(frozen=True)
class Arrival:
    """How a company's exports came, and what was wrong with the marts after it.

    Attributes:
        deliveries: In how many parts.
        runs: How many times the pipeline ran.
        splits: Files delivered as two.
        repeats: Files delivered twice.
        faults: What differs from one run on everything.
    """

    deliveries: int
    runs: int
    splits: int
    repeats: int
    faults: tuple[str, ...]


def arrive(
    whole: Company, expected: Mapping[str, bytes], seed: int, number: int, root: Path
) -> Arrival:
    """Deliver everything in a random way, run, and compare.

    Args:
        whole: The company's exports, and what one run on all of them published.
        expected: Its marts.
        seed: Decides on the ways.
        number: Of the way.
        root: A place of its own.
    """
    rng = random.Random(seed * 10_000 + number)
    staged = root / "staged"
    shutil.copytree(whole.exports, staged)
    splits = sum(split(path, staged) for path in _chosen(rng, files(staged), _SPLIT_SHARE))
    everything = files(staged)
    rng.shuffle(everything)
    repeated = _repeated(rng, everything, staged) if rng.random() < _REPEAT_TRIAL_SHARE else []

    company = Company(root, PARAMETERS)
    for source in staged.iterdir():
        (company.exports / source.name).mkdir(parents=True)
    write_config(root)
    deliveries = rng.randint(1, _MOST_DELIVERIES)
    cuts = sorted(rng.sample(range(1, len(everything)), deliveries - 1))
    runs, faults = 0, []
    bounds = list(zip([0, *cuts], [*cuts, len(everything)], strict=True))
    for first, last in bounds:
        for path in everything[first:last]:
            deliver(path, staged, company.exports)
        # A replay: what has come comes again as it was.
        for path in rng.sample(everything[:last], min(5, last)):
            deliver(path, staged, company.exports)
        for path in (path for path in repeated if path in everything[first:last]):
            deliver_again(path, staged, company.exports)
        if last < len(everything) and rng.random() < _RUN_BETWEEN_SHARE:
            code = forks.run(company).code
            if code not in (Exit.PUBLISHED, Exit.BLOCKED):
                faults.append(f"a run in between ended with {code}")
            runs += 1
        else:
            # Without more, as a run that went no further.
            land_everything(company)
    faults += forks.faults_of_run(company)
    differences = differing(marts(company), expected)
    if repeated:
        differences = [name for name in differences if name not in _COUNTS_OF_RECEIPT]
        faults += _faults_of_repetition(company, whole)
    faults += [f"{name} differs" for name in differences]
    if not faults:
        remove([root])
    return Arrival(deliveries, runs + 1, splits, len(repeated), tuple(faults))


def _chosen(rng: random.Random, paths: list[Path], share: float) -> list[Path]:
    return [path for path in paths if rng.random() < share]


def _repeated(rng: random.Random, paths: list[Path], exports: Path) -> list[Path]:
    """Choose small files, at most one of a source's day."""
    able = {
        (path.relative_to(exports).parts[0], day[0]): path
        for path in paths
        if (day := _DAY.search(str(path)))
        and can_be_repacked(path)
        and row_count(path, exports) <= _MOST_REPEATED_ROWS
    }
    return rng.sample(list(able.values()), min(_REPEATED_FILES, len(able)))


def _faults_of_repetition(company: Company, whole: Company) -> list[str]:
    """Every row that came twice must be a duplicate, or as malformed as it was at first."""
    mart = "kpi_data_hygiene_daily"
    found, expected = (one.mart(mart).set_index(_BATCH) for one in (company, whole))
    faults = [
        f"{mart}.{column} differs"
        for column in _EXCLUSIONS
        if not found[column].equals(expected[column])
    ]
    more: pd.Series[int] = found["received_count"] - expected["received_count"]
    excluded = (
        found[["duplicate_count", "quarantined_count"]]
        - expected[["duplicate_count", "quarantined_count"]]
    ).sum(axis=1)
    if not more.equals(excluded):
        faults.append(f"{mart}: repeated rows are not all duplicates")
    if more.sum() == 0:
        faults.append("nothing was repeated")
    return faults


def main() -> int:
    """Permute as often as asked and print what came of it."""
    with session(__doc__, of_what="permutations", wanted=50) as given:
        forks.prepare()
        whole = simulated(given.folder / "whole", PARAMETERS)
        seconds = forks.run_to_its_end(whole).seconds
        expected = marts(whole)
        print(f"one delivery, one run: {len(expected)} marts, {seconds:.0f} s", flush=True)
        arrivals = repeat(partial(arrive, whole, expected, given.seed), given, done=len)

    print(
        f"permutations: {len(arrivals)}; deliveries: {sum(a.deliveries for a in arrivals)}; "
        f"runs: {sum(a.runs for a in arrivals)}; files split: {sum(a.splits for a in arrivals)}; "
        f"files repeated: {sum(a.repeats for a in arrivals)}; marts as of one delivery: "
        f"{len(arrivals) - faulty(arrivals)} of {len(arrivals)}; {given.seconds:.0f} s"
    )
    return 1 if faulty(arrivals) else 0


if __name__ == "__main__":
    sys.exit(main())
