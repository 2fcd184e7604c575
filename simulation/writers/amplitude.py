"""Amplitude's S3 export: JSON lines by hour of server_upload_time, and merged-id files."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulation.company import (
    AMPLITUDE_APP,
    AMPLITUDE_ORGANISATION,
    ANDROID,
    EVENT_TYPES,
    IOS,
    PLATFORMS,
)
from simulation.jsontext import (
    lines,
    names,
    numbers,
    quoted,
    slices,
    stamps,
    starts,
    text,
    truncated,
    write_gzip,
)
from simulation.noise import NO_DEVICE, NO_INSERT_ID, TRUNCATED, WRONG_APP, WRONG_TIME
from simulation.parameters import HOUR, SECOND
from simulation.randomness import Array, Ints
from simulation.writers.amplitude_properties import Catalogue, properties

ROWS_AT_ONCE = 150_000
BLANKABLE = (
    "uuid",
    "$insert_id",
    "app",
    "device_id",
    "session_id",
    "event_type",
    "event_properties",
    "client_event_time",
    "client_upload_time",
    "server_received_time",
    "server_upload_time",
    "event_time",
    "platform",
)
_SYSTEMS = ("ios", "android", "Windows", "linux")
_LIBRARIES = (
    "amplitude-swift/1.14.0",
    "amplitude-android/1.21.3",
    "amplitude-js/2.23.1",
    "http/2.0",
)
_VERSIONS = ("8.14.2", "8.14.2", "2025.36.1", "1.9.0")
_CITIES = ("Madrid", "Barcelona", "Valencia", "Sevilla", "Bilbao", "Lisbon")


def file_name(hour: int, chunk: int) -> str:
    """Name the file of an hour (hours since 1970 UTC) and partition."""
    day = np.datetime64(hour // 24, "D")
    return f"{AMPLITUDE_APP}_{day}_{hour % 24}#{chunk}.json.gz"


def write(
    folder: Path, chunk: int, catalogue: Catalogue, rows: pd.DataFrame, blank: Array | None
) -> tuple[Ints, list[str], Ints]:
    """Write the rows of a chunk, which are in order of receipt.

    Args:
        folder: The source's folder.
        chunk: Number of the chunk, Amplitude's partition.
        catalogue: What the rows refer to.
        rows: Rows of `deliver_events`.
        blank: Cells to leave empty (rows x BLANKABLE), or None.

    Returns:
        Each row's file (position in the list of names), the names, each row's line from 1.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hour = rows["received"].to_numpy() // HOUR
    firsts = starts(hour)
    files = [file_name(int(hour[first]), chunk) for first in firsts]
    file = np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, len(rows))))
    for begin, end in slices(firsts, len(rows), ROWS_AT_ONCE):
        part = rows.iloc[begin:end]
        cells = blank[begin:end] if blank is not None and blank[begin:end].any() else None
        own = firsts[(firsts >= begin) & (firsts < end)] - begin
        write_gzip(
            _render(catalogue, part, cells),
            own,
            lambda first, offset=begin: folder / files[file[offset + first]],  # type: ignore[misc]
        )
    return file, files, np.arange(len(rows)) - firsts[file] + 1


def write_merges(folder: Path, merges: pd.DataFrame) -> tuple[Ints, list[str], Ints]:
    """Write all chunks' merged ids (amplitude_id, merged_amplitude_id, at, received), by hour.

    Returns:
        Each row's file, the names, each row's line from 1.
    """
    hour = merges["received"].to_numpy() // HOUR
    firsts = starts(hour)
    files = [
        f"-{AMPLITUDE_ORGANISATION}_{np.datetime64(h // 24, 'D')}_{h % 24}.json.gz"
        for h in hour[firsts].tolist()
    ]
    file = np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, len(merges))))
    rendered = lines(
        {
            "scope": numbers(np.full(len(merges), AMPLITUDE_ORGANISATION)),
            "merge_time": numbers(merges["at"].to_numpy() // 1000),
            "merge_server_time": numbers(merges["received"].to_numpy() // 1000),
            "amplitude_id": numbers(merges["amplitude_id"].to_numpy()),
            "merged_amplitude_id": numbers(merges["merged_amplitude_id"].to_numpy()),
        }
    )
    write_gzip(rendered, firsts, lambda first: folder / files[file[first]])
    return file, files, np.arange(len(merges)) - firsts[file] + 1


def _render(catalogue: Catalogue, rows: pd.DataFrame, blank: Array | None) -> pa.Array:
    """Write rows as JSON lines, faults included."""
    record = rows["record"].to_numpy()
    event = {name: values[record] for name, values in catalogue.events.items()}
    fault = rows["fault"].to_numpy()
    session, customer, device = event["session"], event["customer"], event["device"]
    known = np.where(event["is_logged_in"], customer, -1)
    start = catalogue.session_start[session]
    platform = event["platform"]
    amplitude_id = np.where(
        (known >= 0)
        | catalogue.is_merged_silently[customer] & (customer >= 0) & ~catalogue.is_rig[device],
        catalogue.customer_amplitude_id[customer],
        catalogue.device_amplitude_id[device],
    )
    received = rows["received"].to_numpy()
    advertising_id = catalogue.advertising_ids.take(device)
    ip = device * 2_654_435_761 % 2**24
    columns: dict[str, Any] = {
        "uuid": quoted(catalogue.row_uuids.take(rows["uuid"].to_numpy())),
        "$insert_id": _without(
            quoted(catalogue.insert_ids.take(rows["insert_id"].to_numpy())), fault == NO_INSERT_ID
        ),
        "app": names((str(AMPLITUDE_APP), '"web"'), (fault == WRONG_APP).astype(int), form="{}"),
        "amplitude_id": numbers(amplitude_id),
        "user_id": quoted(catalogue.refs.take(pa.array(known, mask=known < 0))),
        "device_id": _without(quoted(catalogue.device_ids.take(device)), fault == NO_DEVICE),
        "session_id": numbers(np.where(session >= 0, start // 1000, -1)),
        "event_id": numbers(record % 1_000_000 + 1),
        "event_type": names(EVENT_TYPES, event["type"]),
        "event_properties": properties(catalogue, event),
        "user_properties": names(("{}",), np.zeros(len(rows)), form="{}"),
        "client_event_time": quoted(stamps(rows["client_event"].to_numpy())),
        "client_upload_time": quoted(stamps(rows["client_upload"].to_numpy())),
        "server_received_time": quoted(stamps(rows["server_received"].to_numpy())),
        "server_upload_time": quoted(stamps(received)),
        "event_time": _replaced(
            quoted(stamps(rows["event_time"].to_numpy())), fault == WRONG_TIME, '"yesterday"'
        ),
        "processed_time": quoted(stamps(received + 2 * SECOND + received % 1_000_003)),
        "platform": names(PLATFORMS, platform),
        "os_name": names(_SYSTEMS, platform),
        "version_name": names(_VERSIONS, platform),
        "library": names(_LIBRARIES, platform),
        "ip_address": quoted(
            text(
                "10.",
                numbers(ip >> 16),
                ".",
                numbers(ip >> 8 & 255),
                ".",
                numbers(ip & 255),
            )
        ),
        "country": names(("Spain",), np.zeros(len(rows))),
        "city": names(_CITIES, device % len(_CITIES)),
        "idfa": quoted(_without(advertising_id, platform != IOS)),
        "adid": quoted(_without(advertising_id, platform != ANDROID)),
        "language": names(("Spanish",), np.zeros(len(rows))),
    }
    if blank is not None:
        for place, name in enumerate(BLANKABLE):
            columns[name] = _without(columns[name], blank[:, place])
    return truncated(lines(columns), fault == TRUNCATED)


def _without(values: pa.Array, mask: Array) -> pa.Array:
    """Empty the masked cells."""
    return _replaced(values, mask, None)


def _replaced(values: pa.Array, mask: Array, other: str | None) -> pa.Array:
    """Put another value in the masked cells."""
    return pc.if_else(pa.array(mask), pa.scalar(other, pa.string()), values)
