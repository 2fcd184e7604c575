"""What `mf query` answers is what the marts hold."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.integration.company import Company

# The figures that every talk about a feature begins with, by the catalogue.
HEADLINES = {
    "return_adoption_rate",
    "opt_out_rate_28d",
    "helpful_rate",
    "weeks_saved",
    "savings_rate",
    "retention_d180",
    "conversion_rate",
    "csat_positive_rate",
    "false_targeting_rate",
    "reportable_incident_count",
    "ticket_count",
    "opt_in_rate",
}
ENTRIES: list[dict[str, Any]] = [
    yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted(Path("models/metrics").glob("*.yml"))
]
MODELS = [model for entry in ENTRIES for model in entry.get("semantic_models", [])]
RATIOS = [
    metric["name"]
    for entry in ENTRIES
    for metric in entry.get("metrics", [])
    if metric["type"] == "ratio"
]
SAVED = [query["name"] for entry in ENTRIES for query in entry.get("saved_queries", [])]
Rows = list[dict[str, Any]]


def model_of(metric: str) -> dict[str, Any]:
    """The semantic model that holds a ratio's numerator."""
    measure = f"{metric}_numerator"
    return next(model for model in MODELS if measure in [one["name"] for one in model["measures"]])


def time_of(model: dict[str, Any]) -> tuple[str, str]:
    """A semantic model's time column and its grain."""
    dimensions = {one["name"]: one for one in model["dimensions"]}
    name = model["defaults"]["agg_time_dimension"]
    return name, dimensions[name]["type_params"]["time_granularity"]


@pytest.fixture(scope="module")
def answers(kpi_company: Company, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """The answer to each ratio by its time, and to each saved query, by name."""
    folder = tmp_path_factory.mktemp("semantic")
    requests: list[dict[str, Any]] = [
        {
            "metric_names": [name],
            "group_by_names": [f"metric_time__{time_of(model_of(name))[1]}"],
        }
        for name in RATIOS
    ] + [{"saved_query_name": name} for name in SAVED]
    environment = os.environ | {
        "DBT_TARGET": "published",
        "TRUSTLIFT_PUBLISHED": str(kpi_company.data / "published" / "kpi.duckdb"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.kpis.ask", str(folder)],
        input=json.dumps(requests),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((folder / "answers.json").read_text())
    return dict(zip([*RATIOS, *SAVED], found, strict=True))


def test_every_headline_can_be_asked_for() -> None:
    measures = {one["name"] for model in MODELS for one in model["measures"]}
    assert not HEADLINES - measures - set(RATIOS)


@pytest.mark.parametrize("metric", RATIOS)
def test_a_rate_is_the_marts(kpi_company: Company, answers: dict[str, Rows], metric: str) -> None:
    model = model_of(metric)
    column, grain = time_of(model)
    mart = model["model"].split("'")[1]
    whole = "where segment_type = 'all'" if "segment_type" in str(model["measures"]) else ""
    with duckdb.connect() as connection:
        expected = connection.execute(
            f"select date_trunc('{grain}', {column})::date, "
            f"sum({metric}_numerator) / sum({metric}_denominator) "
            f"from '{kpi_company.data}/published/{mart}.parquet' {whole} group by 1"
        ).fetchall()
    found = {str(row[f"metric_time__{grain}"])[:10]: row[metric] for row in answers[metric]}
    assert any(value is not None for _, value in expected)
    assert found == {str(day): pytest.approx(value) for day, value in expected}


@pytest.mark.parametrize("query", SAVED)
def test_a_saved_query_has_an_answer(answers: dict[str, Rows], query: str) -> None:
    assert answers[query]
