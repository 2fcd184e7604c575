"""The rules that judge rows are those of the seed, in its order."""

import csv
from itertools import pairwise
from pathlib import Path

import jinja2

ROOT = Path(__file__).parents[3]


def row_rules() -> dict[str, str]:
    """Render the macro's list: rule to reason, in the order in which they decide."""
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701
    found: list[dict[str, str]] = []
    environment.globals["return"] = found.append
    source = (ROOT / "macros" / "verdicts.sql").read_text(encoding="utf-8")
    environment.from_string(source).module.row_rules()  # type: ignore[attr-defined]
    return found[0]


def test_every_rule_of_the_seed_judges_with_its_reason_and_in_its_place() -> None:
    with (ROOT / "seeds/hygiene_rules.csv").open(newline="", encoding="utf-8") as file:
        seeded = {row["rule_id"]: row["reason"] for row in csv.DictReader(file)}
    assert list(row_rules().items()) == list(seeded.items())


def test_rules_of_one_reason_stand_together() -> None:
    reasons = list(row_rules().values())
    changes = sum(left != right for left, right in pairwise(reasons))
    assert changes == len(set(reasons)) - 1
