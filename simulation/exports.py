"""Amplitude's rows of one chunk, from the clean events to the files and their truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation import scenarios
from simulation.noise import FUTURE, RETRY, SOUND, deliver_events, judge_events, label_events
from simulation.parameters import SimulationParameters
from simulation.randomness import Array, Bools, stream, uuids
from simulation.reasons import REASONS
from simulation.truth import LABELS, Truth
from simulation.world import World
from simulation.writers import amplitude
from simulation.writers.amplitude_properties import Catalogue

_KEPT = REASONS.index("kept")
_REQUIRED = ("uuid", "$insert_id", "app", "device_id", "event_type", "server_upload_time")
_CLOCKS = ("client_event_time", "client_upload_time", "server_received_time")
_REQUIRED_PLACES = [amplitude.BLANKABLE.index(name) for name in _REQUIRED]
_CLOCK_PLACES = [amplitude.BLANKABLE.index(name) for name in _CLOCKS]
_TIME_PLACE = amplitude.BLANKABLE.index("event_time")
_PROPERTIES_PLACE = amplitude.BLANKABLE.index("event_properties")


def export_amplitude(
    parameters: SimulationParameters, chunk: int, world: World, folder: Path, truth: Truth
) -> Bools:
    """Write a chunk's product events and record every row's expected reason.

    Returns:
        For each clean event, whether an ideal pipeline keeps it with its properties.
    """
    rows = deliver_events(parameters, chunk, world.events)
    rng = stream(parameters.seed, chunk, "amplitude_ids")
    row_ids = uuids(rng, len(rows))
    retry_ids = uuids(rng, len(world.events))
    rows["uuid"] = np.arange(len(rows))
    is_retry = (rows["copy"] == RETRY).to_numpy()
    rows["insert_id"] = rows["record"].to_numpy() + np.where(is_retry, len(world.events), 0)
    if parameters.scenario == "duplicated_batch":
        repeats = scenarios.repeat_rows(parameters, chunk, rows)
        repeats["uuid"] = len(rows) + np.arange(len(repeats))
        spare = stream(parameters.seed, chunk, "scenario_ids")
        row_ids = pa.concat_arrays([row_ids, uuids(spare, len(repeats))])
        rows = pd.concat([rows, repeats]).sort_values(
            ["received", "record", "copy", "uuid"], kind="stable"
        )
        rows = rows.reset_index(drop=True)
    blank = None
    if parameters.scenario == "empty_fields_batch":
        blank = scenarios.blank_cells(parameters, chunk, rows, len(amplitude.BLANKABLE))
    catalogue = _catalogue(world, row_ids, pa.concat_arrays([world.insert_ids, retry_ids]))
    file, files, line = amplitude.write(folder, chunk, catalogue, rows, blank)
    reason = _judge(rows, world, blank)
    labels = label_events(rows, world.people, world.events)
    _record(truth, rows.join(labels), reason, row_ids, file=file, files=files, line=line)
    is_kept = np.zeros(len(world.events), dtype=bool)
    has_properties = blank is None or ~blank[:, _PROPERTIES_PLACE]
    is_kept[rows["record"].to_numpy()[(reason == _KEPT) & has_properties]] = True
    return is_kept


def _judge(rows: pd.DataFrame, world: World, blank: Array | None) -> Array:
    """Give each row's expected reason; a required cell left empty is a fault like another.

    The time of an event follows from the three clocks where only the time itself is empty.
    """
    if blank is None:
        return judge_events(rows, world.people, world.events)
    is_timeless = blank[:, _TIME_PLACE] & blank[:, _CLOCK_PLACES].any(axis=1)
    is_missing = blank[:, _REQUIRED_PLACES].any(axis=1) | is_timeless
    judged = rows.assign(fault=np.where(is_missing, FUTURE, rows["fault"].to_numpy()))
    return judge_events(judged, world.people, world.events, ~blank[:, _PROPERTIES_PLACE])


def _record(
    truth: Truth,
    rows: pd.DataFrame,
    reason: Array,
    row_ids: pa.Array,
    *,
    file: Array,
    files: list[str],
    line: Array,
) -> None:
    """Add the rows to the truth; a broken one is known by its file and line only."""
    keys = row_ids.take(pa.array(rows["uuid"].to_numpy())).to_pandas().to_numpy(dtype=object)
    for place in np.flatnonzero(~np.isin(rows["fault"].to_numpy(), (SOUND, FUTURE))):
        keys[place] = f"{files[file[place]]}:{line[place]}"
    flags = rows[[*LABELS, "is_near_duplicate", "is_clock_error", "is_late"]]
    truth.add_received(
        "amplitude",
        "events",
        received=rows["received"].to_numpy(),
        key=pa.array(keys, pa.string()),
        reason=reason,
        file=file,
        files=files,
        line=line,
        flags=flags,
    )


def _catalogue(world: World, row_ids: pa.Array, insert_ids: pa.Array) -> Catalogue:
    """Gather what the rows refer to."""
    people = world.people
    return Catalogue(
        events={name: world.events[name].to_numpy() for name in world.events.columns},
        session_start=world.sessions["start"].to_numpy(),
        session_origin=world.sessions["origin"].to_numpy(),
        session_user_agent=world.sessions["user_agent"].to_numpy(),
        device_ids=pa.array(people.devices["device_id"].to_numpy(dtype=object), pa.string()),
        advertising_ids=people.advertising_ids,
        device_amplitude_id=people.devices["amplitude_id"].to_numpy(),
        refs=people.refs,
        customer_amplitude_id=people.column("amplitude_id"),
        customer_timezone=people.column("timezone"),
        is_test=people.column("is_flagged"),
        is_merged_silently=~people.is_genuine,
        is_rig=people.is_rig,
        decision_ids=world.decision_ids,
        row_uuids=row_ids,
        insert_ids=insert_ids,
    )
