"""Which early actions go with staying: found on half of the customers, confirmed on the other.

The correlation of two yes-or-no facts is phi. Busy customers do more of everything and stay more
often, so that an action is not judged by phi's own p-value: the odds of staying are compared within
strata of active days in the first week, pooled by Mantel and Haenszel, and tested by Cochran's
statistic. On half A the tests are corrected by Benjamini and Hochberg; what passes is tested again
on half B, corrected by Holm. All of it is association.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FIGURES = (
    "phi",
    "activity_adjusted_odds_ratio",
    "activity_adjusted_odds_ratio_ci_lower",
    "activity_adjusted_odds_ratio_ci_upper",
    "phi_discovery",
    "discovery_p_value",
    "discovery_fdr_p_value",
    "phi_confirmed",
    "phi_confirmed_ci_lower",
    "phi_confirmed_ci_upper",
    "confirmation_p_value",
    "confirmation_holm_p_value",
)
EARLY_ACTIONS = pa.schema(
    [
        pa.field("action_name", pa.string(), nullable=False),
        pa.field("threshold", pa.int64(), nullable=False),
        *(pa.field(name, pa.float64()) for name in _FIGURES),
        pa.field("is_discovered", pa.bool_()),
    ]
)
CONFIDENCE = 0.95
_KEY = ["action_name", "threshold"]
_COUNTS = [
    "true_positive_count",
    "false_positive_count",
    "false_negative_count",
    "true_negative_count",
]


class _Pooled(NamedTuple):
    """Odds of staying, done over left undone, within strata of activity."""

    odds_ratio: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    p_value: float = np.nan


def infer_early_actions(strata: pd.DataFrame) -> pa.Table:
    """Search half A for early actions that go with staying, and test the finds on half B.

    Args:
        strata: one row per action, threshold, half (`a` or `b`) and number of active days in the
            first week, with the four counts of customers, `is_same_activity` (whether the action
            is the activity that staying is known by), `fdr_level` and `min_customer_count`.

    Returns:
        A table of schema `EARLY_ACTIONS`, one row per action and threshold in their order. Phi is
        NULL where all did it, nobody did, all stayed or nobody did. What fewer than the least
        number did or left undone, and what is the same activity, is in no family of tests:
        corrected p-values and `is_discovered` are NULL. Holm's are NULL for what was not
        discovered.
    """
    rows = [_describe(key, group) for key, group in strata.groupby(_KEY, sort=True)]
    if not rows:
        return pa.Table.from_pylist([], schema=EARLY_ACTIONS)
    found = pd.DataFrame(rows)
    found["discovery_fdr_p_value"] = _corrected(
        found["discovery_p_value"], found["is_candidate"], "fdr_bh"
    )
    is_discovered = found["discovery_fdr_p_value"] < strata["fdr_level"].iloc[0]
    found["is_discovered"] = is_discovered.where(found["discovery_fdr_p_value"].notna(), None)
    found["confirmation_holm_p_value"] = _corrected(
        found["confirmation_p_value"], is_discovered, "holm"
    )
    columns = found.drop(columns="is_candidate")
    return pa.Table.from_pandas(columns, schema=EARLY_ACTIONS, preserve_index=False)


def _describe(key: object, group: pd.DataFrame) -> dict[str, object]:
    """Give one action's figures, but for the corrections."""
    action_name, threshold = key if isinstance(key, tuple) else (key, 0)
    halves = {
        half: group.loc[group["half"] == half, _COUNTS].to_numpy(np.float64) for half in ("a", "b")
    }
    everyone = group.groupby("early_day_count")[_COUNTS].sum().to_numpy(np.float64)
    total = everyone.sum(axis=0)
    least = float(group["min_customer_count"].iloc[0])
    pooled = _pool(everyone)
    confirmed = phi(halves["b"].sum(axis=0))
    lower, upper = _phi_interval(confirmed, halves["b"].sum())
    return {
        "action_name": action_name,
        "threshold": threshold,
        "phi": phi(total),
        "activity_adjusted_odds_ratio": pooled.odds_ratio,
        "activity_adjusted_odds_ratio_ci_lower": pooled.lower,
        "activity_adjusted_odds_ratio_ci_upper": pooled.upper,
        "phi_discovery": phi(halves["a"].sum(axis=0)),
        "discovery_p_value": _pool(halves["a"]).p_value,
        "phi_confirmed": confirmed,
        "phi_confirmed_ci_lower": lower,
        "phi_confirmed_ci_upper": upper,
        "confirmation_p_value": _pool(halves["b"]).p_value,
        "is_candidate": min(total[:2].sum(), total[2:].sum()) >= least
        and not group["is_same_activity"].any(),
    }


def phi(counts: Floats) -> float:
    """Return the correlation of action and staying; NaN where either has no two values.

    Args:
        counts: true positives, false positives, false negatives, true negatives.
    """
    both, alone, missed, neither = counts
    margins = (both + alone) * (missed + neither) * (both + missed) * (alone + neither)
    if margins == 0:
        return np.nan
    return float((both * neither - alone * missed) / np.sqrt(margins))


def _phi_interval(value: float, count: float) -> tuple[float, float]:
    """Return the interval of a correlation by Fisher's transformation."""
    if np.isnan(value) or count <= 3 or abs(value) == 1:
        return np.nan, np.nan
    half = stats.norm.ppf((1 + CONFIDENCE) / 2) / np.sqrt(count - 3)
    centre = np.arctanh(value)
    return float(np.tanh(centre - half)), float(np.tanh(centre + half))


def _pool(strata: Floats) -> _Pooled:
    """Compare the odds of staying within strata; counts in the order of `_COUNTS`."""
    from statsmodels.stats.contingency_tables import StratifiedTable

    both, alone, missed, neither = strata.T if len(strata) else np.zeros((4, 0))
    speaks = (both + alone) * (missed + neither) * (both + missed) * (alone + neither) > 0
    if not speaks.any():
        return _Pooled()
    tables = np.array([[both, alone], [missed, neither]])[:, :, speaks]
    stratified = StratifiedTable(tables)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds_ratio = float(stratified.oddsratio_pooled)
        lower, upper = stratified.oddsratio_pooled_confint(alpha=1 - CONFIDENCE)
        p_value = float(stratified.test_null_odds(correction=False).pvalue)
    figures = (odds_ratio, float(lower), float(upper), p_value)
    return _Pooled(*(figure if np.isfinite(figure) else np.nan for figure in figures))


def _corrected(p_values: pd.Series, family: pd.Series, method: str) -> pd.Series:
    """Correct the p-values of a family for their number; NaN outside it."""
    from statsmodels.stats.multitest import multipletests

    corrected = pd.Series(np.nan, index=p_values.index)
    members = family.astype(bool) & p_values.notna()
    if members.any():
        corrected[members] = multipletests(p_values[members].to_numpy(), method=method)[1]
    return corrected
