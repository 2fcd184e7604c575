"""The graph of the real project: whole, owned, described, and gated."""

from collections.abc import Iterable
from pathlib import Path

import dagster as dg
import pytest

from orchestration.dbt_process import DbtProject, parse_project
from orchestration.graph import pipeline_assets
from orchestration.segments import BATCH_GATE_KEY, MART_GATE_KEY, STAGES_BEFORE_PUBLISH

ROOT = Path(__file__).parents[3]
PUBLISH = dg.AssetKey(["published", "kpi"])
GROUPS = {
    "ingestion",
    "seeds",
    "staging",
    "identity",
    "hygiene",
    "core",
    "gates",
    "inference",
    "verdicts",
    "marts",
    "publish",
}


@pytest.fixture(scope="module")
def project() -> DbtProject:
    return parse_project(ROOT)


@pytest.fixture(scope="module")
def specs(project: DbtProject) -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for assets in pipeline_assets(project) for spec in assets.specs}


def upstream(
    specs: dict[dg.AssetKey, dg.AssetSpec], start: Iterable[dg.AssetKey]
) -> set[dg.AssetKey]:
    found: set[dg.AssetKey] = set()
    todo = list(start)
    while todo:
        key = todo.pop()
        if key not in found:
            found.add(key)
            todo += [dep.asset_key for dep in specs[key].deps]
    return found


def test_everything_read_is_built_by_somebody(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    read = {dep.asset_key for spec in specs.values() for dep in spec.deps}
    assert read <= specs.keys()


def test_every_asset_has_a_group_an_owner_a_description_and_a_kind(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    lacking = [
        key.to_user_string()
        for key, spec in specs.items()
        if not (spec.group_name and spec.owners and spec.description and spec.kinds)
    ]
    assert not lacking
    assert {spec.group_name for spec in specs.values()} == GROUPS


def test_every_model_and_seed_is_in_one_segment(
    project: DbtProject, specs: dict[dg.AssetKey, dg.AssetSpec]
) -> None:
    nodes = project.nodes["nodes"].values()
    expected = [node["name"] for node in nodes if node["resource_type"] in {"model", "seed"}]
    of_dbt = [key.path[-1] for key, spec in specs.items() if "dbt" in spec.kinds]
    assert sorted(of_dbt) == sorted(expected)


def test_every_dbt_test_is_a_blocking_check(project: DbtProject) -> None:
    checks = [check for assets in pipeline_assets(project) for check in assets.check_specs]
    tests = [one for one in project.nodes["nodes"].values() if one["resource_type"] == "test"]
    assert {test["name"] for test in tests} <= {check.name for check in checks}
    assert all(check.blocking for check in checks)


def test_a_check_runs_when_all_it_reads_has_been_built(
    project: DbtProject, specs: dict[dg.AssetKey, dg.AssetSpec]
) -> None:
    for assets in pipeline_assets(project):
        there = set(assets.keys) | upstream(specs, assets.keys)
        for check in assets.check_specs:
            assert {dep.asset_key for dep in check.additional_deps} <= there, check.name


def test_no_mart_is_built_before_the_gate_on_batches(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    marts = [key for key, spec in specs.items() if spec.group_name == "marts"]
    gate = dg.AssetKey(BATCH_GATE_KEY)
    assert marts
    assert [key for key in marts if gate not in upstream(specs, [key])] == []


def test_the_gate_on_batches_waits_for_every_verdict(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    before = upstream(specs, [dg.AssetKey(BATCH_GATE_KEY)])
    judged = {key for key, spec in specs.items() if spec.group_name in {"hygiene", "core"}}
    assert judged <= before


def test_publishing_comes_after_everything_else(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    before = upstream(specs, [PUBLISH])
    assert dg.AssetKey(MART_GATE_KEY) in before
    reviews = {dg.AssetKey(["resolver", "identity_reviews"])}
    later = {key for key in specs if key not in before} - reviews
    assert {key for key in later if specs[key].group_name not in {"ingestion", "seeds"}} == set()


def test_every_segment_must_be_built_to_publish(project: DbtProject) -> None:
    steps = {assets.op.name for assets in pipeline_assets(project)}
    names = {"gates__results": "gate_on_batches", "gates__marts": "gate_on_marts"}
    named = {names.get(step, step.split("__")[0]) for step in steps}
    assert set(STAGES_BEFORE_PUBLISH) <= named
