"""JSON texts of whole columns at once, and their cutting into compressed files.

Values here are the simulation's own and hold neither quotes nor control characters, so quoting is
all the escaping that is needed.
"""

import gzip
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.randomness import Array, Bools


def text(*parts: Any) -> pa.Array:
    """Join texts and columns row by row; a null in any part makes the row null."""
    return pc.binary_join_element_wise(*parts, "")


def quoted(values: Any) -> pa.Array:
    """Put each value in quotes."""
    return text('"', values, '"')


def or_null(values: Any) -> pa.Array:
    """Write nulls as JSON null."""
    return pc.fill_null(values, "null")


def names(choices: Sequence[str], codes: Array, *, form: str = '"{}"') -> pa.Array:
    """Turn codes into texts of the given form; negative codes into nulls."""
    codes = np.asarray(codes, dtype=np.int64)
    rendered = pa.array([form.format(choice) for choice in choices], pa.string())
    return rendered.take(pa.array(codes, mask=codes < 0))


def numbers(values: Array, mask: Bools | None = None) -> pa.Array:
    """Write numbers; masked ones become nulls."""
    return pa.array(values, mask=mask).cast(pa.string())


def booleans(values: Array) -> pa.Array:
    """Write booleans."""
    return pa.array(["false", "true"]).take(pa.array(np.asarray(values, dtype=np.int64)))


def stamps(micros: Array) -> pa.Array:
    """Write microseconds as 'YYYY-MM-DD HH:MM:SS.ffffff'; negative ones become nulls."""
    micros = np.asarray(micros, dtype=np.int64)
    return pa.array(micros, mask=micros < 0).cast(pa.timestamp("us")).cast(pa.string())


def iso(micros: Array) -> pa.Array:
    """Write microseconds as 'YYYY-MM-DDTHH:MM:SS.ffffffZ'; negative ones become nulls."""
    return text(pc.replace_substring(stamps(micros), " ", "T", max_replacements=1), "Z")


def members(columns: dict[str, pa.Array]) -> pa.Array:
    """Join `"name":value` pairs of each row with commas, leaving out nulls, in braces."""
    pairs = [text(f'"{name}":', values) for name, values in columns.items()]
    inner = pc.binary_join_element_wise(*pairs, ",", null_handling="skip")
    return text("{", inner, "}")


def lines(columns: dict[str, pa.Array]) -> pa.Array:
    """Write every row as one JSON line, nulls as null."""
    parts: list[Any] = []
    for place, (name, values) in enumerate(columns.items()):
        parts += [f'{"," if place else "{"}"{name}":', or_null(values)]
    return text(*parts, "}\n")


def truncated(rows: pa.Array, mask: Bools) -> pa.Array:
    """Cut the chosen JSON lines short, as a writer that was interrupted does."""
    if not mask.any():
        return rows
    short = pc.utf8_slice_codeunits(rows.filter(pa.array(mask)), start=0, stop=97)
    return pc.replace_with_mask(rows, pa.array(mask), text(short, "\n"))


def starts(sorted_keys: Array) -> Array:
    """Give the first position of each run of equal keys."""
    changed = np.ones(len(sorted_keys), dtype=bool)
    changed[1:] = sorted_keys[1:] != sorted_keys[:-1]
    return np.flatnonzero(changed)


def slices(firsts: Array, total: int, size: int) -> Iterable[tuple[int, int]]:
    """Give half-open ranges of whole runs, each of at least `size` rows but the last."""
    begin = 0
    for first in firsts[1:]:
        if first - begin >= size:
            yield begin, int(first)
            begin = int(first)
    if total > begin:
        yield begin, total


def write_gzip(rows: pa.Array, firsts: Array, path_of: Callable[[int], Path]) -> None:
    """Write each run of JSON lines as one gzip file without a time stamp.

    Args:
        rows: JSON lines with their newlines, runs side by side.
        firsts: First position of each run.
        path_of: Gives the path of the run that starts at a position.
    """
    body = rows
    _, offsets, data = body.buffers()
    at = np.frombuffer(offsets, dtype=np.int32)[body.offset : body.offset + len(body) + 1]
    ends = np.append(firsts[1:], len(body))
    whole = memoryview(data)

    def write(run: int) -> None:
        path = path_of(int(firsts[run]))
        path.parent.mkdir(parents=True, exist_ok=True)
        content = whole[at[firsts[run]] : at[ends[run]]]
        path.write_bytes(gzip.compress(content, compresslevel=1, mtime=0))

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(write, range(len(firsts))))
