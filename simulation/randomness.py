"""Named random streams, and identifiers drawn from them.

Each idea draws from its own stream, so a change of one (a scenario, say) leaves the bytes of all
others alone.
"""

from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]


def stream(seed: int, chunk: int, name: str) -> np.random.Generator:
    """Give the generator of one idea in one chunk of customers."""
    return np.random.default_rng([seed, chunk, crc32(name.encode())])


def between(rng: np.random.Generator, low: float, high: float, count: int) -> Ints:
    """Draw `count` whole numbers evenly from [low, high)."""
    return rng.integers(int(low), int(high), count, dtype=np.int64)


def chance(rng: np.random.Generator, share: float | Array, count: int) -> Bools:
    """Draw `count` booleans that are true with the given share (a number, or one each)."""
    drawn: Bools = rng.random(count) < share
    return drawn


def at_least(rng: np.random.Generator, share: float, minimum: int, candidates: Ints) -> Ints:
    """Pick `share` of the candidates without repeats, but at least `minimum` if there are so many.

    Small companies so still hold every kind of fault.
    """
    count = min(len(candidates), max(minimum, round(share * len(candidates))))
    return np.sort(rng.choice(candidates, size=count, replace=False))


def hex_ids(rng: np.random.Generator, count: int, *, digits: int, prefix: str = "") -> pa.Array:
    """Draw `count` identifiers of `digits` hexadecimal digits (an even number) after a prefix."""
    text = np.frombuffer(rng.bytes(count * digits // 2).hex().encode(), dtype=np.uint8)
    body = text.reshape(count, digits)
    head = np.frombuffer(prefix.encode(), dtype=np.uint8)
    return _fixed_width(np.hstack([np.tile(head, (count, 1)), body]) if prefix else body)


def uuids(rng: np.random.Generator, count: int) -> pa.Array:
    """Draw `count` random UUIDs in their usual text form (version 4)."""
    text = np.frombuffer(rng.bytes(count * 16).hex().encode(), dtype=np.uint8)
    digits = text.reshape(count, 32)
    out = np.full((count, 36), ord("-"), dtype=np.uint8)
    for place, (first, last) in zip(
        (0, 9, 14, 19, 24), ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)), strict=True
    ):
        out[:, place : place + last - first] = digits[:, first:last]
    out[:, 14] = ord("4")
    out[:, 19] = np.frombuffer(b"89ab", dtype=np.uint8)[digits[:, 16] % 4]
    return _fixed_width(out)


def _fixed_width(characters: Array) -> pa.Array:
    """Turn rows of ASCII codes (n x width, uint8) into a string array without a Python loop."""
    count, width = characters.shape
    offsets = np.arange(count + 1, dtype=np.int64) * width
    return pa.LargeStringArray.from_buffers(
        count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(characters))
    ).cast(pa.string())
