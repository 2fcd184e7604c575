"""What judging costs, in scans of the raw rows: staging and hygiene over a lake of events.

The scan is one query over the raw Parquet files. Judging is what a run does: the staging views, the
classification of user agents, and dbt's models of hygiene, from nothing. Identity and the other
sources are made before, in a process of their own, so that neither their time nor their memory is
counted. The last line is the ratio; above the limit the exit code is 1.
"""

import argparse
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.hygiene_lake import AS_OF, write_lake
from benchmarks.pipeline import PROJECT, Pipeline
from ingestion.lake import data_files, table_folder
from warehouse.duckdb import MEMORY_VARIABLE

ROWS = 10_000_000
CORES = 2
MEMORY_GIB = 6
ENGINE_MEMORY = "4GiB"
MOST_SCANS = 5.0
# The views that judging an event reads; those of other sources and of identity are there before.
_STAGING = " ".join(
    f"{model},fqn:trustlift.staging"
    for model in (
        "1+hygiene_event_keys",
        "1+hygiene_events",
        "1+hygiene_customer_rules",
        "+stg_web_user_agents",
    )
)
# What the verdicts and their counts are made of; how values are spelt is counted beside them.
_JUDGING = "+hygiene_batches,fqn:trustlift.hygiene +hygiene_rule_counts,fqn:trustlift.hygiene"
_SCANS = 3
_SCAN = """
select count(distinct _key_digest), max(_event_at), min(user_agent), sum(length(event_properties))
from read_parquet({files})
"""


def main() -> int:
    """Measure, print, and say by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path, default=PROJECT / "data" / "benchmarks" / "hygiene")
    parser.add_argument("--keep", action="store_true", help="keep the lake for the next time")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    os.environ[MEMORY_VARIABLE] = ENGINE_MEMORY
    folder: Path = arguments.folder
    if not (folder / "lake").exists():
        print(f"Writing a lake of {arguments.rows:,} events", flush=True)
        _apart(_write_lake, folder, arguments.rows)
    for path in folder.glob("build.duckdb*"):
        path.unlink()
    _apart(_prepare, folder)
    scan, judged = _measure(folder)
    if not arguments.keep:
        shutil.rmtree(folder)
    return _report(scan, judged)


def _apart(work: Callable[..., None], *arguments: object) -> None:
    """Work in a process of its own."""
    process = get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} failed")


def _write_lake(folder: Path, rows: int) -> None:
    lake = folder / "writing"
    shutil.rmtree(lake, ignore_errors=True)
    lake.mkdir(parents=True)
    write_lake(lake, rows=rows)
    lake.rename(folder / "lake")


def _prepare(folder: Path) -> None:
    """Build what hygiene reads beside staging."""
    pipeline = Pipeline(folder, as_of=AS_OF)
    pipeline.dbt("resource_type:seed")
    pipeline.register_raw()
    pipeline.dbt("fqn:trustlift.staging")
    pipeline.standardise()
    pipeline.dbt("fqn:trustlift.identity")
    pipeline.resolve_identity()
    # Kept by batch: left there, the values would be nothing new when staging is measured.
    with duckdb.connect(str(pipeline.build)) as connection:
        connection.execute("drop table staging.stg_field_values")


def _measure(folder: Path) -> tuple[list[float], Pipeline]:
    pipeline = Pipeline(folder, as_of=AS_OF)
    scans = [_scan(pipeline.lake) for _ in range(_SCANS)]
    pipeline.timed("staging", lambda: pipeline.dbt(_STAGING))
    pipeline.timed("user agents", pipeline.classify_user_agents)
    models = pipeline.timed("hygiene", lambda: pipeline.dbt(_JUDGING))
    for name, seconds in sorted(models.items(), key=lambda one: -one[1]):
        print(f"  {name:28} {seconds:6.2f} s")
    scans.append(_scan(pipeline.lake))
    _print_verdicts(pipeline.build)
    return scans, pipeline


def _scan(lake: Path) -> float:
    files = [str(path) for path in data_files(table_folder(lake, "amplitude", "events"))]
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '{ENGINE_MEMORY}'")
        started = time.perf_counter()
        connection.execute(_SCAN.format(files=files)).fetchall()
        return time.perf_counter() - started


def _print_verdicts(build: Path) -> None:
    with duckdb.connect(str(build), read_only=True) as connection:
        rows = connection.execute(
            "select verdict, count(*) from hygiene.hygiene_events group by all order by all"
        ).fetchall()
    print("rows: " + ", ".join(f"{count:,} {verdict}" for verdict, count in rows))


def _report(scans: list[float], pipeline: Pipeline) -> int:
    scan = median(scans)
    judging = sum(pipeline.seconds.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"scan {scan:.2f} s (of {', '.join(f'{one:.2f}' for one in scans)})")
    for stage, seconds in pipeline.seconds.items():
        print(f"{stage} {seconds:.2f} s, {seconds / judging:.0%}")
    print(f"judging {judging:.2f} s, peak memory of the process {peak:.2f} GiB")
    print(f"ratio {judging / scan:.2f} (at most {MOST_SCANS:.2f})")
    return int(judging / scan > MOST_SCANS or peak > MEMORY_GIB)


if __name__ == "__main__":
    sys.exit(main())
