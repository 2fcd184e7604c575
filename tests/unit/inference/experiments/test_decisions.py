"""Corrections, novelty and conclusions: their edges, and agreement with libraries on rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from inference.experiments.conclusions import conclude, is_harmful
from inference.experiments.corrections import fdr_p_values
from inference.experiments.novelty import is_changing, novelty_lift
from inference.experiments.sums import Sums
from tests.unit.inference.experiments.rows import EXACT


def test_p_values_are_corrected_in_their_family_as_by_statsmodels() -> None:
    rng = np.random.default_rng(1)
    p_values, families = rng.random(30) ** 3, rng.integers(0, 3, 30) * 7
    p_values[[4, 11]] = np.nan
    found = fdr_p_values(p_values, families)
    assert np.isnan(found).nonzero()[0].tolist() == [4, 11]
    for family in (0, 7, 14):
        inside = (families == family) & ~np.isnan(p_values)
        known = multipletests(p_values[inside], method="fdr_bh")[1]
        assert found[inside] == pytest.approx(known, rel=EXACT)
    assert len(fdr_p_values(np.array([]), np.array([], dtype=np.int64))) == 0


def test_novelty_is_a_t_test_of_each_customers_change() -> None:
    rng = np.random.default_rng(2)
    first, held_first = rng.normal(2, 1, 800), rng.normal(1.5, 1, 300)
    later, held_later = first * 0.8 + rng.normal(0, 1, 800), held_first + rng.normal(0, 1, 300)
    arms = [
        Sums.of_customers(y[None], c=c[None]) for y, c in ((later, first), (held_later, held_first))
    ]
    change = novelty_lift(*arms)
    test = stats.ttest_ind(later - first, held_later - held_first, equal_var=False)
    interval = test.confidence_interval()
    found = [change.ci_lower[0], change.ci_upper[0], change.p_value[0]]
    assert found == pytest.approx([interval.low, interval.high, test.pvalue], rel=EXACT)
    assert is_changing(change).tolist() == [True]
    steady = Sums.of_customers((first + rng.normal(0, 1, 800))[None], c=first[None])
    assert is_changing(novelty_lift(steady, arms[1])).tolist() == [False]


@pytest.mark.parametrize(
    ("lift", "lower", "upper", "conclusion"),
    [
        (0.03, 0.01, 0.05, "works"),
        (0.02, 0.001, 0.039, "works"),
        (0.019, 0.001, 0.037, "inconclusive"),
        (0.01, 0.001, 0.019, "neutral"),
        (0.0, -0.019, 0.019, "neutral"),
        (0.0, -0.02, 0.019, "inconclusive"),
        (0.03, 0.0, 0.06, "inconclusive"),
        (-0.001, -0.002, -0.0001, "harm"),
        (-0.03, -0.06, 0.0, "inconclusive"),
        (0.03, np.nan, np.nan, None),
    ],
)
def test_a_conclusion_at_each_side_of_its_edges(
    lift: float, lower: float, upper: float, conclusion: str | None
) -> None:
    of = [np.array([value]) for value in (lift, lower, upper)]
    assert conclude(*of, minimum=0.02).tolist() == [conclusion]
    mirrored = [-of[0], -of[2], -of[1]]
    assert conclude(*mirrored, minimum=0.02, is_lower_better=[True]).tolist() == [conclusion]


def test_what_does_not_hold_among_all_looked_at_neither_works_nor_harms() -> None:
    lift, lower, upper = np.array([0.03, -0.03]), np.array([0.01, -0.05]), np.array([0.05, -0.01])
    found = conclude(lift, lower, upper, minimum=0.02, is_significant=[False, False])
    assert found.tolist() == ["inconclusive", "inconclusive"]


def test_harm_is_on_the_worse_side_only() -> None:
    lower, upper = np.array([0.1, -0.2, -0.1, np.nan]), np.array([0.2, -0.1, 0.1, np.nan])
    assert is_harmful(lower, upper, is_lower_better=False).tolist() == [False, True, False, False]
    assert is_harmful(lower, upper, is_lower_better=True).tolist() == [True, False, False, False]
