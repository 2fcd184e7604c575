"""What a policy would have earned, from the log of another one that chose by known chances.

A decision that another policy would have taken with probability π(a), and that the log took with
propensity p, counts w = π(a)/p times. Three estimates of the mean reward follow: Σwr/n (inverse
propensity), Σwr/Σw (self-normalised), and the doubly robust mean of q(π) + w(r − q(a)), where q is
the mean reward of an action among the *other* half of the customers: nobody's reward predicts
itself. Customers have several decisions, so each standard error is that of a ratio of sums over
customers; where every decision is somebody else's, it is the usual one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_ESTIMATES = ("ips_value", "self_normalised_value", "doubly_robust_value", "absolute_lift")
POLICY_VALUES = pa.schema(
    [
        *(
            pa.field(name, pa.string(), nullable=False)
            for name in ("policy_id", "reward_name", "logged_policy_id", "target_rule")
        ),
        pa.field("target_action_id", pa.string()),
        pa.field("month_start_date", pa.date32(), nullable=False),
        *(
            pa.field(f"{name}{part}", pa.float64())
            for name in _ESTIMATES
            for part in ("", "_standard_error", "_ci_lower", "_ci_upper")
        ),
        *(
            pa.field(name, pa.float64())
            for name in (
                "logged_value",
                "effective_sample_size",
                "mean_weight",
                "largest_weight_share",
            )
        ),
    ]
)
CELL = ["logged_policy_id", "reward_name", "month_start_date"]
CONFIDENCE = 0.95
# What is this small beside the squares it is a difference of is zero.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class _Log:
    """One policy's log of a month: arrays of one length, a row per customer, action and list.

    Attributes:
        customer: Code of the customer, from 0.
        half: 0 or 1, the customer's half.
        action: Code of the action taken, -1 where the list does not have it.
        list_code: Code of the list it was taken from.
        count, reward, inverse, squared, largest, weighted: The sums of `sums_policy_rewards`.
        actions: Names of the actions.
        is_eligible: Which list (row) has which action (column).
    """

    customer: NDArray[np.int64]
    half: NDArray[np.int64]
    action: NDArray[np.int64]
    list_code: NDArray[np.int64]
    count: Floats
    reward: Floats
    inverse: Floats
    squared: Floats
    largest: Floats
    weighted: Floats
    actions: list[str]
    is_eligible: NDArray[np.bool_]


def infer_policy_values(rewards: pd.DataFrame, actions: pd.DataFrame) -> pa.Table:
    """Estimate, for each policy's log and month, the value of the policies it can speak of.

    These are the logged policy itself, the one that chooses evenly among what is eligible, and for
    each action the one that always takes it.

    Args:
        rewards: a row per logged policy, reward, month, customer, list and action, with the sums of
            `sums_policy_rewards`; customers by `customer_key`, a hexadecimal digest.
        actions: `action_list_key`, `action_id`: what each list of eligible actions has.

    Returns:
        A table of schema `POLICY_VALUES` by policy, reward and month. A standard error is NULL with
        fewer than two customers, and where all have the same (no spread seen is no proof of none);
        self-normalised values are NULL without support, and so is the
        effective sample size. Whether a figure may be shown is not decided here.
    """
    ordered = rewards.sort_values([*CELL, "customer_key", "action_list_key", "action_id"])
    rows = [
        {**dict(zip(CELL, key, strict=True)), **figures}
        for key, cell in ordered.groupby(CELL, sort=True)
        for figures in _evaluate(str(key[0]), _read(cell, actions))
    ]
    rows.sort(key=lambda row: (row["policy_id"], row["reward_name"], row["month_start_date"]))
    for row in rows:
        row["month_start_date"] = pd.Timestamp(str(row["month_start_date"])).date()
    return pa.Table.from_pylist(rows, schema=POLICY_VALUES)


def _read(cell: pd.DataFrame, actions: pd.DataFrame) -> _Log:
    """Turn one cell's rows into arrays."""
    lists = sorted(set(cell["action_list_key"]))
    members = actions[actions["action_list_key"].isin(lists)]
    names = sorted(set(members["action_id"]))
    is_eligible = np.zeros((len(lists), len(names)), dtype=bool)
    is_eligible[
        pd.Index(lists).get_indexer(pd.Index(members["action_list_key"])),
        pd.Index(names, dtype=object).get_indexer(pd.Index(members["action_id"])),
    ] = True
    keys = cell["customer_key"].to_numpy()
    sums = {
        name: cell[column].to_numpy(dtype=np.float64)
        for name, column in (
            ("count", "decision_count"),
            ("reward", "reward_sum"),
            ("inverse", "inverse_sum"),
            ("squared", "squared_inverse_sum"),
            ("largest", "largest_inverse"),
            ("weighted", "weighted_reward_sum"),
        )
    }
    return _Log(
        customer=np.unique(keys, return_inverse=True)[1],
        half=np.array([int(key >= "8") for key in keys], dtype=np.int64),
        action=pd.Index(names, dtype=object).get_indexer(pd.Index(cell["action_id"])),
        list_code=pd.Index(lists).get_indexer(pd.Index(cell["action_list_key"])),
        actions=names,
        is_eligible=is_eligible,
        **sums,
    )


def _targets(log: _Log) -> Iterator[tuple[str, str | None, Floats]]:
    """Give each policy's rule, action, and probabilities by list and action."""
    sizes = log.is_eligible.sum(axis=1, keepdims=True)
    yield "uniform", None, log.is_eligible / np.maximum(sizes, 1)
    for code, action in enumerate(log.actions):
        chances = np.zeros(log.is_eligible.shape)
        chances[:, code] = log.is_eligible[:, code]
        yield "always", action, chances


def _evaluate(logged: str, log: _Log) -> Iterator[dict[str, object]]:
    """Give the figures of the logged policy, and of those that its log can speak of."""
    total = float(log.count.sum())
    yield {
        "policy_id": logged,
        "logged_policy_id": logged,
        "target_rule": "logged",
        "target_action_id": None,
        "logged_value": float(log.reward.sum()) / total,
        "effective_sample_size": total,
        "mean_weight": 1.0,
        "largest_weight_share": 1 / total,
        **_figures(log, log.reward, weight=log.count, robust=log.reward),
    }
    if not log.actions:
        return
    expected = _cross_fitted(log)
    taken = np.maximum(log.action, 0)
    for rule, action, chances in _targets(log):
        chance = np.where(log.action >= 0, chances[log.list_code, taken], 0.0)
        weight, weighted = chance * log.inverse, chance * log.weighted
        by_list = expected @ chances.T
        robust = (
            by_list[log.half, log.list_code] * log.count
            + weighted
            - weight * expected[log.half, taken]
        )
        sum_weight = float(weight.sum())
        sum_squared = float((chance**2 * log.squared).sum())
        yield {
            "policy_id": ":".join(part for part in (logged, rule, action) if part),
            "logged_policy_id": logged,
            "target_rule": rule,
            "target_action_id": action,
            "logged_value": float(log.reward.sum()) / total,
            "effective_sample_size": sum_weight**2 / sum_squared if sum_squared else None,
            "mean_weight": sum_weight / total,
            "largest_weight_share": (
                float((chance * log.largest).max()) / sum_weight if sum_weight else None
            ),
            **_figures(log, weighted, weight=weight, robust=robust),
        }


def _cross_fitted(log: _Log) -> Floats:
    """Give each half its expected rewards, learnt on the other half: shape (2, actions).

    An action that the other half never saw is expected to earn that half's mean.
    """
    expected = np.zeros((2, len(log.actions)))
    for half in (0, 1):
        other = (log.half != half) & (log.action >= 0)
        count = np.bincount(log.action[other], log.count[other], minlength=len(log.actions))
        reward = np.bincount(log.action[other], log.reward[other], minlength=len(log.actions))
        mean = reward.sum() / count.sum() if count.sum() else 0.0
        expected[half] = np.where(count > 0, reward / np.maximum(count, 1), mean)
    return expected


def _figures(
    log: _Log, weighted: Floats, *, weight: Floats, robust: Floats
) -> dict[str, float | None]:
    """Give the estimates with their errors and intervals."""
    figures: dict[str, float | None] = {}
    for name, over, under in (
        ("ips_value", weighted, log.count),
        ("self_normalised_value", weighted, weight),
        ("doubly_robust_value", robust, log.count),
        ("absolute_lift", robust - log.reward, log.count),
    ):
        value, error = _ratio(log.customer, over, under)
        half_width = None if error is None else float(stats.norm.ppf((1 + CONFIDENCE) / 2)) * error
        figures[name] = value
        figures[f"{name}_standard_error"] = error
        for bound, sign in (("lower", -1), ("upper", 1)):
            figures[f"{name}_ci_{bound}"] = (
                None if value is None or half_width is None else value + sign * half_width
            )
    return figures


def _ratio(
    customer: NDArray[np.int64], over: Floats, under: Floats
) -> tuple[float | None, float | None]:
    """Return Σover/Σunder and its standard error, clustered by customer."""
    total = float(under.sum())
    if not total:
        return None, None
    y, x = np.bincount(customer, over), np.bincount(customer, under)
    value = float(y.sum()) / total
    residuals = float(((y - value * x) ** 2).sum())
    if len(y) < 2 or residuals <= _ROUNDING * float((y**2).sum()):
        return value, None
    return value, float(np.sqrt(len(y) / (len(y) - 1) * residuals)) / total
