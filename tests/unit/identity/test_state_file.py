"""The state's file is numpy's own, is the same for the same arrays, and shows what was damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from identity.state_file import read_arrays, write_arrays

ARRAYS = {
    "numbers": np.arange(1_000, dtype=np.int64),
    "flags": np.array([True, False, True]),
    "digests": np.array([2**64 - 1], dtype=np.uint64),
    "nothing": np.zeros(0, dtype=np.int32),
    "one": np.array(7, dtype=np.int64),
    "every_other": np.arange(10, dtype=np.int32)[::2],
}


def test_arrays_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "state.npz"
    write_arrays(path, ARRAYS)
    for found in (read_arrays(path), dict(np.load(path, allow_pickle=False))):
        assert list(found) == list(ARRAYS)
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(found[name], array)
            assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)


def test_arrays_lie_where_they_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "state.npz"
    write_arrays(path, ARRAYS)
    for array in read_arrays(path).values():
        assert array.ctypes.data % 64 == 0 or not array.size
        assert not array.flags.writeable


def test_what_numpy_has_written_is_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "state.npz", numbers=ARRAYS["numbers"])
    found = read_arrays(tmp_path / "state.npz")
    np.testing.assert_array_equal(found["numbers"], ARRAYS["numbers"])


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.npz"
    write_arrays(path, ARRAYS)
    content = bytearray(path.read_bytes())
    content[content.index(np.int64(500).tobytes())] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"numbers\.npy is not as it was written"):
        read_arrays(path)
