"""Whether an experiment may be read, and what its primary metric says, at each look.

A look is at the end of a week or today. Nothing that came to be known later is used, so that what a
week said stays what it said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from inference.experiment_cuts import (
    DAY,
    HOLDOUT,
    SUMS,
    TREATMENT,
    Inputs,
    arm,
    customers_of,
    cuts_of,
    known_at,
    life_table,
)
from inference.experiment_lifts import (
    SURVIVAL,
    always_valid,
    conclusions,
    effect_of,
    is_harm,
    is_wait_cut_short,
    lift_of,
    only,
    replaced,
    wait_lift,
)
from inference.experiments.health import (
    balance_p_values,
    holdout_is_out_of_range,
    is_unbalanced,
    srm_p_value,
)
from inference.experiments.novelty import is_changing, novelty_lift
from inference.experiments.power import days_to_effect, minimum_detectable_effect
from inference.experiments.sums import Sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inference.survival import LifeTable

COVARIATES = ("outcome_before", "tenure", "risk")
SRM_SIGNIFICANCE = 0.001
LEAST_EXPECTED = 5
# Who was followed for the four weeks in which nearly every metric is taken.
FOLLOWED = "any_opt_out_rate_28d"
READABLE = ("ok", "underpowered")
_LOOK = ["experiment_id", "cut_date"]


def states_of(inputs: Inputs) -> pd.DataFrame:
    """Judge every experiment at every look.

    Args:
        inputs: of everybody.

    Returns:
        The looks of `cuts_of`, each with its readiness (`readout_status`, all variations but the
        holdout taken together), the primary metric's lift and conclusion, and the guardrails'.
    """
    looks = cuts_of(inputs.experiments)
    sums = known_at(_known(inputs), looks, by=["metric_name", "variation_role"], values=SUMS)
    looks = _readiness(looks, sums, inputs.health)
    looks = _primary(looks, sums, inputs)
    looks = _guardrails(looks, sums, inputs.metrics)
    looks["is_missing_metric"] = _is_missing(looks, sums, inputs)
    return _judged(looks)


def _known(inputs: Inputs) -> pd.DataFrame:
    """Say of each day of enrolment from when on its customers count."""
    rows = inputs.days.merge(inputs.metrics[["metric_name", "window_days"]], on="metric_name")
    rows = rows.merge(inputs.experiments[["experiment_id", "lateness_days"]], on="experiment_id")
    wait = rows["window_days"] + rows["lateness_days"]
    return rows.assign(known_date=rows["enrolled_date"] + pd.to_timedelta(wait, unit="D"))


def _readiness(looks: pd.DataFrame, sums: pd.DataFrame, health: pd.DataFrame) -> pd.DataFrame:
    """Add how many were enrolled and followed, whether as planned, and whether they were alike."""
    names = [
        f"{part}_{name}" for name in (*COVARIATES, "novelty") for part in ("n", "sum", "squares")
    ]
    rows = health.rename(
        columns={f"sum_{name}_squared": f"squares_{name}" for name in (*COVARIATES, "novelty")}
    ).assign(known_date=health["enrolled_date"] + DAY)
    known = known_at(rows, looks, by=["variation_role"], values=["enrolled_count", *names])
    parts = {
        role: looks[_LOOK].merge(known[known["variation_role"] == role], how="left", on=_LOOK)
        for role in (TREATMENT, HOLDOUT)
    }
    treated, held = (
        parts[role]["enrolled_count"].fillna(0.0).to_numpy() for role in (TREATMENT, HOLDOUT)
    )
    total = treated + held
    planned = looks["planned_holdout_share"].to_numpy(np.float64)
    looks = looks.assign(
        treated_count=treated,
        holdout_count=held,
        holdout_share=np.divide(held, total, out=np.full(len(total), np.nan), where=total > 0),
        srm_p_value=_split_p_values(treated, held, planned),
        is_holdout_out_of_range=_is_out_of_range(looks, held, total),
    )
    p_values = {}
    for name in (*COVARIATES, "novelty"):
        arms = [
            Sums.of_means(*(parts[role][f"{part}_{name}"] for part in ("n", "sum", "squares")))
            for role in (TREATMENT, HOLDOUT)
        ]
        # The normal law says little of the mean of a few.
        is_known = np.minimum(*(side.n for side in arms)) >= looks["min_sample"].to_numpy()
        if name == "novelty":
            # Two later weeks less twice the first: a week's change is half of it.
            change = only(novelty_lift(arms[0], arms[1]), is_known)
            looks["novelty_change"] = change.absolute / 2
            looks["novelty_change_ci_lower"] = change.ci_lower / 2
            looks["novelty_change_ci_upper"] = change.ci_upper / 2
            looks["is_novelty"] = is_changing(change)
        else:
            p_values[name] = np.where(is_known, balance_p_values(arms[0], arms[1]), np.nan)
            looks[f"{name}_p_value"] = p_values[name]
    places = np.tile(np.arange(len(looks)), len(p_values))
    flags = is_unbalanced(np.concatenate(list(p_values.values())), places)
    flags = flags.reshape(len(p_values), len(looks))
    looks = looks.assign(is_unbalanced=np.asarray(flags.any(axis=0), dtype=np.bool_))
    follows = sums[sums["metric_name"] == FOLLOWED]
    followed = np.column_stack(
        [
            np.nan_to_num(arm(follows, looks[_LOOK], role).n.astype(np.float64))
            for role in (TREATMENT, HOLDOUT)
        ]
    )
    looks["followed_count"] = followed.sum(axis=1)
    looks["is_followed"] = followed.min(axis=1) >= looks["min_sample"].clip(lower=1).to_numpy()
    ended = looks["ended_date"].fillna(looks["cut_date"]).clip(upper=looks["cut_date"])
    looks["runtime_days"] = np.maximum((ended - looks["started_date"]).dt.days, 0)
    is_over = looks["ended_date"].notna() & (looks["ended_date"] <= looks["cut_date"])
    looks["is_running"] = np.where(looks["week_start_date"].isna(), looks["is_running"], ~is_over)
    return looks


def _split_p_values(
    treated: NDArray[np.float64], held: NDArray[np.float64], planned: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Test the split as declared, where enough came for the law of chi-square (Cochran's rule).

    A planned share that leaves an arm nobody is out of range, and no split to be tested.
    """
    planned = np.where((planned > 0) & (planned < 1), planned, np.nan)
    shares = np.column_stack([1 - planned, planned])
    p_values = srm_p_value(np.column_stack([treated, held]), shares)
    least = (treated + held) * shares.min(axis=1)
    return np.where(least >= LEAST_EXPECTED, p_values, np.nan)


def _is_out_of_range(
    looks: pd.DataFrame, held: NDArray[np.float64], total: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Say where the holdout is not as policy wants it, as declared or as it came."""
    planned = looks["planned_holdout_share"].to_numpy(np.float64)
    lowest, highest = (looks[f"holdout_share_{end}"].to_numpy() for end in ("min", "max"))
    found = (planned < lowest) | (planned > highest)
    for low, high in sorted(set(zip(lowest, highest, strict=True))):
        same = (lowest == low) & (highest == high) & (total > 0)
        found[same] |= holdout_is_out_of_range(held[same], total[same], lowest=low, highest=high)
    return np.asarray(found, dtype=np.bool_)


def _primary(looks: pd.DataFrame, sums: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Add the primary metric's lift, conclusion and power."""
    judged = looks.rename(columns={"primary_metric": "metric_name"})
    declared = judged[["metric_name", "minimum_effect"]].merge(
        inputs.metrics.drop(columns="minimum_effect"), how="left", on="metric_name"
    )
    keys = judged[[*_LOOK, "metric_name"]]
    treatment, holdout = arm(sums, keys, TREATMENT), arm(sums, keys, HOLDOUT)
    lift = lift_of(treatment, holdout, declared["method"].to_numpy(object))
    is_wait = (declared["method"] == SURVIVAL).to_numpy()
    n, other_n = treatment.n.copy(), holdout.n.copy()
    is_cut_short = np.zeros(len(looks), dtype=np.bool_)
    if is_wait.any():
        tables = _tables(looks[is_wait], inputs.waits)
        is_cut_short[is_wait] = is_wait_cut_short(*tables)
        lift = replaced(lift, is_wait, wait_lift(*tables))
        n[is_wait], other_n[is_wait] = (customers_of(side) for side in tables)
    least = looks["min_sample"].to_numpy(np.float64)
    # The denominator of a rate of answers or messages may be smaller than who was watched.
    enough = [
        np.where(is_wait, people, np.minimum(people, side.x)) >= least
        for people, side in ((n, treatment), (other_n, holdout))
    ]
    lift = only(lift, enough[0] & enough[1])
    effect = effect_of(lift, declared["effect_kind"].to_numpy(object))
    smallest = minimum_detectable_effect(effect.standard_error)
    smallest = np.where(is_cut_short, np.nan, smallest)
    minimum = declared["minimum_effect"].to_numpy(np.float64)
    # Of waits a customer counts from the first day on.
    window = declared["window_days"].fillna(0).mask(is_wait, 0)
    watched = looks["runtime_days"] - window - looks["lateness_days"]
    wait = days_to_effect(
        smallest, minimum, customers=n + other_n, per_day=(n + other_n) / watched.clip(lower=1)
    )
    return looks.assign(
        effect_kind=declared["effect_kind"].to_numpy(),
        absolute_lift=lift.absolute,
        lift_ci_lower=lift.ci_lower,
        lift_ci_upper=lift.ci_upper,
        relative_lift=lift.relative,
        minimum_detectable_effect=smallest,
        days_to_planned_effect=np.where(
            np.isfinite(wait) & looks["is_running"].to_numpy(np.bool_), wait, np.nan
        ),
        conclusion=conclusions(effect, declared, is_cut_short=is_cut_short),
    )


def _tables(
    looks: pd.DataFrame, waits: pd.DataFrame
) -> tuple[list[LifeTable | None], list[LifeTable | None]]:
    """Give each look's life tables of both arms, as known then."""
    arms = dict(list(waits.groupby(["experiment_id", "variation_role"])))
    sides = []
    for role in (TREATMENT, HOLDOUT):
        tables: list[LifeTable | None] = []
        for row in looks.to_dict("records"):
            exits = arms.get((row["experiment_id"], role))
            last_day = row["cut_date"] - (row["lateness_days"] + 1) * DAY
            tables.append(None if exits is None else life_table(exits, last_day))
        sides.append(tables)
    return sides[0], sides[1]


def _guardrails(looks: pd.DataFrame, sums: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Add which guardrails are harmed, by bounds that hold at any look."""
    declared = (
        looks[[*_LOOK, "min_sample"]]
        .drop_duplicates()
        .merge(metrics.loc[metrics["is_guardrail"], ["metric_name", "better"]], how="cross")
    )
    keys = declared[[*_LOOK, "metric_name"]]
    lower, upper = always_valid(
        arm(sums, keys, TREATMENT),
        arm(sums, keys, HOLDOUT),
        is_watched=np.ones(len(keys), dtype=np.bool_),
        min_sample=declared["min_sample"].to_numpy(np.float64),
    )
    harmed = keys[is_harm(lower, upper, declared)]
    named = harmed.groupby(_LOOK)["metric_name"].agg(lambda names: ";".join(sorted(names)))
    looks = looks.merge(named.rename("harm_metric").reset_index(), how="left", on=_LOOK)
    looks["harm_metric"] = (
        looks["harm_metric"].astype(object).where(looks["harm_metric"].notna(), None)
    )
    return looks.assign(has_always_valid_harm=looks["harm_metric"].notna())


def _is_missing(looks: pd.DataFrame, sums: pd.DataFrame, inputs: Inputs) -> NDArray[np.bool_]:
    """Say where an arm has nobody of whom a metric is known that the experiment must have.

    A primary metric of vanity is as none: more of it is no help.
    """
    metrics = inputs.metrics
    vanity = set(metrics.loc[metrics["is_vanity"], "metric_name"])
    policy = set(metrics.loc[metrics["is_mandatory"], "metric_name"])
    is_known = sums[(sums["customer_count"] > 0) & (sums["sum_x"] > 0)]
    sides = is_known.groupby([*_LOOK, "metric_name"])["variation_role"].nunique()
    known: dict[tuple[object, ...], set[str]] = {}
    for *look, name in sides.index[sides == 2]:
        known.setdefault(tuple(look), set()).add(str(name))
    watched = set(metrics.loc[metrics["method"] == SURVIVAL, "metric_name"])
    first = inputs.waits.groupby(["experiment_id", "variation_role"])["enrolled_date"].min()
    found = []
    for row in looks.to_dict("records"):
        declared = row["mandatory_metrics"]
        is_declared = isinstance(declared, str) and declared.strip()
        named = {part.strip() for part in declared.split(";")} if is_declared else policy
        there = set(known.get((row["experiment_id"], row["cut_date"]), ()))
        since = [first.get((row["experiment_id"], role)) for role in (TREATMENT, HOLDOUT)]
        until = row["cut_date"] - (row["min_days"] + row["lateness_days"]) * DAY
        if all(day is not None and day <= until for day in since):
            there |= watched
        primary = row["primary_metric"]
        found.append(bool((named | {primary}) - there) or primary in vanity)
    return np.array(found, dtype=np.bool_)


def _judged(looks: pd.DataFrame) -> pd.DataFrame:
    """Add the status, the first that holds, and withhold what it does not allow to be read.

    What makes any figure wrong comes before what makes it early; a want of power is last, for then
    the interval is right, and says itself how little is known.
    """
    least_days = np.maximum(looks["min_days"], looks["planned_days"])
    minimum = looks["minimum_effect"].to_numpy(np.float64)
    smallest = looks["minimum_detectable_effect"].to_numpy(np.float64)
    has_power = smallest <= minimum
    is_open = looks["conclusion"].isna() | (looks["conclusion"] == "inconclusive")
    is_srm_failed = looks["srm_p_value"] < SRM_SIGNIFICANCE
    status = np.select(
        [
            is_srm_failed,
            looks["is_unbalanced"],
            looks["is_holdout_out_of_range"],
            (looks["runtime_days"] < least_days) | ~looks["is_followed"],
            looks["is_missing_metric"],
            ~has_power & is_open,
        ],
        [
            "srm_failed",
            "unbalanced",
            "holdout_out_of_range",
            "too_early",
            "missing_mandatory_metric",
            "underpowered",
        ],
        "ok",
    )
    is_readable = np.isin(status, READABLE)
    lifts = ("absolute_lift", "lift_ci_lower", "lift_ci_upper", "relative_lift")
    novelty = ("novelty_change", "novelty_change_ci_lower", "novelty_change_ci_upper")
    for name in (*lifts, *novelty):
        looks[name] = np.where(is_readable, looks[name], np.nan)
    conclusion = (
        looks["conclusion"].astype(object).where(is_readable & looks["conclusion"].notna(), None)
    )
    return looks.assign(
        is_srm_failed=is_srm_failed,
        readout_status=status,
        is_readable=is_readable,
        is_novelty=looks["is_novelty"] & is_readable,
        conclusion=conclusion,
        is_neutral_with_power=(conclusion == "neutral") & has_power,
    )
