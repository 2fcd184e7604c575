"""Arrays in one file: written without a copy, and read by mapping it into memory.

The file is numpy's own (`numpy.load` reads it). Its arrays begin where the machine likes numbers to
begin, so they are used where they lie.
"""

from __future__ import annotations

import io
import mmap
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_SUFFIX = ".npy"
_ALIGNMENT = 64
_HEADER_SIZE, _ZIP64_SIZE = 30, 20
_PADDING = 0xD935
"""Marks the part of a zip header that only fills; readers pass over it."""


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays to a file whose bytes depend on them only."""
    with path.open("wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(name + _SUFFIX)
            head = file.tell() + _HEADER_SIZE + len(entry.filename.encode()) + _ZIP64_SIZE
            filling = -(head + 4) % _ALIGNMENT
            entry.extra = struct.pack("<HH", _PADDING, filling) + bytes(filling)
            with archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array_header_1_0(
                    member, np.lib.format.header_data_from_array_1_0(array)
                )
                # Without a copy, which numpy's own writer makes.
                member.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read arrays where they lie in the file; none can be written to.

    Raises:
        ValueError: the file holds something else, or other bytes than were written.
        zipfile.BadZipFile: it is no archive, or not whole.
    """
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return {entry.filename.removesuffix(_SUFFIX): _read(content, entry) for entry in entries}


def _read(content: mmap.mmap, entry: zipfile.ZipInfo) -> NDArray[Any]:
    name_size, extra_size = struct.unpack_from("<HH", content, entry.header_offset + 26)
    start = entry.header_offset + _HEADER_SIZE + name_size + extra_size
    member = memoryview(content)[start : start + entry.file_size]
    if entry.compress_type != zipfile.ZIP_STORED or zlib.crc32(member) != entry.CRC:
        raise ValueError(f"{entry.filename} is not as it was written")
    head = io.BytesIO(member[: _ALIGNMENT * 16])
    np.lib.format.read_magic(head)
    shape, _, kind = np.lib.format.read_array_header_1_0(head)
    return np.frombuffer(member[head.tell() :], dtype=kind).reshape(shape)
