"""What the gates have in common: rules, frame, suite, verdicts, results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.frames import prepare
from expectations.results import write_results
from expectations.suites import build_suite, evaluate
from expectations.thresholds import load_thresholds
from expectations.verdicts import conclude, conclude_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd

    from expectations.thresholds import Gate
    from expectations.verdicts import GateReport, Remedy, Verdict


def judge(
    connection: duckdb.DuckDBPyConnection,
    gate: Gate,
    frame: pd.DataFrame,
    *,
    thresholds: Path,
    scopes: Sequence[pd.Series[str]],
    advise: Callable[[Verdict], Remedy],
    nothing: Remedy,
) -> GateReport:
    """Judge a frame by the gate's rules and write what was found.

    Args:
        connection: the build database.
        gate: whose rules.
        frame: see `frames.prepare`.
        thresholds: the rules' file.
        scopes: see `frames.prepare`.
        advise: what to do about a verdict that isn't `passed`.
        nothing: what to do about a frame without rows.
    """
    rules = [rule for rule in load_thresholds(thresholds) if rule.gate == gate]
    limits = [limit for rule in rules for limit in rule.limits()]
    if frame.empty:
        report = conclude_nothing(gate, limits=limits, remedy=nothing)
    else:
        ready = prepare(frame, rules, scopes=scopes)
        evaluations = evaluate(build_suite(gate, limits), ready, limits)
        report = conclude(gate, ready, limits=limits, evaluations=evaluations, advise=advise)
    write_results(connection, report)
    return report
