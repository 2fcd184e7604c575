"""Small experiments, as the sums of their customers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from inference.experiment_cuts import SUMS, Inputs
from inference.experiments.sums import Sums

METRICS = pd.DataFrame(
    [
        ("account_retention", "proportion", 29, "higher", "absolute", 0.02, True, False, False),
        ("any_opt_out_rate_28d", "proportion", 28, "lower", "absolute", 0.01, True, False, False),
        ("any_opt_out_rate_7d", "proportion", 7, "lower", "absolute", 0.01, False, True, False),
        ("net_revenue_28d", "mean", 28, "higher", "relative", 0.1, False, False, False),
        ("helpful_rate", "ratio", 28, "higher", "absolute", 0.05, False, False, True),
        ("click_through_rate", "ratio", 28, "higher", "relative", 0.1, False, False, False),
        ("task_completion_time", "survival", 182, "lower", "absolute", 2.0, False, False, False),
    ],
    columns=[
        "metric_name",
        "method",
        "window_days",
        "better",
        "effect_kind",
        "minimum_effect",
        "is_mandatory",
        "is_guardrail",
        "is_treated_only",
    ],
).assign(description="")
METRICS["is_vanity"] = METRICS["metric_name"] == "click_through_rate"
STARTED = pd.Timestamp("2026-01-05")
CELL = {"feature_id": "tips", "segment_type": "all", "segment_value": "all"}


def day(number: int) -> pd.Timestamp:
    """Give the day so many days after the start, a Monday."""
    return STARTED + pd.Timedelta(days=number)


def experiment(*, today: int, **declared: Any) -> pd.DataFrame:
    """Declare an experiment that began on `STARTED`, looked at so many days later."""
    row: dict[str, object] = {
        "experiment_id": "e",
        "feature_id": "tips",
        "kind": "test",
        "started_date": STARTED,
        "ended_date": pd.Timestamp("NaT"),
        "is_running": True,
        "planned_days": 28,
        "planned_holdout_share": 0.2,
        "primary_metric": "account_retention",
        "minimum_effect": 0.03,
        "mandatory_metrics": None,
        "as_of_date": day(today),
        "lateness_days": 2,
        "min_days": 28,
        "holdout_share_min": 0.1,
        "holdout_share_max": 0.2,
        "min_sample": 30,
    }
    return pd.DataFrame([row | declared])


def cell(sums: Sums, metric: str, role: str, number: int = 0, **other: Any) -> dict[str, object]:
    """Give the row of one metric, arm and day of enrolment."""
    values = {"customer_count": float(sums.n)}
    values |= {name: float(getattr(sums, name.removeprefix("sum_"))) for name in SUMS[1:]}
    key = {"experiment_id": "e", "variation_id": role, "variation_role": role}
    return {**CELL, **key, "metric_name": metric, "enrolled_date": day(number), **values, **other}


def shares(yes: int, n: int) -> Sums:
    """Sum up n customers, some of whom say yes."""
    return Sums.of_customers(np.arange(n) < yes)


def days(*rows: dict[str, object]) -> pd.DataFrame:
    """Put rows of `cell` together."""
    return pd.DataFrame(list(rows))


def retained(treated: tuple[int, int], held: tuple[int, int], number: int = 0) -> pd.DataFrame:
    """Give (yes, of) retention of both arms enrolled on a day, and nobody who opted out."""
    rows = []
    for role, (yes, n) in (("treatment", treated), ("holdout", held)):
        rows.append(cell(shares(yes, n), "account_retention", role, number))
        rows += [
            cell(shares(n // 100, n), metric, role, number)
            for metric in ("any_opt_out_rate_28d", "any_opt_out_rate_7d")
        ]
    return days(*rows)


def enrolled(treated: int, held: int, number: int = 0, **covariates: float) -> pd.DataFrame:
    """Give the enrolments of a day; covariates as `sum_risk_treatment=...`, alike by default."""
    rows = []
    for role, count in (("treatment", treated), ("holdout", held)):
        row: dict[str, object] = {
            "experiment_id": "e",
            "variation_id": role,
            "variation_role": role,
            "enrolled_date": day(number),
            "enrolled_count": float(count),
        }
        for name in ("outcome_before", "tenure", "risk", "novelty"):
            row |= {
                f"n_{name}": float(count),
                f"sum_{name}": 2.0 * count,
                f"sum_{name}_squared": 5.0 * count,
            }
            row |= {
                key.removesuffix(f"_{role}"): value
                for key, value in covariates.items()
                if key.endswith(f"_{role}")
            }
        rows.append(row)
    return pd.DataFrame(rows)


def waits(*rows: tuple[str, int, int, int, int]) -> pd.DataFrame:
    """Give exits: role, day of enrolment, days waited, who left then, how many by the event."""
    names = ["variation_role", "number", "duration_days", "exit_count", "event_count"]
    table = pd.DataFrame(list(rows), columns=names)
    table["enrolled_date"] = [day(number) for number in table.pop("number")]
    table["enrolled_date"] = pd.to_datetime(table["enrolled_date"])
    return table.assign(experiment_id="e", variation_id=table["variation_role"], **CELL)


def inputs(
    experiments: pd.DataFrame,
    sums: pd.DataFrame,
    health: pd.DataFrame,
    exits: pd.DataFrame | None = None,
) -> Inputs:
    """Put the frames of a step together."""
    return Inputs(experiments, METRICS, sums, waits() if exits is None else exits, health)
