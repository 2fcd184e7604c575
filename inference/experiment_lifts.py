"""Lifts of many metrics at once, each by the method of its kind, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from inference.experiments.conclusions import INCONCLUSIVE, NEUTRAL, conclude, is_harmful
from inference.experiments.lifts import Lift, proportion_lift, ratio_lift
from inference.experiments.sequential import always_valid_proportions
from inference.experiments.survival import common_horizon, rmst_lift
from inference.survival import LifeTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from inference.experiments.sums import Sums

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

# At so many customers of both arms the bounds that hold at any time are narrowest.
TUNED_FOR = 5000
WAIT_HORIZON_DAYS = 26 * 7
SURVIVAL, PROPORTION = "survival", "proportion"
_NOBODY = LifeTable(np.array([0.0]), np.array([1.0]), np.array([0.0]))


@dataclass(frozen=True, slots=True)
class Effect:
    """A lift in the unit in which its metric is judged: absolute, or relative to the holdout.

    Attributes:
        lift: the point.
        ci_lower: lower bound.
        ci_upper: upper bound.
        standard_error: of the point.
    """

    lift: Floats
    ci_lower: Floats
    ci_upper: Floats
    standard_error: Floats


def lift_of(treatment: Sums, holdout: Sums, method: NDArray[np.object_]) -> Lift:
    """Compare each pair of cells by the method of its metric, waits left out (NaN)."""
    kinds = {PROPORTION: proportion_lift(treatment, holdout), "": ratio_lift(treatment, holdout)}
    is_share, is_wait = method == PROPORTION, method == SURVIVAL
    both = {
        field.name: np.where(
            is_wait,
            np.nan,
            np.where(
                is_share, getattr(kinds[PROPORTION], field.name), getattr(kinds[""], field.name)
            ),
        )
        for field in fields(Lift)
    }
    return Lift(**both)


def wait_lift(treatments: Sequence[LifeTable | None], holdouts: Sequence[LifeTable | None]) -> Lift:
    """Compare mean waits in weeks, cut at 26; NaN where an arm has nobody."""
    days = rmst_lift(
        [table or _NOBODY for table in treatments],
        [table or _NOBODY for table in holdouts],
        horizon=WAIT_HORIZON_DAYS,
    )
    in_days = {"treatment", "holdout", "absolute", "standard_error", "ci_lower", "ci_upper"}
    return Lift(
        **{
            field.name: getattr(days, field.name) / (7 if field.name in in_days else 1)
            for field in fields(Lift)
        }
    )


def is_wait_cut_short(
    treatments: Sequence[LifeTable | None], holdouts: Sequence[LifeTable | None]
) -> Bools:
    """Say which pairs of arms were not both watched for the 26 weeks that the minimum is of."""
    pairs = zip(treatments, holdouts, strict=True)
    return np.array(
        [
            common_horizon(one or _NOBODY, other or _NOBODY, WAIT_HORIZON_DAYS) < WAIT_HORIZON_DAYS
            for one, other in pairs
        ],
        dtype=np.bool_,
    )


def replaced(lift: Lift, place: Bools, other: Lift) -> Lift:
    """Put other lifts, as many as `place` has true ones, in their places."""
    parts = {}
    for field in fields(Lift):
        values = getattr(lift, field.name).copy()
        values[place] = getattr(other, field.name)
        parts[field.name] = values
    return Lift(**parts)


def only(lift: Lift, is_shown: Bools) -> Lift:
    """Withhold lifts; the arms' own values stay."""
    kept = {"treatment", "holdout"}
    return Lift(
        **{
            field.name: getattr(lift, field.name)
            if field.name in kept
            else np.where(is_shown, getattr(lift, field.name), np.nan)
            for field in fields(Lift)
        }
    )


def effect_of(lift: Lift, effect_kind: NDArray[np.object_]) -> Effect:
    """Give each lift in the unit in which its metric is judged."""
    is_relative = effect_kind == "relative"
    with np.errstate(divide="ignore", invalid="ignore"):
        error = lift.standard_error / np.where(lift.holdout > 0, lift.holdout, np.nan)
    return Effect(
        np.where(is_relative, lift.relative, lift.absolute),
        np.where(is_relative, lift.relative_ci_lower, lift.ci_lower),
        np.where(is_relative, lift.relative_ci_upper, lift.ci_upper),
        np.where(is_relative, error, lift.standard_error),
    )


def conclusions(
    effect: Effect,
    declared: pd.DataFrame,
    *,
    is_cut_short: Bools,
    is_significant: Bools | None = None,
) -> NDArray[np.object_]:
    """Conclude of each effect, against `minimum_effect` and `better` of its row.

    Where it is cut short of the time that its minimum is of, a small one may still grow: it is
    not neutral yet.
    """
    found = conclude(
        effect.lift,
        effect.ci_lower,
        effect.ci_upper,
        minimum=declared["minimum_effect"].to_numpy(np.float64),
        is_lower_better=(declared["better"] == "lower").to_numpy(),
        is_significant=True if is_significant is None else is_significant,
    )
    found[is_cut_short & (found == NEUTRAL)] = INCONCLUSIVE
    return found


def always_valid(
    treatment: Sums, holdout: Sums, *, is_watched: Bools, min_sample: Floats
) -> tuple[Floats, Floats]:
    """Give the bounds of absolute lifts that hold at whatever look.

    Args:
        treatment: the treated cells.
        holdout: the cell each is compared with.
        is_watched: guardrails, which are shares of customers; the others have none.
        min_sample: fewest customers of an arm: with fewer the normal law says little.
    """
    lower, upper = always_valid_proportions(treatment, holdout, tuned_for=TUNED_FOR)
    is_known = is_watched & (treatment.n >= min_sample) & (holdout.n >= min_sample)
    return np.where(is_known, lower, np.nan), np.where(is_known, upper, np.nan)


def is_harm(lower: Floats, upper: Floats, declared: pd.DataFrame) -> Bools:
    """Say which always-valid bounds lie wholly on the worse side of 0."""
    return is_harmful(lower, upper, is_lower_better=(declared["better"] == "lower").to_numpy())
