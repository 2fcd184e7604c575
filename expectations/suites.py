"""Great Expectations at work: a suite per gate, run on a frame, its results read with suspicion.

A result counts only when everything about it fits: no exception, a figure for each row that should
have been judged, every failing row named. Anything else is "could not be evaluated", because the
library reports an exception as an empty result and an empty result as a success.
"""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expectations.frames import judged_rows, make_canary, scope_column, support_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from great_expectations import ExpectationSuite
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )
    from great_expectations.expectations.expectation import Expectation

    from expectations.thresholds import Limit

_SEVERITIES = {"error": "critical", "page": "critical", "warning": "warning"}
_RESULT_FORMAT = {"result_format": "COMPLETE", "unexpected_index_column_names": ["subject"]}


@dataclass(frozen=True)
class Evaluation:
    """What a suite said about one limit.

    Attributes:
        failing: subjects that break it.
        fault: why it could not be evaluated; None if it was.
    """

    failing: frozenset[str] = frozenset()
    fault: str | None = None


def build_suite(gate: str, limits: Sequence[Limit]) -> ExpectationSuite:
    """Make the suite of a gate: one expectation per limit, named in its meta by the limit's key.

    Args:
        gate: names the suite.
        limits: one per rule and scope.
    """
    import great_expectations as gx

    return gx.ExpectationSuite(name=gate, expectations=[_expect(limit) for limit in limits])


def _expect(limit: Limit) -> Expectation:
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity
    from great_expectations.expectations.row_conditions import Column

    return ExpectColumnValuesToBeBetween(
        column=limit.metric,
        min_value=limit.min,
        max_value=limit.max,
        row_condition=(Column(scope_column(limit)) == limit.scope)
        & (Column(support_column(limit)) >= limit.min_rows),
        severity=FailureSeverity(_SEVERITIES[limit.severity]),
        meta={"limit": limit.key},
    )


def evaluate(
    suite: ExpectationSuite, frame: pd.DataFrame, limits: Sequence[Limit]
) -> dict[str, Evaluation]:
    """Judge a frame by a suite that has first proved that it can fail.

    Args:
        suite: made by `build_suite` of the same limits.
        frame: made by `frames.prepare`.
        limits: in any order.

    Returns:
        By limit key. If one expectation lets a bad row pass, none of the suite is evaluated.
    """
    silent = prove(suite, limits)
    if silent:
        fault = f"the suite let bad data pass ({', '.join(silent)})"
        return {limit.key: Evaluation(fault=fault) for limit in limits}
    return read_results(run_suite(suite, frame), frame, limits)


def prove(suite: ExpectationSuite, limits: Sequence[Limit]) -> list[str]:
    """Run the suite on rows that are all bad.

    Returns:
        The limits whose expectation did not fail on its bad row, or not on that one alone.
    """
    canary = make_canary(limits)
    found = read_results(run_suite(suite, canary), canary, limits)
    return [limit.key for limit in limits if found[limit.key].failing != {limit.key}]


def run_suite(suite: ExpectationSuite, frame: pd.DataFrame) -> list[Mapping[str, Any]]:
    """Run a suite on a frame; an exception of an expectation is inside its result."""
    context = _context()
    source = context.data_sources.add_or_update_pandas("frames")
    asset = source.add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    validated = batch.validate(suite, result_format=_RESULT_FORMAT)
    return [result.to_json_dict() for result in validated.results]


def read_results(
    results: Sequence[Mapping[str, Any]], frame: pd.DataFrame, limits: Sequence[Limit]
) -> dict[str, Evaluation]:
    """Turn the suite's results into one evaluation per limit.

    Args:
        results: as `run_suite` returns them.
        frame: that they are of.
        limits: each gets its evaluation, whether or not there is a result of it.
    """
    named = [result["expectation_config"].get("meta", {}).get("limit") for result in results]
    counts = Counter(named)
    by_limit = dict(zip(named, results, strict=True))
    evaluations = {}
    for limit in limits:
        if counts[limit.key] == 1:
            judged = judged_rows(frame, limit)
            evaluations[limit.key] = _read(by_limit[limit.key], judged, limit)
        else:
            fault = f"the suite gave {counts[limit.key]} results for the rule instead of one"
            evaluations[limit.key] = Evaluation(fault=fault)
    return evaluations


def _read(result: Mapping[str, Any], judged: pd.DataFrame, limit: Limit) -> Evaluation:
    figures = result.get("result") or {}
    if limit.metric not in judged or not figures:
        return Evaluation(fault=_exception_of(result) or "the suite gave an empty result")
    failing = [entry["subject"] for entry in figures.get("unexpected_index_list") or []]
    is_sound = (
        figures.get("element_count") == len(judged)
        and figures.get("missing_count") == int(judged[limit.metric].isna().sum())
        and figures.get("unexpected_count") == len(failing)
        and set(failing) <= set(judged["subject"])
        and result.get("success") == (not failing)
        and _exception_of(result) is None
    )
    if not is_sound:
        return Evaluation(fault="the suite's result does not fit the rows it judged")
    return Evaluation(failing=frozenset(failing))


def _exception_of(result: Mapping[str, Any]) -> str | None:
    """Return the message of the first exception; they lie flat or by metric."""
    info = result.get("exception_info") or {}
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = [entry["exception_message"] for entry in entries if entry.get("raised_exception")]
    return str(messages[0]) if messages else None


@functools.cache
def _context() -> EphemeralDataContext:
    """Return one context for the process: quiet, in memory, reporting to nobody."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context
