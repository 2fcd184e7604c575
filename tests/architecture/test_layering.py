"""Which dbt stage may read which, and what every mart must have, proven on dbt's manifest."""

from collections.abc import Iterator
from typing import Any

import pytest

from warehouse import is_mart

# A stage's models may also read each other; their order inside a stage is the stage's own affair.
PERMITTED: dict[str, frozenset[str]] = {
    "staging": frozenset({"raw", "seeds"}),
    "identity": frozenset({"staging", "standardiser", "seeds"}),
    "hygiene": frozenset(
        {"staging", "identity", "standardiser", "user_agents", "resolver", "seeds"}
    ),
    "core": frozenset({"staging", "identity", "hygiene", "resolver", "seeds"}),
    "marts": frozenset({"core", "gates", "inference", "verdicts", "seeds"}),
}
PREFIXES: dict[str, tuple[str, ...]] = {
    "staging": ("stg_",),
    "identity": ("identity_",),
    "hygiene": ("hygiene_",),
    "core": ("dim_", "fct_"),
}

Manifest = dict[str, Any]
Node = dict[str, Any]


def models(manifest: Manifest) -> Iterator[Node]:
    """Yield the manifest's models."""
    return (node for node in manifest["nodes"].values() if node["resource_type"] == "model")


def kpi_marts(manifest: Manifest) -> Iterator[Node]:
    """Yield the models analysts query."""
    return (node for node in models(manifest) if is_mart(node["name"]))


def stage_of(node: Node) -> str:
    """Name a node's stage: a model's folder, `seeds`, or the name of the source."""
    match node["resource_type"]:
        case "model":
            return str(node["original_file_path"].split("/")[1])
        case "seed":
            return "seeds"
        case "source":
            return str(node["source_name"])
        case other:
            return str(other)


def forbidden_edges(manifest: Manifest) -> list[str]:
    """Name every edge into a model that the architecture does not permit."""
    everything = manifest["nodes"] | manifest["sources"]
    found = []
    for node in models(manifest):
        stage = stage_of(node)
        for parent in (everything[name] for name in node["depends_on"]["nodes"]):
            permitted = PERMITTED.get(stage, frozenset()) | {stage}
            if stage_of(parent) not in permitted:
                origin = f"{stage_of(parent)}.{parent['name']}"
                found.append(
                    f"{node['name']} ({stage}) reads {origin}; {stage} may read {sorted(permitted)}"
                )
    return found


def misnamed_models(manifest: Manifest) -> list[str]:
    """Name every model that does not carry its stage's prefix."""
    return [
        f"{node['name']} ({stage_of(node)}) starts with none of {PREFIXES[stage_of(node)]}"
        for node in models(manifest)
        if stage_of(node) in PREFIXES and not node["name"].startswith(PREFIXES[stage_of(node)])
    ]


def unique_keys(manifest: Manifest, model_id: str) -> list[set[str]]:
    """Return the sets of columns that a model's tests prove unique."""
    tests = [
        node["test_metadata"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node.get("attached_node") == model_id
    ]
    return [
        set(test["kwargs"].get("columns") or [test["kwargs"]["column_name"]])
        for test in tests
        if test["name"] in {"unique", "unique_combination"}
    ]


def lacks_of_marts(manifest: Manifest) -> list[str]:
    """Name what a `kpi_*` model lacks of what analysts may rely on."""
    found = []
    for node in kpi_marts(manifest):
        undescribed = [
            name for name, column in node["columns"].items() if not column["description"].strip()
        ]
        key = node["config"].get("meta", {}).get("primary_key", [])
        keys = unique_keys(manifest, node["unique_id"])
        lacks = {
            "an enforced contract": not node["config"].get("contract", {}).get("enforced"),
            "a description": not node["description"].strip(),
            "columns": not node["columns"],
            f"a description of {', '.join(undescribed)}": bool(undescribed),
            "a primary key": not key,
            "a test that its primary key is unique": set(key) not in keys,
        }
        found += [
            f"{node['name']} lacks {lack}" for lack, is_lacking in lacks.items() if is_lacking
        ]
    return found


def test_every_stage_reads_only_what_it_may(manifest: Manifest) -> None:
    found = forbidden_edges(manifest)
    assert not found, "\n".join(found)


def test_every_model_carries_its_stages_prefix(manifest: Manifest) -> None:
    found = misnamed_models(manifest)
    assert not found, "\n".join(found)


def test_every_kpi_mart_is_contracted_described_and_keyed(manifest: Manifest) -> None:
    assert any(kpi_marts(manifest)), "no kpi_* model was found: the rule judged nothing"
    found = lacks_of_marts(manifest)
    assert not found, "\n".join(found)


def _model(name: str, stage: str, *parents: str, **extra: Any) -> Node:
    return {
        "unique_id": f"model.{name}",
        "name": name,
        "resource_type": "model",
        "original_file_path": f"models/{stage}/{name}.sql",
        "depends_on": {"nodes": list(parents)},
        "config": {"contract": {"enforced": True}, "meta": {"primary_key": ["activity_date"]}},
        "description": "One row per day.",
        "columns": {"activity_date": {"description": "The day."}},
        **extra,
    }


def _manifest(*nodes: Node) -> Manifest:
    sources = ("raw.events", "resolver.customers", "inference.lifts")
    return {
        "nodes": {node["unique_id"]: node for node in nodes},
        "sources": {
            f"source.{name}": {
                "resource_type": "source",
                "source_name": name.split(".")[0],
                "name": name.split(".")[1],
            }
            for name in sources
        },
    }


def _key_test(model: Node, column: str = "activity_date") -> Node:
    return {
        "unique_id": f"test.{model['name']}",
        "name": "key",
        "resource_type": "test",
        "attached_node": model["unique_id"],
        "test_metadata": {"name": "unique_combination", "kwargs": {"columns": [column]}},
        "depends_on": {"nodes": [model["unique_id"]]},
    }


@pytest.mark.parametrize(
    ("stage", "parent"),
    [
        ("staging", "source.resolver.customers"),
        ("identity", "source.raw.events"),
        ("hygiene", "source.raw.events"),
        ("core", "source.raw.events"),
        ("marts", "model.stg_events"),
        ("marts", "source.raw.events"),
        ("core", "source.inference.lifts"),
        ("reports", "source.raw.events"),
    ],
)
def test_forbidden_edge_is_caught(stage: str, parent: str) -> None:
    assert forbidden_edges(_manifest(_model("stg_events", "staging"), _model("it", stage, parent)))


@pytest.mark.parametrize(
    ("stage", "parent"),
    [
        ("staging", "source.raw.events"),
        ("hygiene", "source.resolver.customers"),
        ("marts", "source.inference.lifts"),
        ("staging", "model.stg_events"),
    ],
)
def test_permitted_edge_passes(stage: str, parent: str) -> None:
    assert not forbidden_edges(
        _manifest(_model("stg_events", "staging"), _model("it", stage, parent))
    )


def test_wrong_prefix_is_caught() -> None:
    assert misnamed_models(_manifest(_model("events", "staging")))
    assert not misnamed_models(_manifest(_model("stg_events", "staging")))


@pytest.mark.parametrize(
    ("lack", "extra"),
    [
        ("an enforced contract", {"config": {"meta": {"primary_key": ["activity_date"]}}}),
        ("a description", {"description": " "}),
        ("columns", {"columns": {}}),
        ("a description of activity_date", {"columns": {"activity_date": {"description": ""}}}),
    ],
)
def test_each_lack_of_a_mart_is_caught(lack: str, extra: dict[str, Any]) -> None:
    mart = _model("kpi_it_daily", "marts", **extra)
    assert lacks_of_marts(_manifest(mart, _key_test(mart))) == [f"kpi_it_daily lacks {lack}"]


def test_mart_without_key_or_key_test_is_caught() -> None:
    mart = _model("kpi_it_daily", "marts")
    untested = ["kpi_it_daily lacks a test that its primary key is unique"]
    assert lacks_of_marts(_manifest(mart)) == untested
    assert lacks_of_marts(_manifest(mart, _key_test(mart, "other_date"))) == untested
    keyless = _model("kpi_it_daily", "marts", config={"contract": {"enforced": True}})
    assert "kpi_it_daily lacks a primary key" in lacks_of_marts(_manifest(keyless))
    assert not lacks_of_marts(_manifest(mart, _key_test(mart)))
