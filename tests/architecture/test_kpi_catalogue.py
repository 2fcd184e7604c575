"""The page of KPIs says what the marts' YAML says."""

from pathlib import Path

import pytest

from report.kpi_catalogue import PAGE, README, describe, read_marts, render, with_table
from tests.architecture.test_layering import Manifest, kpi_marts

MARTS = Path("models/marts")


def test_the_page_is_made_from_the_marts() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(MARTS), "run `make docs` and commit the page"


def test_the_readme_lists_the_marts() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == with_table(text, MARTS), "run `make docs` and commit README.md"


def test_every_published_mart_is_in_it(manifest: Manifest) -> None:
    described = {model["name"] for models in read_marts(MARTS).values() for model in models}
    assert {node["name"] for node in kpi_marts(manifest)} <= described


def test_a_mart_that_says_too_little_is_refused() -> None:
    meta = {"owner": "team", "primary_key": ["x"], "formula": ["`x` = y"], "is_not": "z."}
    model = {"name": "kpi_x", "description": "Q.", "columns": [], "config": {"meta": meta}}
    with pytest.raises(KeyError, match="evidence, example"):
        describe(model, {})
