"""What experiments measure, in a macro, is what the seed says is judged; no sum is forgotten."""

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from inference.experiment_cuts import SUMS
from tests.unit.macros.rendering import render

SEED = Path(__file__).parents[3] / "seeds" / "experiment_metrics.csv"
METRICS: list[dict[str, Any]] = json.loads(render("{{ experiment_metrics() | tojson }}"))


def seeded() -> dict[str, dict[str, str]]:
    """The seed's rows but for waits, which have life tables and no sums."""
    with SEED.open(encoding="utf-8") as file:
        rows = {row["metric_name"]: row for row in csv.DictReader(file)}
    return {name: row for name, row in rows.items() if row["method"] != "survival"}


def test_every_metric_has_its_window_and_method() -> None:
    expected = {
        name: (int(row["window_days"]), row["method"], row["is_treated_only"] == "true")
        for name, row in seeded().items()
    }
    found = {
        metric["name"]: (
            metric["last_day"] + 1,
            "ratio" if "x" in metric else {"any": "proportion", "sum": "mean"}[metric["how"]],
            metric.get("is_treated_only", False),
        )
        for metric in METRICS
    }
    assert found == expected


def test_the_acts_that_are_read_reach_as_far_as_the_windows() -> None:
    assert max(metric["last_day"] for metric in METRICS) == 180
    assert max(metric["prior_days"] for metric in METRICS) == 28


@pytest.mark.parametrize("how", ["any", "sum", "ratio"])
def test_the_sums_that_are_not_kept_follow_from_those_that_are(how: str) -> None:
    metric = {"name": "m", "how": "any" if how == "any" else "sum"}
    if how == "ratio":
        metric["x"] = "deed"
    y, x, c, d = (1, 0, 1), (4, 0, 2), (0, 1, 1), (1, 3, 2)
    if how == "sum":
        y, c = (3, 5, 0), (2, 0, 7)
    if how != "ratio":
        x = d = (1, 1, 1)
    rows = ", ".join(str(row) for row in zip(y, x, c, d, strict=True))
    sql = render(
        "{% set metric = " + json.dumps(metric) + " %}"
        "with days as (select count(*) as n_m"
        "{% for letters in kept_sums(metric) %}"
        ", sum({{ deed_product(metric, letters) }}) as {{ letters }}_m{% endfor %} "
        f"from (values {rows}) as customers (y_m, x_m, c_m, d_m)) select n_m"
        "{% for letters in all_sums() %}, {{ metric_sum(metric, letters) }}{% endfor %} from days"
    )
    with duckdb.connect() as connection:
        found = [float(value) for value in connection.execute(sql).fetchall()[0]]
    letters = dict(zip("yxcd", (y, x, c, d), strict=True))
    names = [name.removeprefix("sum_") for name in SUMS[1:]]
    expected = {
        name: sum(
            a * b
            for a, b in zip(
                letters[name[0]], letters[name[1]] if len(name) == 2 else (1, 1, 1), strict=True
            )
        )
        for name in names
    }
    order = json.loads(render("{{ all_sums() | tojson }}"))
    assert sorted(order) == sorted(names)
    assert found == [3.0, *(float(expected[name]) for name in order)]
