"""Braze Currents in storage: Avro by event type and queue hour."""

from itertools import pairwise
from pathlib import Path

import fastavro
import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.channel_truth import record_messages
from simulation.company import FLOWS, TIMEZONES
from simulation.deliveries import Habits, deliver
from simulation.identities import persons, record_holders
from simulation.jsontext import numbers, text
from simulation.messages import (
    CANVAS_ENTRY,
    DELETE_REQUEST,
    EMAIL_CLICK,
    EMAIL_OPEN,
    ORPHAN,
    TYPES,
    make_messages,
)
from simulation.parameters import DAY, HOUR, SECOND, SimulationParameters
from simulation.randomness import Array, Bools, at_least, hex_ids, stream
from simulation.reasons import KEPT, Marks, judge
from simulation.truth import Truth
from simulation.world import World
from simulation.writers.braze_extras import message_extras
from simulation.writers.braze_schemas import SCHEMAS, TABLES, Columns, columns
from simulation.writers.files import day_name

SLA = 168 * HOUR
QUEUE_HOUR = 23
_INTEGRATION = "dataexport.prod-05.S3.integration.5f1c"
_SYNC_MARKER = bytes(range(16))
_HABITS = Habits(
    usual=(0, 1),
    late_share=0.02,
    late=(DAY, 5 * DAY),
    stale_share=0.002,
    stale=(8 * DAY, 12 * DAY),
    copy_share=0.018,
    copy=(HOUR, 9 * DAY),
)


def export_messages(
    parameters: SimulationParameters,
    chunk: int,
    world: World,
    folder: Path,
    truth: Truth,
    *,
    is_event_kept: Bools,
) -> None:
    """Write a chunk's Braze events by type and day of the queue, and what became of messages."""
    rng = stream(parameters.seed, chunk, "braze")
    messages = make_messages(parameters, chunk, world)
    count = len(messages)
    kind = messages["type"].to_numpy()
    is_first = ~messages["customer"].duplicated().to_numpy()
    sent = deliver(
        rng,
        messages["at"].to_numpy(),
        _HABITS,
        spared=is_first | (kind == DELETE_REQUEST) | (kind == ORPHAN),
    )
    # A row waits for the queue hour that follows it.
    queued = -((-sent.received - HOUR) // DAY) * DAY - HOUR
    order = np.lexsort((sent.copy, sent.record, kind[sent.record], queued))
    order = order[queued[order] < parameters.end_micros]
    record, queued, copy = sent.record[order], queued[order], sent.copy[order]
    ids = hex_ids(rng, count, digits=32)
    profiles = hex_ids(rng, world.people.count, digits=24, prefix="bz")
    orphans = hex_ids(rng, world.people.count, digits=24, prefix="bz")
    own = persons(world.people, np.arange(world.people.count))
    for known in (profiles, orphans):
        record_holders(truth, "profile_id", text("braze:", known), own)
    given = _columns(rng, world, messages, ids, is_first, profiles=profiles, orphans=orphans)
    key = text(ids.take(record), "#", numbers(copy))
    is_internal, is_erased = world.people.flags(messages["customer"].to_numpy()[record])
    reason = judge(
        Marks(
            record=record,
            received=queued,
            is_bot=messages["is_machine"].to_numpy()[record],
            is_test=is_internal,
            is_stale=queued - messages["at"].to_numpy()[record] > SLA,
            # The request itself must stay: it is what there is to honour.
            is_erased=is_erased & (kind[record] != DELETE_REQUEST),
        )
    )
    is_kept = np.zeros(count, dtype=bool)
    is_kept[record[reason == KEPT]] = True
    record_messages(world, messages[is_kept], is_event_kept, truth)
    bot = pd.Series(kind[record]).map({EMAIL_OPEN: "machine_open", EMAIL_CLICK: "suspected_click"})
    bot = bot.where(messages["is_machine"].to_numpy()[record], None)
    flags = pd.DataFrame({"is_late": sent.is_late[order], "bot": bot})
    file, files, line = _write_runs(folder, chunk, given, kind=kind, record=record, queued=queued)
    table = np.array([TABLES[code] for code in kind[record]])
    for name in dict.fromkeys(TABLES):
        chosen = np.flatnonzero(table == name)
        if len(chosen):
            truth.add_received(
                "braze",
                name,
                received=queued[chosen],
                key=key.take(pa.array(chosen)),
                reason=reason[chosen],
                file=file[chosen],
                files=files,
                line=line[chosen],
                flags=flags.iloc[chosen],
            )


def _write_runs(
    folder: Path, chunk: int, given: Columns, *, kind: Array, record: Array, queued: Array
) -> tuple[Array, list[str], Array]:
    """Write each run of one queue hour and type as a file.

    Returns:
        Each row's file (position in the names), the names, each row's place from 1.
    """
    run = queued // DAY * len(TYPES) + kind[record]
    bounds = np.flatnonzero(np.diff(run, prepend=-1, append=-1))
    files: list[str] = []
    file = np.zeros(len(record), dtype=np.int64)
    line = np.zeros(len(record), dtype=np.int64)
    for begin, end in pairwise(bounds):
        code = int(kind[record[begin]])
        day = day_name(int(queued[begin] // DAY))
        name = (
            f"{_INTEGRATION}/event_type={TYPES[code]}/date={day}-{QUEUE_HOUR}/453/prod-05/"
            f"{_INTEGRATION}+{chunk}+000000.avro"
        )
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        members = [field["name"] for field in SCHEMAS[code]["fields"]]
        lists = [given[member] for member in members]
        records = [
            {member: values[r] for member, values in zip(members, lists, strict=True)}
            for r in record[begin:end].tolist()
        ]
        with path.open("wb") as out:
            fastavro.writer(out, SCHEMAS[code], records, codec="deflate", sync_marker=_SYNC_MARKER)
        file[begin:end] = len(files)
        line[begin:end] = np.arange(end - begin) + 1
        files.append(name)
    return file, files, line


def _canvases(messages: pd.DataFrame) -> list[str | None]:
    """Name the journey of each message that belongs to one."""
    flows = [f"canvas_follow_up_{flow}" for flow in FLOWS]
    return [
        flows[journey] if journey >= 0 else "canvas_welcome" if kind == CANVAS_ENTRY else None
        for journey, kind in zip(messages["journey"], messages["type"], strict=True)
    ]


def _columns(
    rng: np.random.Generator,
    world: World,
    messages: pd.DataFrame,
    ids: pa.Array,
    is_first: Bools,
    *,
    profiles: pa.Array,
    orphans: pa.Array,
) -> Columns:
    """Lay out every field of every event as a list of Python values."""
    people = world.people
    customer = messages["customer"].to_numpy()
    kind = messages["type"].to_numpy()
    braze_ids, orphan_ids = profiles.to_pylist(), orphans.to_pylist()
    is_orphan = messages["is_orphan"].to_numpy()
    refs = people.refs.to_pylist()
    is_message = np.char.startswith(np.array(TYPES), "users.messages")[kind]
    nameless = np.zeros(len(messages), dtype=bool)
    # Whose number has passed to somebody else could not be told by the profile alone.
    is_told = (people.column("number_changed_at") < 0)[customer]
    nameless[at_least(rng, 0.02, 3, np.flatnonzero(is_message & ~is_first & is_told))] = True
    nameless |= is_orphan
    is_machine = messages["is_machine"].to_numpy()
    return columns(
        ids=ids.to_pylist(),
        user=[
            orphan_ids[c] if o else braze_ids[c] for c, o in zip(customer, is_orphan, strict=True)
        ],
        absorbed_by=[braze_ids[c] for c in customer],
        external=[None if n else refs[c] for c, n in zip(customer, nameless, strict=True)],
        seconds=(messages["at"].to_numpy() // SECOND).tolist(),
        timezone=[TIMEZONES[z] for z in people.column("timezone")[customer]],
        campaign=messages["campaign"].tolist(),
        send=messages["send"].tolist(),
        is_on=messages["is_on"].tolist(),
        canvas=_canvases(messages),
        extras=message_extras(world, messages),
        email=people.customers["email"].to_numpy(dtype=object)[customer].tolist(),
        phone=people.phones_at(customer, messages["at"].to_numpy()).tolist(),
        device=people.devices["device_id"].to_numpy(dtype=object)[customer].tolist(),
        platform=people.devices["platform"].to_numpy()[customer].tolist(),
        machine_open=(is_machine & (kind == EMAIL_OPEN)).tolist(),
        machine_click=(is_machine & (kind == EMAIL_CLICK)).tolist(),
    )
