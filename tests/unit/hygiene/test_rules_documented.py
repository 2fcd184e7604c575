"""The rules in the seed and the rules in the documentation are the same rules."""

import csv
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PARTS = ("Example", "Why", "Remedy", "Numbers")


def seeded() -> dict[str, dict[str, str]]:
    """Read the seed by rule."""
    with (ROOT / "seeds/hygiene_rules.csv").open(newline="", encoding="utf-8") as file:
        return {row["rule_id"]: row for row in csv.DictReader(file)}


def documented() -> dict[str, str]:
    """Read the section of each rule that judges landed rows."""
    text = (ROOT / "docs/hygiene.md").read_text(encoding="utf-8")
    rules = re.search(r"^## Rules\n(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL)
    assert rules
    sections = re.split(r"^### `(\w+)`\n", rules[1], flags=re.MULTILINE)
    return dict(zip(sections[1::2], sections[2::2], strict=True))


def test_every_rule_is_documented_and_no_other() -> None:
    assert list(documented()) == list(seeded())


def test_every_rule_has_an_example_a_reason_a_remedy_and_its_numbers() -> None:
    lacking = {
        (rule, part)
        for rule, section in documented().items()
        for part in PARTS
        if f"- **{part}**: " not in section
    }
    assert not lacking


def test_the_order_of_reasons_names_every_rule_under_its_reason() -> None:
    text = (ROOT / "docs/hygiene.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| \d \| `(\w+)` \| (.*) \|$", text, re.MULTILINE)
    listed = {
        rule: reason
        for reason, rules in lines
        for rule in re.findall(r"`(\w+)`", rules)
        if reason != "quarantined"
    }
    assert listed == {rule: row["reason"] for rule, row in seeded().items()}


def test_every_rule_says_since_when_who_and_why() -> None:
    for rule, row in seeded().items():
        assert all(row[column] for column in ("since", "owner", "why", "applies_to")), rule
