"""What one more day costs after 30 days of history, and what after 360.

A company is simulated once. Its last days are landed and judged one by one, on the files of the 30
days before them and on those of the 360 days before; the days are the same files in both. A day is
what a run does with it: land every source, register the views, dbt's seeds, staging, hygiene and
their tests, and what Python makes of user agents and phone numbers. Identity lies between them and
is built, but not counted. The last line is the ratio of the medians; above the limit the exit code
is 1.
"""

import argparse
import re
import shutil
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from benchmarks.pipeline import PROJECT, Pipeline
from simulation import SimulationParameters, simulate

CUSTOMERS = 1_000
HISTORIES = (30, 360)
MORE_DAYS = 7
MOST = 1.5
_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def main() -> int:
    """Measure, print, and say by the exit code whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    default = PROJECT / "data" / "benchmarks" / "increment"
    parser.add_argument("--folder", type=Path, default=default)
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    shutil.rmtree(folder, ignore_errors=True)
    parameters = SimulationParameters(
        customers=arguments.customers, days=max(HISTORIES) + MORE_DAYS
    )
    simulate(parameters, folder / "exports", folder / "truth")
    worlds = [_History(folder, days=days, end=parameters.as_of.date()) for days in HISTORIES]
    # By turns, so that whatever else the machine does slows both.
    for number in range(MORE_DAYS):
        for world in worlds:
            world.add_day(number)
    medians = [world.report() for world in worlds]
    shutil.rmtree(folder)
    ratio = medians[-1] / medians[0]
    print(f"ratio {ratio:.2f} (at most {MOST:.2f})")
    return int(ratio > MOST)


class _History:
    """A company's files up to some day, landed and judged."""

    def __init__(self, folder: Path, *, days: int, end: date) -> None:
        self._folder, self._root, self._days = folder, folder / f"after-{days}", days
        self._first_more = end - timedelta(days=MORE_DAYS)
        since = self._first_more - timedelta(days=days)
        _deliver(folder, self._root, since=since, until=self._first_more)
        self._pipeline = Pipeline(self._root / "data", as_of=_midnight(self._first_more))
        _run(self._pipeline, self._root / "exports")
        self._stages: list[dict[str, float]] = []

    def add_day(self, number: int) -> None:
        """Land and judge one of the last days, and note what it took."""
        day = self._first_more + timedelta(days=number)
        _deliver(self._folder, self._root, since=day, until=day + timedelta(days=1))
        self._pipeline.as_of, self._pipeline.seconds = _midnight(day + timedelta(days=1)), {}
        _run(self._pipeline, self._root / "exports")
        self._stages.append(self._pipeline.seconds)

    def report(self) -> float:
        """Print the medians of the days and return that of their totals."""
        total = median(sum(seconds.values()) for seconds in self._stages)
        print(f"one more day after {self._days} days: {total:.2f} s")
        for stage in self._stages[0]:
            print(f"  {stage:12} {median(seconds[stage] for seconds in self._stages):6.2f} s")
        return total


def _run(pipeline: Pipeline, exports: Path) -> None:
    pipeline.timed("land", lambda: pipeline.land(exports))
    pipeline.timed("raw", pipeline.register_raw)
    pipeline.timed("seeds", lambda: pipeline.dbt("resource_type:seed", with_tests=True))
    pipeline.timed("staging", lambda: pipeline.dbt("fqn:trustlift.staging", with_tests=True))
    pipeline.timed("user agents", pipeline.classify_user_agents)
    pipeline.timed("standardise", pipeline.standardise)
    pipeline.dbt("fqn:trustlift.identity")
    pipeline.resolve_identity()
    pipeline.timed("hygiene", lambda: pipeline.dbt("fqn:trustlift.hygiene", with_tests=True))


def _deliver(folder: Path, root: Path, *, since: date, until: date) -> None:
    """Copy the files received from one day up to another, and those that no day names."""
    for path in sorted((folder / "exports").rglob("*")):
        relative = path.relative_to(folder)
        named = _DATED.search(relative.as_posix())
        if path.is_file() and (named is None or since <= date.fromisoformat(named[0]) < until):
            target = root / relative
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
