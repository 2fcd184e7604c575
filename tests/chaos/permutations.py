"""Deliver a company's exports in random orders, parts and repetitions; the marts must not notice.

`python -m tests.chaos.permutations --permutations 50`
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from tests.chaos import forks
from tests.chaos.arrivals import can_be_repacked, deliver, deliver_again, split
from tests.chaos.worlds import PARAMETERS, differing, files, marts, remove
from tests.integration.company import Company, simulated, write_config

_WORKERS = 2
_MOST_DELIVERIES = 5
_SPLIT_SHARE = 0.15
_RUN_BETWEEN_SHARE = 0.4
_REPEAT_TRIAL_SHARE = 0.2
_REPEATED_FILES = 12
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


def arrive(whole: Company, expected: dict[str, bytes], root: Path, seed: int) -> Arrival:
    """Deliver everything in a random way, run, and compare.

    Args:
        whole: The company's exports, and what one run on all of them published.
        expected: Its marts.
        root: A place of its own.
        seed: Decides on the way.
    """
    rng = random.Random(seed)
    staged = root / "staged"
    shutil.copytree(whole.exports, staged)
    splits = sum(split(path, staged) for path in _chosen(rng, files(staged), _SPLIT_SHARE))
    everything = files(staged)
    rng.shuffle(everything)
    repeated: list[Path] = []
    if rng.random() < _REPEAT_TRIAL_SHARE:
        able = [path for path in everything if can_be_repacked(path)]
        repeated = rng.sample(able, min(_REPEATED_FILES, len(able)))

    company = Company(root, PARAMETERS)
    for source in staged.iterdir():
        (company.exports / source.name).mkdir(parents=True)
    write_config(root)
    deliveries = rng.randint(1, _MOST_DELIVERIES)
    cuts = sorted(rng.sample(range(1, len(everything)), deliveries - 1))
    runs = 0
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
            forks.run(company)
            runs += 1
    forks.run_to_its_end(company)
    found = marts(company)
    exempt = _COUNTS_OF_RECEIPT if repeated else frozenset()
    faults = [f"{name} differs" for name in differing(found, expected) if name not in exempt]
    if repeated:
        faults += _faults_of_repetition(company, whole)
    if not faults:
        remove([root])
    return Arrival(deliveries, runs + 1, splits, len(repeated), tuple(faults))


def _chosen(rng: random.Random, paths: list[Path], share: float) -> list[Path]:
    return [path for path in paths if rng.random() < share]


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
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--permutations", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--folder", type=Path, default=None, help="Where the companies live.")
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir=given.folder))
    started = time.monotonic()
    forks.prepare()
    whole = simulated(folder / "whole", PARAMETERS)
    seconds = forks.run_to_its_end(whole)
    expected = marts(whole)
    print(f"one delivery, one run: {len(expected)} marts, {seconds:.0f} s", flush=True)

    arrivals: list[Arrival] = []
    with ProcessPoolExecutor(_WORKERS, mp_context=get_context("fork")) as pool:
        pending = [
            pool.submit(arrive, whole, expected, folder / f"trial-{n}", given.seed * 10_000 + n)
            for n in range(given.permutations)
        ]
        for number, run in enumerate(pending):
            arrivals.append(run.result())
            for fault in arrivals[-1].faults:
                print(f"  permutation {number}: {fault}", flush=True)
            if len(arrivals) % 5 == 0:
                print(f"{len(arrivals)} of {given.permutations} permutations", flush=True)

    faulty = sum(bool(arrival.faults) for arrival in arrivals)
    print(
        f"permutations: {len(arrivals)}; deliveries: {sum(a.deliveries for a in arrivals)}; "
        f"runs: {sum(a.runs for a in arrivals)}; files split: {sum(a.splits for a in arrivals)}; "
        f"files repeated: {sum(a.repeats for a in arrivals)}; marts as of one delivery: "
        f"{len(arrivals) - faulty} of {len(arrivals)}; {time.monotonic() - started:.0f} s"
    )
    if not faulty:
        remove([folder])
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
