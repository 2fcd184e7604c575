"""Every mart says how far its data reach and whether they are to be trusted, by dbt's manifest."""

from typing import Any

from tests.architecture.test_layering import Manifest, kpi_marts

PROVENANCE = {"data_through_date": "date", "data_quality": "string"}


def without_provenance(manifest: Manifest) -> list[str]:
    """Name each mart that lacks a column of provenance, or has it in another type."""
    return [
        f"{node['name']} lacks {column} {type_}"
        for node in kpi_marts(manifest)
        for column, type_ in PROVENANCE.items()
        if node["columns"].get(column, {}).get("data_type") != type_
    ]


def test_every_mart_says_how_far_it_reaches_and_how_good_it_is(manifest: Manifest) -> None:
    assert any(kpi_marts(manifest)), "no kpi_* model was found: the rule judged nothing"
    assert without_provenance(manifest) == []


def test_a_mart_without_provenance_is_caught() -> None:
    columns: dict[str, Any] = {
        "data_through_date": {"data_type": "date"},
        "data_quality": {"data_type": "boolean"},
    }
    mart = {"name": "kpi_x", "resource_type": "model", "columns": columns}
    assert without_provenance({"nodes": {"x": mart}}) == ["kpi_x lacks data_quality string"]
