"""What a log of known chances says of policies that did not choose."""

from hashlib import md5
from typing import Any

import numpy as np
import pandas as pd
import pytest

from inference.policy_values import infer_policy_values

ACTIONS = ("a", "b", "c")
LISTS = pd.DataFrame({"action_list_key": "l", "action_id": ACTIONS})


def log(
    customer: Any, action: Any, propensity: Any, reward: Any, listed: str = "l"
) -> pd.DataFrame:
    """Sum decisions as `sums_policy_rewards` does."""
    rows = pd.DataFrame(
        {
            "customer_key": [
                md5(str(c).encode(), usedforsecurity=False).hexdigest() for c in customer
            ],
            "action_id": np.asarray(action, dtype=object),
            "propensity": np.asarray(propensity, dtype=float),
            "reward": np.asarray(reward, dtype=float),
        }
    )
    rows = rows.assign(
        logged_policy_id="p",
        reward_name="r",
        month_start_date=pd.Timestamp("2026-01-01"),
        action_list_key=listed,
        inverse=1 / rows["propensity"],
        squared=1 / rows["propensity"] ** 2,
        weighted=rows["reward"] / rows["propensity"],
    )
    return (
        rows.groupby(
            [
                "logged_policy_id",
                "reward_name",
                "month_start_date",
                "customer_key",
                "action_list_key",
                "action_id",
            ]
        )
        .agg(
            decision_count=("reward", "size"),
            reward_sum=("reward", "sum"),
            inverse_sum=("inverse", "sum"),
            squared_inverse_sum=("squared", "sum"),
            largest_inverse=("inverse", "max"),
            weighted_reward_sum=("weighted", "sum"),
        )
        .reset_index()
    )


def values(rewards: pd.DataFrame, lists: pd.DataFrame = LISTS) -> dict[str, dict[str, Any]]:
    """Give the figures by policy."""
    rows = infer_policy_values(rewards, lists).to_pylist()
    return {row["policy_id"]: row for row in rows}


def drawn(rng: np.random.Generator, count: int) -> tuple[Any, Any, Any]:
    """Draw decisions of a softmax policy over two kinds of customer, floored at .02."""
    strength = np.array([[0.0, 1.0, 2.0], [2.0, 0.5, 0.0]])
    softmax = np.exp(strength) / np.exp(strength).sum(axis=1, keepdims=True)
    chances = 0.02 + (1 - 3 * 0.02) * softmax
    kind = rng.integers(0, 2, count)
    action = (rng.random(count)[:, None] > chances[kind].cumsum(axis=1)).sum(axis=1)
    reward = rng.random(count) < np.array([0.05, 0.10, 0.30])[action] * (1 + kind)
    return action, chances[kind, action], reward


def test_each_decision_its_own_customer_gives_the_textbook_errors() -> None:
    rng = np.random.default_rng(1)
    action, propensity, reward = drawn(rng, 500)
    names = np.array(ACTIONS)[action]
    found = values(log(range(500), names, propensity, reward))["p:uniform"]
    weight = 1 / 3 / propensity
    earned = weight * reward
    ips = earned.mean()
    assert found["ips_value"] == pytest.approx(ips, rel=1e-12)
    assert found["ips_value_standard_error"] == pytest.approx(
        np.sqrt((np.mean(earned**2) - ips**2) / 499), rel=1e-12
    )
    mean = earned.sum() / weight.sum()
    error = np.sqrt((weight**2 * (reward - mean) ** 2).sum()) / weight.sum()
    assert found["self_normalised_value"] == pytest.approx(mean, rel=1e-12)
    assert found["self_normalised_value_standard_error"] == pytest.approx(
        error * np.sqrt(500 / 499), rel=1e-12
    )
    assert found["effective_sample_size"] == pytest.approx(
        weight.sum() ** 2 / (weight**2).sum(), rel=1e-12
    )
    assert found["mean_weight"] == pytest.approx(weight.mean(), rel=1e-12)
    assert found["largest_weight_share"] == pytest.approx(weight.max() / weight.sum(), rel=1e-12)


def test_saying_everything_twice_makes_nothing_more_certain() -> None:
    action, propensity, reward = drawn(np.random.default_rng(2), 300)
    once = values(log(range(300), np.array(ACTIONS)[action], propensity, reward))
    twice = values(
        log(
            [*range(300), *range(300)],
            np.tile(np.array(ACTIONS)[action], 2),
            np.tile(propensity, 2),
            np.tile(reward, 2),
        )
    )
    for name in ("ips_value", "self_normalised_value", "doubly_robust_value"):
        error = f"{name}_standard_error"
        for policy, figures in once.items():
            assert twice[policy][error] == pytest.approx(figures[error], rel=1e-9)


def test_intervals_cover_the_true_value_of_a_known_policy() -> None:
    rng = np.random.default_rng(3)
    true = np.mean([0.05, 0.10, 0.30]) * 1.5
    rows = []
    for _ in range(100):
        action, propensity, reward = drawn(rng, 800)
        found = values(log(range(800), np.array(ACTIONS)[action], propensity, reward))
        rows.append(found["p:uniform"])
    drawn_values = pd.DataFrame(rows)
    for name in ("ips_value", "self_normalised_value", "doubly_robust_value"):
        is_covered = drawn_values[f"{name}_ci_lower"].le(true) & drawn_values[
            f"{name}_ci_upper"
        ].ge(true)
        assert is_covered.mean() > 0.86, name  # 95 %, and four standard errors of 100 draws
        spread = drawn_values[name].astype(float).std()
        told = drawn_values[f"{name}_standard_error"].astype(float).mean()
        assert told == pytest.approx(spread, rel=0.25), name


def test_the_mean_of_what_was_logged_is_not_the_value_of_another_policy() -> None:
    action, propensity, reward = drawn(np.random.default_rng(4), 20_000)
    found = values(log(range(20_000), np.array(ACTIONS)[action], propensity, reward))
    true = np.mean([0.05, 0.10, 0.30]) * 1.5
    assert found["p:uniform"]["doubly_robust_value"] == pytest.approx(true, abs=0.012)
    assert abs(found["p:uniform"]["logged_value"] - true) > 0.02
    assert found["p"]["ips_value"] == pytest.approx(reward.mean())


def test_an_action_never_taken_has_no_value() -> None:
    lists = pd.DataFrame({"action_list_key": "l", "action_id": [*ACTIONS, "never"]})
    action, propensity, reward = drawn(np.random.default_rng(5), 200)
    found = values(log(range(200), np.array(ACTIONS)[action], propensity, reward), lists)
    never = found["p:always:never"]
    assert never["mean_weight"] == 0
    for name in ("self_normalised_value", "effective_sample_size", "largest_weight_share"):
        assert never[name] is None
    assert found["p:uniform"]["mean_weight"] == pytest.approx(0.75, abs=0.1)


def test_nobodys_reward_predicts_itself() -> None:
    # Keys beginning below 8 are one half; of action a the other half has no reward at all.
    rewards = log(["x", "y"], ["a", "b"], [0.5, 0.5], [1, 0])
    rewards["customer_key"] = ["0", "f"]
    found = values(rewards)["p:always:a"]
    # Customer 0 expects the mean of the other half (0), customer f what customer 0 got (1).
    assert found["doubly_robust_value"] == pytest.approx(((0 + 2 * (1 - 0)) + 1) / 2)


def test_where_all_earn_the_same_there_is_no_interval() -> None:
    found = values(log(range(50), ["a"] * 50, [0.5] * 50, [0] * 50))["p:always:a"]
    assert found["ips_value"] == 0
    assert found["ips_value_ci_upper"] is None


def test_a_log_without_lists_speaks_of_nothing_but_itself() -> None:
    found = values(log([1, 2], ["none", "none"], [0.5, 0.5], [1, 0], listed="none"))
    assert list(found) == ["p"]
