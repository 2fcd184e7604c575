"""Frames that must hold the same figures, whatever their order and types."""

from collections.abc import Sequence

import pandas as pd


def assert_equal(expected: pd.DataFrame, found: pd.DataFrame, keys: Sequence[str]) -> None:
    """Compare the columns of `expected` after ordering both by their keys."""
    left, right = (_comparable(frame, keys) for frame in (expected, found[list(expected.columns)]))
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


def _comparable(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    comparable = frame.rename_axis(columns=None)
    for column in comparable.columns:
        if column.endswith("_date"):
            comparable[column] = pd.to_datetime(comparable[column]).astype("datetime64[us]")
        else:
            comparable[column] = comparable[column].astype(str if column in keys else float)
    return comparable.sort_values(list(keys)).reset_index(drop=True)
