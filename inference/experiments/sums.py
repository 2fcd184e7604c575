"""Sums over customers: all that the lifts of an experiment need, and nothing of a single customer.

A metric is y / x over the customers of an arm: x is 1 in a mean and in a proportion. c and d are
the same customer's y and x of the time before the experiment. A customer counts once. Sums of days
are added, never their means or variances.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums and sums of products over customers; all of one shape, one element a cell.

    Attributes:
        n: customers.
        y: the metric's numerator.
        yy: its square; and so on, two letters being a product of the two.
        x: the metric's denominator; n for means and proportions.
        c: the numerator before the experiment (NaN or 0 throughout: not known).
        d: the denominator before the experiment; n for means and proportions.
    """

    n: Floats
    y: Floats
    yy: Floats
    x: Floats
    xx: Floats
    xy: Floats
    c: Floats
    cc: Floats
    yc: Floats
    d: Floats
    dd: Floats
    cd: Floats
    xc: Floats
    yd: Floats
    xd: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Sums:
        """Take sums from a frame, in its order.

        Args:
            frame: columns `customer_count` and `sum_y`, `sum_yy`, `sum_x`, ... `sum_xd`, one per
                attribute; NULL is NaN.

        Raises:
            KeyError: a column is missing.
        """
        names = [one.name for one in fields(cls)]
        columns = ["customer_count", *(f"sum_{name}" for name in names[1:])]
        return cls(*(frame[column].to_numpy(dtype=np.float64) for column in columns))

    @classmethod
    def of_customers(
        cls,
        y: ArrayLike,
        x: ArrayLike | None = None,
        *,
        c: ArrayLike | None = None,
        d: ArrayLike | None = None,
    ) -> Sums:
        """Sum over customers, who lie along the last axis.

        Args:
            y: numerators, shape (..., customers).
            x: denominators, same shape; all 1 if left out.
            c: numerators before; all 0 if left out, so that nothing is adjusted.
            d: denominators before; all 1 if left out.
        """
        y = np.asarray(y, dtype=np.float64)
        one, none = np.ones_like(y), np.zeros_like(y)
        x, c, d = (
            default if value is None else np.asarray(value, dtype=np.float64)
            for value, default in ((x, one), (c, none), (d, one))
        )
        values = {"n": one, "y": y, "x": x, "c": c, "d": d}

        def total(name: str) -> Floats:
            left, right = values[name[0]], values[name[-1]]
            if len(name) == 1:
                return np.asarray(left.sum(axis=-1))
            return np.asarray(np.einsum("...i,...i->...", left, right))

        return cls(*(total(one.name) for one in fields(cls)))

    @classmethod
    def of_means(cls, n: ArrayLike, y: ArrayLike, yy: ArrayLike) -> Sums:
        """Make sums of a mean without a time before, as that of a covariate.

        Args:
            n: customers; shape (cells,).
            y: sum of the values.
            yy: sum of their squares.
        """
        n, y, yy = (np.asarray(value, dtype=np.float64) for value in (n, y, yy))
        none = np.zeros_like(n)
        return cls(n, y, yy, n, n, y, none, none, none, n, n, none, none, y, n)

    def __add__(self, other: Sums) -> Sums:
        """Give the sums of both, cell by cell; nobody may be in both."""
        return Sums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __getitem__(self, cells: slice | NDArray[np.int64] | NDArray[np.bool_]) -> Sums:
        """Give some of the cells."""
        return Sums(*(getattr(self, f.name)[cells] for f in fields(self)))

    def __len__(self) -> int:
        """Count the cells."""
        return len(self.n)

    def merged(self, by: NDArray[np.int64], count: int | None = None) -> Sums:
        """Add the cells of each group, as days of an arm.

        Args:
            by: each cell's group, 0 to `count` - 1; shape (cells,).
            count: groups; one more than the largest of `by` if left out.

        Returns:
            One cell a group, 0 throughout where a group has none.
        """
        size = count if count is not None else int(by.max(initial=-1)) + 1

        def added(values: Floats) -> Floats:
            return np.asarray(np.bincount(by, values, minlength=size), dtype=np.float64)

        return Sums(*(added(getattr(self, f.name)) for f in fields(self)))
