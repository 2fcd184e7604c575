"""What a feature's experiments say in each week, of which there may be several."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from verdicts.weeks import Readout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class FeatureReadouts:
    """The experiments of one feature.

    Attributes:
        by_week: What they say, by week.
        fixes: Weeks in which an experiment registered as a fix began.
        pivots: Weeks in which one registered as a pivot began.
    """

    by_week: Mapping[date, Readout] = field(default_factory=dict)
    fixes: frozenset[date] = frozenset()
    pivots: frozenset[date] = frozenset()


def readouts_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, FeatureReadouts]:
    """Sum up `inference.experiment_weeks` by feature.

    The outcome is that of the experiment begun last which may be read; it stays when the experiment
    has ended. Harm counts only while somebody is still exposed to it.

    Args:
        rows: One per experiment and week, as the table has them, missing values None.
    """
    ordered = sorted(rows, key=lambda row: (row["week_start_date"], row["experiment_id"]))
    started: dict[str, date] = {}
    kinds: dict[str, dict[str, set[date]]] = {}
    weeks: dict[str, dict[date, list[Mapping[str, Any]]]] = {}
    for row in ordered:
        feature, experiment, week = row["feature_id"], row["experiment_id"], row["week_start_date"]
        if experiment not in started:
            started[experiment] = week
            if row["kind"] in {"fix", "pivot"}:
                kinds.setdefault(feature, {}).setdefault(row["kind"], set()).add(week)
        weeks.setdefault(feature, {}).setdefault(week, []).append(row)
    return {
        feature: FeatureReadouts(
            by_week={week: _readout(told, started) for week, told in by_week.items()},
            fixes=frozenset(kinds.get(feature, {}).get("fix", ())),
            pivots=frozenset(kinds.get(feature, {}).get("pivot", ())),
        )
        for feature, by_week in weeks.items()
    }


def _readout(rows: list[Mapping[str, Any]], started: Mapping[str, date]) -> Readout:
    latest_first = sorted(
        rows, key=lambda row: (started[row["experiment_id"]], row["experiment_id"]), reverse=True
    )
    readable = [row for row in latest_first if row["conclusion"] is not None]
    told = (readable or latest_first)[0]
    running = [row for row in latest_first if row["is_running"]]
    certain = [row for row in running if row["has_always_valid_harm"]]
    harmful = [row for row in running if row["conclusion"] == "harm"]
    harm = next(iter(certain or harmful), None)
    metric = None if harm is None else harm["harm_metric"] or harm["metric_name"]
    return Readout(
        conclusion=told["conclusion"],
        experiment_id=told["experiment_id"],
        began=started[told["experiment_id"]],
        metric_name=told["metric_name"],
        status=told["readout_status"],
        is_neutral_with_power=bool(told["is_neutral_with_power"]),
        runtime_days=told["runtime_days"],
        absolute_lift=told["absolute_lift"],
        lift_ci_lower=told["lift_ci_lower"],
        lift_ci_upper=told["lift_ci_upper"],
        minimum_effect=told["minimum_effect"],
        has_harm=bool(harmful),
        has_always_valid_harm=bool(certain),
        harm_experiment_id=None if harm is None else harm["experiment_id"],
        harm_metric=metric,
    )
