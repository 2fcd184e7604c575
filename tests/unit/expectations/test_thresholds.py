from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from expectations.thresholds import ThresholdsError, load_thresholds

RULE: dict[str, object] = {
    "id": "duplication",
    "gate": "batches",
    "metric": "duplication_rate",
    "max": 0.15,
    "severity": "error",
    "min_rows": 50,
    "why": "because",
    "owner": "data-engineering",
    "since": "2026-01-01",
}


def load(folder: Path, *rules: dict[str, object]) -> dict[str, float | None]:
    path = folder / "thresholds.yml"
    path.write_text(yaml.safe_dump({"thresholds": list(rules)}))
    limits = [limit for threshold in load_thresholds(path) for limit in threshold.limits()]
    return {limit.key: limit.max for limit in limits}


def test_the_shipped_thresholds_are_valid_and_say_why() -> None:
    thresholds = load_thresholds()
    assert {threshold.gate for threshold in thresholds} == {"batches", "sources", "marts", "kpis"}
    assert all(len(limit.why) > 20 for threshold in thresholds for limit in threshold.limits())


def test_an_override_takes_the_rest_from_its_threshold(tmp_path: Path) -> None:
    override = {"source": "braze", "table": "messages", "max": 0.3, "why": "other"}
    assert load(tmp_path, {**RULE, "overrides": [override]}) == {
        "duplication@default": 0.15,
        "duplication@braze/messages": 0.3,
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"severity": "fatal"}, r"duplication\.severity = 'fatal': .*'warning' or 'page'.*; use"),
        ({"severity": "page"}, r"severity 'page' is not for gate 'batches': KPIs page"),
        ({"gate": "kpis", "severity": "error"}, r"severity 'error' is not for gate 'kpis'"),
        ({"owner": ""}, r"duplication\.owner = '': .*at least 1 character; write it"),
        ({"maximum": 1}, r"duplication\.maximum = 1: Extra inputs.*; spell it as"),
        ({"min_rows": 0}, r"duplication\.min_rows = 0: .*greater than or equal to 1"),
        ({"max": float("nan")}, r"duplication\.max = nan: .*finite"),
        ({"max": None}, r"duplication: nothing is judged without .*: give at least one"),
        ({"min": 0.5}, r"duplication: min 0.5 is above max 0.15 for 'default': swap them"),
        ({"id": "Duplication"}, r"Duplication\.id = 'Duplication': .*pattern"),
        (
            {"overrides": [{"source": "braze", "why": "x"}]},
            r"duplication\.overrides\.0: the override for 'braze' changes nothing: give",
        ),
        (
            {"overrides": [{"source": "braze", "max": 1}]},
            r"duplication\.overrides\.0\.why: Field required; add the key",
        ),
        (
            {"overrides": [{"table": "messages", "max": 1, "why": "x"}]},
            r"holds for a source or a mart, one of them",
        ),
        (
            {"overrides": [{"mart": "kpi_x", "max": 1, "why": "x"}]},
            r"'kpi_x' is of another gate than 'batches'",
        ),
        (
            {"overrides": [{"source": "braze", "max": n, "why": "x"} for n in (1, 2)]},
            r"\['braze'\] is overridden more than once: keep one",
        ),
    ],
)
def test_a_broken_threshold_is_named_with_value_rule_and_remedy(
    change: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ThresholdsError, match=message):
        load(tmp_path, {**RULE, **change})


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ThresholdsError, match=r"\['duplication'\] are there more than once"):
        load(tmp_path, RULE, RULE)


@pytest.mark.parametrize("content", ["thresholds: [", "", "thresholds: []", "[]"])
def test_a_file_without_rules_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "thresholds.yml"
    path.write_text(content)
    with pytest.raises(ThresholdsError, match=r"thresholds\.yml is"):
        load_thresholds(path)
