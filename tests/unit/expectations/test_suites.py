from __future__ import annotations

from typing import Any

import great_expectations as gx
import pandas as pd
import pytest
from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)
from great_expectations.expectations.metadata_types import FailureSeverity

from expectations import suites
from expectations.frames import make_canary, prepare
from expectations.suites import build_suite, evaluate, prove, read_results, run_suite
from expectations.thresholds import Limit, Threshold, load_thresholds
from tests.unit.expectations.worlds import batch

RULES = [rule for rule in load_thresholds() if rule.id in {"duplication", "contract", "bots"}]
LIMITS = [limit for rule in RULES for limit in rule.limits()]
DUPLICATION = next(limit for limit in LIMITS if limit.rule_id == "duplication")


def frame_of(*batches: dict[str, object], rules: list[Threshold] = RULES) -> pd.DataFrame:
    frame = pd.DataFrame(batches).rename(columns={"judged_count": "row_count"})
    frame["subject"] = [f"s/{number}" for number in frame.index]
    return prepare(frame, rules, scopes=[frame["source_name"]])


@pytest.mark.parametrize("gate", ["batches", "sources", "marts"])
def test_every_expectation_fails_on_the_canary(gate: str) -> None:
    limits = [limit for rule in load_thresholds() if rule.gate == gate for limit in rule.limits()]
    suite = build_suite(gate, limits)
    assert len(suite.expectations) == len(limits)
    assert prove(suite, limits) == []
    canary = make_canary(limits)
    assert all(result["success"] is False for result in run_suite(suite, canary))


def test_severity_is_known_to_the_suite() -> None:
    severities = {
        expectation.meta["limit"]: expectation.severity
        for expectation in build_suite("batches", LIMITS).expectations
        if expectation.meta
    }
    assert severities["duplication@default"] == FailureSeverity.CRITICAL
    assert severities["bots@custom"] == FailureSeverity.WARNING


@pytest.mark.parametrize(
    "blind",
    [
        {"max_value": 1000.0},
        {"mostly": 0.0, "max_value": 0.15},
        {"max_value": 0.15, "row_condition": None},
        {"max_value": 0.15, "column": "no_such_metric"},
    ],
    ids=["a limit never reached", "any share passes", "no condition", "a column of no frame"],
)
def test_an_expectation_blind_to_bad_data_silences_its_whole_suite(
    blind: dict[str, Any],
) -> None:
    suite = build_suite("batches", LIMITS)
    kept = [e for e in suite.expectations if e.meta != {"limit": DUPLICATION.key}]
    replaced = ExpectColumnValuesToBeBetween(
        **{"column": "duplication_rate", "meta": {"limit": DUPLICATION.key}, **blind}
    )
    broken = gx.ExpectationSuite(name="batches", expectations=[*kept, replaced])
    evaluations = evaluate(broken, frame_of(batch()), LIMITS)
    assert len(evaluations) == len(LIMITS)
    for evaluation in evaluations.values():
        assert evaluation.fault == "the suite let bad data pass (duplication@default)"


def test_an_expectation_that_raises_is_not_passed() -> None:
    suite = build_suite("batches", LIMITS)
    frame = frame_of(batch(duplication_rate=0.01)).astype({"duplication_rate": object})
    frame.loc[0, "duplication_rate"] = "many"
    found = read_results(run_suite(suite, frame), frame, LIMITS)
    fault = found[DUPLICATION.key].fault
    assert fault is not None
    assert found["contract@default"].fault is None


def sound() -> dict[str, Any]:
    frame = frame_of(batch(), batch(day=1, duplication_rate=0.3))
    results = run_suite(build_suite("batches", [DUPLICATION]), frame)
    return dict(results[0])


def test_a_sound_result_names_who_fails() -> None:
    frame = frame_of(batch(), batch(day=1, duplication_rate=0.3))
    assert read_results([sound()], frame, [DUPLICATION])[DUPLICATION.key].failing == {"s/1"}


@pytest.mark.parametrize(
    "change",
    [
        {"result": {}},
        {"result": None},
        {"success": True},
        {"exception_info": {"raised_exception": True, "exception_message": "broken"}},
        {"exception_info": {"m": {"raised_exception": True, "exception_message": "broken"}}},
        {"figures": {"element_count": 1}},
        {"figures": {"element_count": None}},
        {"figures": {"missing_count": 1}},
        {"figures": {"unexpected_count": 0}},
        {"figures": {"unexpected_index_list": []}},
        {"figures": {"unexpected_index_list": None}},
        {"figures": {"unexpected_index_list": [{"subject": "somebody else"}]}},
    ],
)
def test_a_result_that_does_not_fit_is_not_evaluated(change: dict[str, Any]) -> None:
    frame = frame_of(batch(), batch(day=1, duplication_rate=0.3))
    result = sound()
    figures = {**result["result"], **change.pop("figures", {})}
    evaluation = read_results([{**result, "result": figures, **change}], frame, [DUPLICATION])
    assert evaluation[DUPLICATION.key].fault is not None


@pytest.mark.parametrize("copies", [0, 2])
def test_no_result_or_two_are_not_evaluated(copies: int) -> None:
    frame = frame_of(batch(), batch(day=1, duplication_rate=0.3))
    evaluation = read_results([sound()] * copies, frame, [DUPLICATION])[DUPLICATION.key]
    assert evaluation.fault == f"the suite gave {copies} results for the rule instead of one"


def test_a_limit_with_two_bounds_holds_both() -> None:
    rule = Threshold.model_validate(
        {
            "id": "between",
            "gate": "batches",
            "metric": "bot_rate",
            "min": 0.1,
            "max": 0.2,
            "severity": "error",
            "min_rows": 1,
            "why": "w",
            "owner": "o",
            "since": "2026-01-01",
        }
    )
    limits: list[Limit] = list(rule.limits())
    rates = [0.05, 0.1, 0.15, 0.2, 0.25]
    frame = frame_of(*(batch(day, bot_rate=rate) for day, rate in enumerate(rates)), rules=[rule])
    found = evaluate(build_suite("batches", limits), frame, limits)
    assert found["between@default"].failing == {"s/0", "s/4"}


def test_great_expectations_is_imported_only_when_a_suite_is_built() -> None:
    import subprocess
    import sys

    code = (
        "import sys, expectations.batches, expectations.marts; "
        "sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert suites.build_suite("marts", [])
