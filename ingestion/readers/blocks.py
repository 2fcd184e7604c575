"""Text files as numbered lines in Arrow, many small files or a part of a huge one at a time.

The line ends are found in one pass over the bytes: no Python runs per line, and a line's number
is its real place in its file.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from ingestion.readers.model import GROUP_BYTES, InputFile, Unreadable, in_groups

_BLOCK_BYTES = 64 * 2**20
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
DECOMPRESSION_ERRORS = (OSError, EOFError, zlib.error)
"""What a broken file raises while it is read."""


@dataclass(frozen=True)
class Block:
    """Whole lines of one file, each ended by a line feed.

    Attributes:
        file_no: Number of the file.
        first_line: Number of the first line (the file's first is 1).
        text: The lines' bytes.
    """

    file_no: int
    first_line: int
    text: bytes


def line_tables(
    files: Sequence[InputFile], *, skip_lines: int = 0
) -> Iterator[pa.Table | Unreadable]:
    """Read files as tables (file_no, line, original); `original` keeps its line end.

    Args:
        files: The files, plain or gzipped whatever their names.
        skip_lines: Lines at the beginning of each file that are no rows.
    """
    with ThreadPoolExecutor() as pool:
        for group in in_groups(files):
            if len(group) == 1 and group[0].weight > GROUP_BYTES:
                yield from _huge_file(group[0], skip_lines)
                continue
            blocks: list[Block] = []
            for result in pool.map(_whole_file, group):
                if isinstance(result, Unreadable):
                    yield result
                else:
                    blocks.extend(result)
            yield _table(blocks, skip_lines)


def read_text(path: Path) -> bytes:
    """Return a file's bytes, decompressed and without a byte order mark.

    Raises:
        OSError, EOFError, zlib.error: The file can't be read or decompressed.
    """
    content = path.read_bytes()
    if content.startswith(_GZIP_MAGIC):
        content = gzip.decompress(content)
    return content.removeprefix(_BYTE_ORDER_MARK)


def open_text(path: Path) -> BinaryIO:
    """Open a file for reading decompressed."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == _GZIP_MAGIC
    return gzip.open(path) if is_gzip else path.open("rb")  # type: ignore[return-value]


def _whole_file(file: InputFile) -> list[Block] | Unreadable:
    try:
        text = read_text(file.path)
    except DECOMPRESSION_ERRORS as error:
        return Unreadable(file, type(error).__name__)
    return [Block(file.file_no, 1, _ended(text))] if text else []


def _huge_file(file: InputFile, skip_lines: int) -> Iterator[pa.Table | Unreadable]:
    # Read twice: what is broken at its end must not have landed its beginning.
    try:
        with open_text(file.path) as content:
            while content.read(_BLOCK_BYTES):
                pass
    except DECOMPRESSION_ERRORS as error:
        yield Unreadable(file, type(error).__name__)
        return
    for block in _blocks(file):
        yield _table([block], skip_lines)


def _blocks(file: InputFile) -> Iterator[Block]:
    line, rest = 1, b""
    with open_text(file.path) as content:
        while part := content.read(_BLOCK_BYTES):
            if line == 1 and not rest:
                part = part.removeprefix(_BYTE_ORDER_MARK)
            whole, feed, tail = (rest + part).rpartition(b"\n")
            rest = tail
            if feed:
                yield Block(file.file_no, line, whole + feed)
                line += whole.count(b"\n") + 1
    if rest:
        yield Block(file.file_no, line, _ended(rest))


def _ended(text: bytes) -> bytes:
    return text if text.endswith(b"\n") else text + b"\n"


def _table(blocks: Sequence[Block], skip_lines: int) -> pa.Table:
    text, counts = _lines([block.text for block in blocks])
    file_numbers = np.repeat([block.file_no for block in blocks], counts).astype(np.int64)
    before = np.cumsum(counts) - counts
    first_lines = np.array([block.first_line for block in blocks], dtype=np.int64)
    lines = np.arange(len(text), dtype=np.int64) + np.repeat(first_lines - before, counts)
    table = pa.table({"file_no": file_numbers, "line": lines, "original": text})
    return table.filter(pa.array(lines > skip_lines)) if skip_lines else table


def _lines(texts: Iterable[bytes]) -> tuple[pa.Array, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    parts = list(texts)
    text = b"".join(parts)
    ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n")) + 1
    edges = np.cumsum([len(part) for part in parts])
    counts = np.diff(np.searchsorted(ends, edges, side="right"), prepend=0)
    offsets = np.concatenate([[0], ends]).astype(np.int64)
    lines = pa.LargeStringArray.from_buffers(
        len(ends), pa.py_buffer(offsets.tobytes()), pa.py_buffer(text)
    )
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        # Bytes that are no UTF-8 become visible escapes, which no JSON can contain unnoticed.
        readable = [part.decode("utf-8", "backslashreplace").encode() for part in parts]
        return _lines(readable)
    return lines, counts.astype(np.int64)
