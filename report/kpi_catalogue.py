"""The catalogue of KPIs for people, from what the marts say of themselves.

`python -m report.kpi_catalogue` writes `docs/kpis.md` and the table in `README.md`;
`tests/architecture` holds both against the marts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from report.environment import environment

SECTIONS = (
    "hygiene",
    "adoption",
    "outcomes",
    "experiments",
    "trust",
    "retention",
    "targeting",
    "channels",
    "decisions",
    "verdicts",
)
PAGE = Path("docs/kpis.md")
PROJECT = Path("dbt_project.yml")
README = Path("README.md")
_TABLE = re.compile(r"(<!-- marts -->\n).*(<!-- end -->)", re.DOTALL)
_PARAGRAPH = re.compile(r"\*\*(Grain|Primary key|Nuance)\*\*: (.*)")


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """What a mart says of itself in its YAML.

    Attributes:
        name: The mart.
        question: What it answers, one paragraph.
        grain: What one row is.
        nuance: What a reader would get wrong; empty if nothing.
        primary_key: Its columns.
        formula: A line per metric or rule, Markdown.
        exclusions: Who or what does not count; empty if nobody.
        targets: The default target of each metric that has one.
        evidence: `descriptive`, `observational` or `randomised`, or by which column it is which.
        is_not: What it must not be taken for.
        example: A query on the published file.
        owner: Who answers for it.
    """

    name: str
    question: str
    grain: str
    nuance: str
    primary_key: tuple[str, ...]
    formula: tuple[str, ...]
    exclusions: str
    targets: Mapping[str, float]
    evidence: str
    is_not: str
    example: str
    owner: str


def read_marts(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Read the published marts' YAML entries, by section.

    Args:
        folder: `models/marts`.

    Raises:
        ValueError: A folder of marts that is no section.
    """
    found = {path.parent.name for path in folder.glob("*/_*.yml")} - {"sums"}
    if unknown := found - set(SECTIONS):
        raise ValueError(f"{sorted(unknown)} is no section of marts; add it to report.SECTIONS")
    return {
        section: [
            model
            for path in sorted((folder / section).glob("_*.yml"))
            for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
            if model.get("config", {}).get("contract", {}).get("enforced")
        ]
        for section in SECTIONS
    }


def describe(model: dict[str, Any], defaults: Mapping[str, float]) -> Kpi:
    """Make a catalogue entry of a mart's YAML.

    Args:
        model: The mart's entry.
        defaults: `target_<metric>` by name, of what has a target.

    Raises:
        KeyError: The YAML lacks what a reader needs; the message names it.
    """
    description = model["description"].strip()
    said = dict(_PARAGRAPH.findall(description))
    meta = model["config"]["meta"]
    needed = ("owner", "primary_key", "formula", "evidence", "is_not", "example")
    if missing := [name for name in needed if not meta.get(name)]:
        raise KeyError(f"{model['name']} lacks meta {', '.join(missing)}; write it in its YAML")
    names = [column["name"] for column in model["columns"]]
    return Kpi(
        name=model["name"],
        question=description.split("\n\n")[0],
        grain=said["Grain"],
        nuance=said.get("Nuance", ""),
        primary_key=tuple(meta["primary_key"]),
        formula=tuple(line.strip() for line in meta["formula"]),
        exclusions=meta.get("exclusions", ""),
        targets={
            name.removesuffix("_target"): defaults[f"target_{name.removesuffix('_target')}"]
            for name in names
            if name.endswith("_target")
        },
        evidence=meta["evidence"],
        is_not=meta["is_not"].strip(),
        example=meta["example"].strip(),
        owner=meta["owner"],
    )


def read_kpis(folder: Path) -> dict[str, list[Kpi]]:
    """Describe the published marts in `folder` (`models/marts`), by section."""
    defaults = yaml.safe_load(PROJECT.read_text(encoding="utf-8"))["vars"]
    return {
        section: [describe(model, defaults) for model in models]
        for section, models in read_marts(folder).items()
    }


def render(folder: Path) -> str:
    """Write the page's text from the marts in `folder` (`models/marts`)."""
    return environment().get_template("kpis.md").render(sections=read_kpis(folder)) + "\n"


def with_table(readme: str, folder: Path) -> str:
    """Put the table of the marts in `folder` between the marks of a text.

    Raises:
        ValueError: The text has no such marks.
    """
    table = environment().get_template("marts.md").render(sections=read_kpis(folder))
    text, count = _TABLE.subn(lambda marks: f"{marks[1]}{table}\n{marks[2]}", readme)
    if count != 1:
        raise ValueError("README.md lacks <!-- marts --> and <!-- end -->; put them back, once")
    return text


if __name__ == "__main__":
    marts = Path("models/marts")
    PAGE.write_text(render(marts), encoding="utf-8")
    README.write_text(with_table(README.read_text(encoding="utf-8"), marts), encoding="utf-8")
