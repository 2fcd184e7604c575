from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cluster_scores import score

Members = list[tuple[int, int]]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12))
def test_sizes_give_what_counting_one_by_one_gives(members: Members) -> None:
    found, true = (np.array(labels) for labels in zip(*members, strict=True))
    pairs = list(combinations(members, 2))
    together = [(one, other) for one, other in pairs if one[0] == other[0]]
    belonging = [(one, other) for one, other in pairs if one[1] == other[1]]
    right = [pair for pair in together if pair in belonging]
    scores = score(found, true)
    assert scores.pair_precision == (len(right) / len(together) if together else 1)
    assert scores.pair_recall == (len(right) / len(belonging) if belonging else 1)
    precision = [
        np.mean([true[other] == true[own] for other in np.flatnonzero(found == found[own])])
        for own in range(len(members))
    ]
    recall = [
        np.mean([found[other] == found[own] for other in np.flatnonzero(true == true[own])])
        for own in range(len(members))
    ]
    assert scores.member_precision == pytest.approx(np.mean(precision))
    assert scores.member_recall == pytest.approx(np.mean(recall))
    assert scores.largest == max(np.sum(found == label) for label in found)


def test_one_cluster_of_all_has_the_shares_pairs_of_it() -> None:
    scores = score(np.zeros(4, dtype=int), np.array(["a", "a", "b", "b"]))
    assert (scores.pair_precision, scores.pair_recall) == (2 / 6, 1.0)
    assert (scores.member_precision, scores.member_recall) == (0.5, 1.0)
    assert scores.pair_f1 == 0.5
