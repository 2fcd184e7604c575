"""Sums are taken by name, added cell by cell, and merged by group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from inference.experiments.sums import Sums
from tests.unit.inference.experiments.rows import EXACT, customers


def test_a_frame_gives_every_sum_its_own_column() -> None:
    columns = ["customer_count", *(f"sum_{name}" for name in Sums.__slots__[1:])]
    frame = pd.DataFrame([range(len(columns))], columns=columns).sample(axis=1, frac=1)
    sums = Sums.of(frame)
    assert [getattr(sums, name)[0] for name in Sums.__slots__] == list(range(len(columns)))
    with pytest.raises(KeyError, match="sum_xd"):
        Sums.of(frame.drop(columns="sum_xd"))


def test_sums_of_customers_are_the_products_their_names_say() -> None:
    rows = customers(50, seed=4)
    sums = Sums.of_customers(rows.y, rows.x, c=rows.c, d=rows.d)
    values = {"n": np.ones(50), **vars(rows)}
    for name in Sums.__slots__:
        product = values[name[0]] * (values[name[1]] if len(name) == 2 else 1)
        assert getattr(sums, name) == pytest.approx(product.sum(), rel=EXACT), name


def test_sums_of_a_mean_are_those_of_its_customers() -> None:
    y = customers(50, seed=5).y
    made = Sums.of_means(np.array([50]), np.array([y.sum()]), np.array([(y * y).sum()]))
    known = Sums.of_customers(y[None])
    for name in Sums.__slots__:
        assert getattr(made, name) == pytest.approx(getattr(known, name), rel=EXACT), name


def test_merging_adds_the_cells_of_each_group_and_leaves_others_empty() -> None:
    ones = Sums.of_customers(np.arange(12.0).reshape(4, 3))
    merged = ones.merged(np.array([2, 0, 2, 0]), count=4)
    assert merged.y.tolist() == [12 + 30, 0, 3 + 21, 0]
    assert merged.n.tolist() == [6, 0, 6, 0]
    assert (ones[:2] + ones[2:]).y.tolist() == [3 + 21, 12 + 30]
    assert len(ones[np.array([True, False, False, True])]) == 2
