"""What readouts cost beside the one SQL aggregation they need, and beside tea-tasting on the rows.

Made-up customers of one experiment, a row each as in `sums_experiment_customers`: 20 metrics, in a
holdout and two variations, enrolled over 28 days. The aggregation is one GROUP BY of variation and
day with all sums of all metrics. Readouts are what a run does: that as the mart's table, reading
it, and `infer_experiment_readouts`. tea-tasting finds the same plain and adjusted lifts from the
rows. All have done it with a few customers before, so that loading libraries is not counted.
Median of some rounds, by turns, in seconds and in seconds of processor time, which other work on
the machine moves less. The last line is the ratio; above the limit, or with more memory than
allowed, the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import pandas as pd

from benchmarks.pipeline import PROJECT
from inference.experiment_cuts import SUMS
from inference.experiment_readouts import infer_experiment_readouts
from tests.unit.macros.rendering import render
from warehouse import read_frame

if TYPE_CHECKING:
    from collections.abc import Callable

CUSTOMERS = 10_000_000
CORES, MEMORY_GIB, ENGINE_MEMORY = 2, 6, "4GiB"
ROUNDS, MOST = 5, 1.2
DAYS, STARTED = 28, pd.Timestamp("2026-01-05")
SHARES, RATIOS, MEANS = 8, 4, 8
_SHARE = {"first_day": 0, "last_day": 27, "how": "any", "y": "deed"}
_MEAN = _SHARE | {"how": "sum"}
METRICS = [
    *({**_SHARE, "name": f"share_{n}"} for n in range(SHARES)),
    *({**_MEAN, "name": f"ratio_{n}", "x": "chance"} for n in range(RATIOS)),
    *({**_MEAN, "name": f"mean_{n}"} for n in range(MEANS)),
]
_SUMS = """
select
    'e' as experiment_id,
    'f' as feature_id,
    variation_id,
    case when variation_id = 'holdout' then 'holdout' else 'treatment' end as variation_role,
    enrolled_date,
    'all' as segment_type,
    'all' as segment_value,
    {%- for metric in metrics %}
    count(y_{{ metric["name"] }}) as n_{{ metric["name"] }},
    {%- for letters in kept_sums(metric) %}
    sum({{ deed_product(metric, letters) }}) as {{ letters }}_{{ metric["name"] }},
    {%- endfor %}
    {%- endfor %}
from customers
group by all
"""
_FEW = "from (from customers limit 1000) as customers"
_DAILY = """
create or replace table daily as
with days as ({{ days }})
{% for metric in metrics %}
select
    experiment_id, feature_id, variation_id, variation_role, enrolled_date, segment_type,
    segment_value,
    '{{ metric["name"] }}' as metric_name,
    {%- for letters in all_sums() %}
    {{ metric_sum(metric, letters) }} as sum_{{ letters }},
    {%- endfor %}
    cast(n_{{ metric["name"] }} as bigint) as customer_count
from days
where n_{{ metric["name"] }} > 0
{{ "union all" if not loop.last }}
{% endfor %}
"""
_READ = f"""
    select
        * exclude ({", ".join(SUMS)}),
        {", ".join(f"cast({name} as double) as {name}" for name in SUMS)}
    from daily
    order by experiment_id, metric_name, variation_id, enrolled_date
"""


class Cost(NamedTuple):
    """What some work took: seconds, seconds of processor time, and its most memory."""

    seconds: float
    processor: float
    gib: float


@dataclass
class Clock:
    """Both times spent since it began, or until it was stopped."""

    seconds: float = field(default_factory=time.perf_counter)
    processor: float = field(default_factory=time.process_time)

    def stop(self) -> Clock:
        """Turn the beginnings into what was spent."""
        return Clock(time.perf_counter() - self.seconds, time.process_time() - self.processor)


def main() -> int:
    """Measure, print, and say by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    default = PROJECT / "data" / "benchmarks" / "inference"
    parser.add_argument("--folder", type=Path, default=default)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    folder: Path = arguments.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Each in a process of its own, so that its memory is not that of the others.
    _apart(partial(_write, customers=arguments.customers), folder)
    # Once before it counts: whoever reads the file first waits for the disk.
    _apart(_aggregate, folder)
    spent: dict[str, list[Cost]] = {"aggregation": [], "readouts": [], "tea-tasting": []}
    for _ in range(arguments.rounds):
        for name, work in (
            ("aggregation", _aggregate),
            ("readouts", _read_out),
            ("tea-tasting", _tea_tasting),
        ):
            spent[name].append(_apart(work, folder))
    shutil.rmtree(folder)
    return _report(arguments.customers, spent)


def _report(customers: int, spent: dict[str, list[Cost]]) -> int:
    print(f"{customers:,} customers, {len(METRICS)} metrics, 3 variations")
    print("| | seconds | of the aggregation | processor | of the aggregation | GiB |")
    print("|---|---|---|---|---|---|")
    medians = {
        name: Cost(*(median(column) for column in zip(*rounds, strict=True)))
        for name, rounds in spent.items()
    }
    one = medians["aggregation"]
    for name, cost in medians.items():
        print(
            f"| {name} | {cost.seconds:.2f} | {cost.seconds / one.seconds:.2f}"
            f" | {cost.processor:.2f} | {cost.processor / one.processor:.2f} | {cost.gib:.1f} |"
        )
    readouts = medians["readouts"]
    ratio = readouts.seconds / one.seconds
    print(f"memory {readouts.gib:.1f} GiB (at most {MEMORY_GIB})")
    print(f"readouts, of the one aggregation {ratio:.2f} (at most {MOST:.2f})")
    return int(ratio > MOST or readouts.gib > MEMORY_GIB)


def _apart(work: Callable[[Path], Clock | None], folder: Path) -> Cost:
    """Work in a process of its own, and return what it cost."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (work, folder))


def _measured(work: Callable[[Path], Clock | None], folder: Path) -> Cost:
    clock = work(folder) or Clock()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return Cost(clock.seconds, clock.processor, peak)


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(folder / "customers.duckdb"))
    connection.execute(f"set memory_limit = '{ENGINE_MEMORY}'; set threads = {CORES}")
    connection.execute("set enable_progress_bar = false")
    return connection


def _write(folder: Path, *, customers: int) -> None:
    """Draw customers by hashing their numbers: each column from bits of its own."""
    columns = []
    for place, metric in enumerate(METRICS):
        for letter, shift in zip("ycxd" if "x" in metric else "yc", range(0, 64, 16), strict=False):
            chance = f"((hash(number * {len(METRICS)} + {place}) >> {shift}) & 65535) / 65536"
            value = f"cast(({chance}) < .1 as integer)"
            if metric["how"] == "sum":
                value = f"cast(100 * ({chance}) ** 3 as decimal(18, 2))"
            if letter in "xd":
                value = f"cast(1 + floor(5 * {chance}) as decimal(18, 2))"
            columns.append(f"{value} as {letter}_{metric['name']}")
    with _connect(folder) as connection:
        connection.execute(f"""
            create table customers as
            select
                number as customer_id,
                case
                    when hash(number) % 100 < 15 then 'holdout'
                    when hash(number) % 2 = 0 then 'one'
                    else 'other'
                end as variation_id,
                date '{STARTED.date()}' + cast(hash(number + 1) % {DAYS} as integer)
                    as enrolled_date,
                {", ".join(columns)}
            from range({customers}) as numbers (number)
        """)


def _sums() -> str:
    return render(_with_metrics(_SUMS))


def _with_metrics(text: str) -> str:
    return f"{{%- set metrics = {METRICS!r} -%}}{text}"


def _aggregate(folder: Path) -> Clock:
    with _connect(folder) as connection:
        query = _sums()
        connection.execute(query.replace("from customers", _FEW)).fetchall()
        clock = Clock()
        connection.execute(query).fetchall()
        return clock.stop()


def _read_out(folder: Path) -> Clock:
    with _connect(folder) as connection:
        query = render(_with_metrics(_DAILY.replace("{{ days }}", _sums())))
        health = connection.execute("""
            select 'e' as experiment_id, variation_id, enrolled_date, cast(count(*) as double) as n
            from customers group by all order by all
        """).df()
        _readouts(connection, query.replace("from customers", _FEW), health)
        clock = Clock()
        count = _readouts(connection, query, health)
        spent = clock.stop()
    if count != 3 * len(METRICS):
        raise RuntimeError(f"{count} readouts, not {3 * len(METRICS)}")
    return spent


def _readouts(connection: duckdb.DuckDBPyConnection, query: str, health: pd.DataFrame) -> int:
    connection.execute(query)
    frames = _declared(health)
    frames[2] = read_frame(connection, _READ)
    return int(infer_experiment_readouts(*frames).num_rows)


def _tea_tasting(folder: Path) -> Clock:
    import tea_tasting as tt

    settings = {"use_t": True, "equal_var": False}
    metrics = {}
    for metric in METRICS:
        name = metric["name"]
        if "x" in metric:
            columns = [f"{letter}_{name}" for letter in "yxcd"]
            metrics[name] = tt.RatioOfMeans(*columns[:2], **settings)
            metrics[f"{name}_cuped"] = tt.RatioOfMeans(*columns, **settings)
        else:
            metrics[name] = tt.Mean(f"y_{name}", **settings)
            metrics[f"{name}_cuped"] = tt.Mean(f"y_{name}", f"c_{name}", **settings)
    with _connect(folder) as connection:
        table = connection.table("customers")
        experiment = tt.Experiment(metrics, variant="variation_id")
        experiment.analyze(table.limit(1_000), control="holdout", all_variants=True)
        clock = Clock()
        experiment.analyze(table, control="holdout", all_variants=True)
        return clock.stop()


def _declared(health: pd.DataFrame) -> list[pd.DataFrame]:
    """Give the frames that a readout reads beside the daily sums, whose place is the third."""
    enrolled = health.rename(columns={"n": "enrolled_count"}).assign(
        variation_role=health["variation_id"].where(
            health["variation_id"] == "holdout", "treatment"
        )
    )
    for name in ("outcome_before", "tenure", "risk", "novelty"):
        enrolled[f"n_{name}"] = enrolled["enrolled_count"]
        enrolled[f"sum_{name}"] = 2 * enrolled["enrolled_count"]
        enrolled[f"sum_{name}_squared"] = 5 * enrolled["enrolled_count"]
    metrics = pd.DataFrame(METRICS)[["name"]].rename(columns={"name": "metric_name"})
    metrics["method"] = metrics["metric_name"].str.split("_").str[0]
    metrics["method"] = metrics["method"].replace("share", "proportion")
    declared = metrics.assign(
        window_days=28,
        better="higher",
        effect_kind="relative",
        minimum_effect=0.05,
        is_mandatory=False,
        is_guardrail=metrics["metric_name"] == "share_0",
        is_treated_only=False,
        is_vanity=False,
        description="",
    )
    experiment = {
        "experiment_id": "e",
        "feature_id": "f",
        "kind": "test",
        "started_date": STARTED,
        "ended_date": pd.Timestamp("NaT"),
        "is_running": True,
        "planned_days": 28,
        "planned_holdout_share": 0.15,
        "primary_metric": "share_1",
        "minimum_effect": 0.05,
        "mandatory_metrics": None,
        "as_of_date": STARTED + pd.Timedelta(days=90),
        "lateness_days": 2,
        "min_days": 28,
        "holdout_share_min": 0.1,
        "holdout_share_max": 0.2,
        "min_sample": 100,
    }
    waits = pd.DataFrame(
        columns=[
            *("experiment_id", "feature_id", "variation_id", "variation_role", "enrolled_date"),
            *("segment_type", "segment_value", "duration_days", "exit_count", "event_count"),
        ]
    ).astype({"enrolled_date": "datetime64[us]"})
    return [pd.DataFrame([experiment]), declared, pd.DataFrame(), waits, enrolled]


if __name__ == "__main__":
    sys.exit(main())
