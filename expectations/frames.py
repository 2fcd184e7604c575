"""Frames to judge: a row per subject, with the scope of each rule and the rows behind a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expectations.thresholds import DEFAULT_SCOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expectations.thresholds import Limit, Threshold

SUPPORT_SUFFIX = "__rows"
_SCOPE_PREFIX = "scope__"
_NO_SCOPE = ""


def scope_column(limit: Limit) -> str:
    """Name of the column that says which scope of the limit's rule holds for a row."""
    return f"{_SCOPE_PREFIX}{limit.rule_id}"


def support_column(limit: Limit) -> str:
    """Name of the column with the number of rows behind the limit's metric."""
    return f"{limit.metric}{SUPPORT_SUFFIX}"


def prepare(
    frame: pd.DataFrame, thresholds: Sequence[Threshold], *, scopes: Sequence[pd.Series[str]]
) -> pd.DataFrame:
    """Add to each row the scope of each rule, and the rows behind each metric.

    Args:
        frame: `subject` (unique), `row_count`, the metrics, and for a metric that rests on other
            rows than `row_count` a column `<metric>__rows`.
        thresholds: the rules.
        scopes: names of overrides that may hold for each row, the most particular first.

    Raises:
        ValueError: a subject is there twice.
    """
    if not frame["subject"].is_unique:
        count = int(frame["subject"].duplicated().sum())
        raise ValueError(
            f"{count} subjects are in the frame more than once, where one row is one subject: "
            "see that the model behind it keeps its primary key"
        )
    ready = frame.reset_index(drop=True).copy()
    for threshold in thresholds:
        limits = threshold.limits()
        named = {limit.scope for limit in limits[1:]}
        holding = pd.Series(DEFAULT_SCOPE, index=ready.index, dtype=object)
        for scope in reversed(scopes):
            names = scope.reset_index(drop=True)
            holding = holding.where(~names.isin(named), names)
        ready[scope_column(limits[0])] = holding
        support = support_column(limits[0])
        if support not in ready:
            ready[support] = ready["row_count"]
        ready[support] = ready[support].fillna(0).astype(np.int64)
        if threshold.metric in ready and ready[threshold.metric].isna().all():
            # A column of nothing has no type of its own, and would be refused for that.
            ready[threshold.metric] = np.nan
    return ready


def make_canary(limits: Sequence[Limit]) -> pd.DataFrame:
    """Make a frame of which every row breaks one limit, and each limit is broken by one row.

    Returns:
        Rows in the order of the limits; the subject is the limit's key.
    """
    rows = []
    for limit in limits:
        row: dict[str, object] = {scope_column(other): _NO_SCOPE for other in limits}
        row |= {support_column(other): limit.min_rows for other in limits}
        row |= {other.metric: np.nan for other in limits}
        row |= {
            "subject": limit.key,
            "row_count": limit.min_rows,
            scope_column(limit): limit.scope,
            limit.metric: _break(limit),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def judged_rows(frame: pd.DataFrame, limit: Limit) -> pd.DataFrame:
    """Return the rows that a limit judges, in order."""
    holds = frame[scope_column(limit)] == limit.scope
    return frame[holds & (frame[support_column(limit)] >= limit.min_rows)]


def _break(limit: Limit) -> float:
    if limit.max is not None:
        return limit.max + 1
    if limit.min is not None:
        return limit.min - 1
    raise ValueError(f"limit {limit.key} has neither min nor max: give it one in thresholds.yml")
