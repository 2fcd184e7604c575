"""What all marts cost beside the facts they are made from, on about a million events.

A company is simulated and run once. On its build, core is built again, then everything that marts
need: sums, what libraries infer from them, and the marts. Median of some rounds, by turns. The ten
slowest models are listed; the last line is the ratio, and above the limit the exit code is 1.
"""

import argparse
import shutil
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from benchmarks.pipeline import PROJECT, Pipeline, write_config
from inference.stage import run as infer
from orchestration.run_command import run_once
from simulation import SimulationParameters, simulate
from warehouse import connect

ROUNDS = 3
MOST = 1.5
SLOWEST = 10
STAGES = {"core": "fqn:trustlift.core", "sums": "tag:sums", "marts": "fqn:trustlift.marts"}


def main() -> int:
    """Measure, print, and say by the exit code whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=SimulationParameters.customers)
    parser.add_argument("--days", type=int, default=SimulationParameters.days)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    default = PROJECT / "data" / "benchmarks" / "marts"
    parser.add_argument("--folder", type=Path, default=default)
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    shutil.rmtree(folder, ignore_errors=True)
    parameters = SimulationParameters(customers=arguments.customers, days=arguments.days)
    _build(folder, parameters)
    pipeline = Pipeline(folder / "data", as_of=parameters.as_of)
    pipeline.build = folder / "data" / "warehouse" / "build.duckdb"
    rounds = [_round(pipeline) for _ in range(arguments.rounds)]
    _print_events(pipeline)
    medians = {stage: median(one[stage] for one, _ in rounds) for stage in rounds[0][0]}
    for stage, seconds in medians.items():
        print(f"{stage:10} {seconds:7.2f} s")
    _print_slowest([models for _, models in rounds])
    ratio = (sum(medians.values()) - medians["core"]) / medians["core"]
    print(f"all marts, over core {ratio:.2f} (at most {MOST:.2f})")
    return int(ratio > MOST)


def _build(folder: Path, parameters: SimulationParameters) -> None:
    simulate(parameters, folder / "exports", folder / "truth")
    config = write_config(folder)
    moment = parameters.as_of.isoformat()
    code = run_once(config, as_of=moment, wait=False, as_json=False, started_at=time.monotonic())
    if code:
        raise RuntimeError(f"the run ended with {code}: see {folder}/data/warehouse/run.log")


def _round(pipeline: Pipeline) -> tuple[dict[str, float], dict[str, float]]:
    """Give the seconds of each stage and of each model."""
    pipeline.seconds = {}
    models: dict[str, float] = {}
    models |= pipeline.timed("core", lambda: pipeline.dbt(STAGES["core"]))
    models |= pipeline.timed("sums", lambda: pipeline.dbt(STAGES["sums"]))
    with connect(pipeline.build) as connection:
        pipeline.timed("inference", lambda: infer(connection))
    models |= pipeline.timed(
        "marts", lambda: pipeline.dbt(STAGES["marts"], exclude=(STAGES["sums"],))
    )
    return pipeline.seconds, models


def _print_events(pipeline: Pipeline) -> None:
    with connect(pipeline.build) as connection:
        counted = connection.execute("select count(*) from core.fct_judged_events").fetchall()
    print(f"{counted[0][0]:,} events")


def _print_slowest(rounds: list[dict[str, float]]) -> None:
    seconds: dict[str, list[float]] = defaultdict(list)
    for models in rounds:
        for name, took in models.items():
            seconds[name].append(took)
    medians = sorted(((median(took), name) for name, took in seconds.items()), reverse=True)
    print(f"the {SLOWEST} slowest models")
    for took, name in medians[:SLOWEST]:
        print(f"  {name:36} {took:6.2f} s")


if __name__ == "__main__":
    sys.exit(main())
