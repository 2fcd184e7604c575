"""Sumsub's webhooks as the company's receiver keeps them: JSON lines by day of receipt."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulation.banking import Bank
from simulation.company import COUNTRIES
from simulation.deliveries import Deliveries, Habits, break_some, deliver
from simulation.jsontext import booleans, lines, names, numbers, quoted, stamps, text, truncated
from simulation.kyc import make_applicant_events
from simulation.parameters import DAY, HOUR, MINUTE, SECOND, SimulationParameters
from simulation.randomness import Array, Ints, hex_ids, stream
from simulation.reasons import KEPT, Marks, judge
from simulation.truth import Truth, pick, times
from simulation.verification import DELETED, LABELS, LEVELS, RED, REVIEWED, TYPES
from simulation.world import World
from simulation.writers.files import write_daily_lines

SLA = 48 * HOUR
SOUND, TRUNCATED, NO_APPLICANT, WRONG_TIME, FUTURE = range(5)
_HABITS = Habits(
    usual=(SECOND, 20 * SECOND),
    late_share=0.02,
    stale_share=0.003,
    # The vendor sends again until it is answered.
    copy_share=0.03,
    copy=(5 * MINUTE, 24 * HOUR),
)
_STATUS = ("init", "pending", "onHold", "completed", "init", "completed", "completed", "completed")


def export_applicant_events(
    parameters: SimulationParameters,
    chunk: int,
    world: World,
    folder: Path,
    truth: Truth,
    *,
    bank: Bank,
) -> None:
    """Write a chunk's webhooks and the truth of each line."""
    rng = stream(parameters.seed, chunk, "sumsub")
    events = make_applicant_events(parameters, chunk, world, bank)
    at = events["at"].to_numpy()
    # An answer is sent until it has been acknowledged, as a request to forget is.
    is_vital = events["type"].isin((REVIEWED, DELETED)).to_numpy()
    fault = break_some(rng, ~is_vital, kinds=FUTURE)
    sent = deliver(rng, at, _HABITS, spared=is_vital | (fault != SOUND))
    order = np.lexsort((sent.copy, sent.record, sent.received))
    rows = sent.only(order[sent.received[order] < parameters.end_micros])
    correlation = hex_ids(rng, len(events), digits=16, prefix="req-")
    faults = fault[rows.record]
    said_at = at[rows.record] + np.where(faults == FUTURE, 3 * DAY, 0)
    written = _lines(world, events, rows, said_at=said_at, fault=faults, correlation=correlation)
    file, files, line = write_daily_lines(folder, "webhooks", chunk, written, rows.received)
    is_internal, is_erased = world.people.flags(events["customer"].to_numpy()[rows.record])
    reason = judge(
        Marks(
            record=rows.record,
            received=rows.received,
            is_quarantined=faults != SOUND,
            is_test=is_internal | events["is_sandbox"].to_numpy()[rows.record],
            is_stale=rows.received - at[rows.record] > SLA,
            is_erased=is_erased,
        )
    )
    _record_kept(world, events.iloc[np.unique(rows.record[reason == KEPT])], truth)
    truth.add_received(
        "sumsub",
        "applicant_events",
        received=rows.received,
        key=text(correlation.take(rows.record), "#", numbers(rows.copy)),
        reason=reason,
        file=file,
        files=files,
        line=line,
        flags=pd.DataFrame({"is_late": rows.is_late}),
    )


def _record_kept(world: World, events: pd.DataFrame, truth: Truth) -> None:
    """Record what an ideal pipeline knows of each applicant, and from when."""
    who, answer = events["customer"].to_numpy(), events["answer"].to_numpy()
    truth.add(
        "applicant_events",
        pa.table(
            {
                "customer_ref": world.people.refs.take(who),
                "event_at": times(events["at"].to_numpy()),
                "status": pick(_STATUS, events["type"]),
                "answer": pick(("GREEN", "RED"), answer),
                "label": pick(LABELS, events["label"]),
                "jurisdiction": pick(COUNTRIES, world.people.column("timezone")[who]),
                "scope": pick(LEVELS, events["level"]),
            }
        ),
    )


def applicant_ids(world: World, customer: Array) -> pa.Array:
    """Name the applicants of customers as the banking core knows them."""
    return text("kyc", numbers(world.people.column("number")[customer] + 10**9))


def _lines(
    world: World,
    events: pd.DataFrame,
    rows: Deliveries,
    *,
    said_at: Ints,
    fault: Array,
    correlation: pa.Array,
) -> pa.Array:
    """Lay out the payloads; the receiver adds when each came."""
    record, some = rows.record, events.iloc[rows.record]
    who, kind = some["customer"].to_numpy(), some["type"].to_numpy()
    number = numbers(record + 1)
    is_sandbox = pa.array(some["is_sandbox"].to_numpy())
    applicant = pc.if_else(is_sandbox, text("sandbox", number), applicant_ids(world, who))
    applicant = pc.if_else(pa.array(fault == NO_APPLICANT), pa.scalar(None, pa.string()), applicant)
    external = pc.if_else(
        is_sandbox, text("qa-", number), world.people.refs.take(pa.array(who, mask=who < 0))
    )
    zone = np.where(who < 0, 0, world.people.column("timezone")[who])
    stamp = pc.utf8_slice_codeunits(stamps(said_at), start=0, stop=23)
    written = lines(
        {
            "applicantId": quoted(applicant),
            "inspectionId": quoted(text("in", correlation.take(record))),
            "applicantType": names(("individual",), np.zeros(len(record))),
            "correlationId": quoted(correlation.take(record)),
            "levelName": names(
                tuple(f"{country.lower()}-{level}" for country in COUNTRIES for level in LEVELS),
                zone * len(LEVELS) + some["level"].to_numpy(),
            ),
            "externalUserId": quoted(external),
            "type": names(TYPES, kind),
            "reviewStatus": names(_STATUS, kind),
            "reviewResult": _results(some),
            "sandboxMode": booleans(some["is_sandbox"].to_numpy()),
            "createdAt": quoted(text(pc.utf8_slice_codeunits(stamp, start=0, stop=19), "+0000")),
            "createdAtMs": pc.if_else(
                pa.array(fault == WRONG_TIME), pa.scalar('"yesterday"'), quoted(stamp)
            ),
            "clientId": names(("trustlift_sample",), np.zeros(len(record))),
            "receivedAt": quoted(stamps(rows.received)),
        }
    )
    return truncated(written, fault == TRUNCATED)


def _results(events: pd.DataFrame) -> pa.Array:
    """Give the verdict of each review, null for what is none."""
    answer, label = events["answer"].to_numpy(), events["label"].to_numpy()
    red = [
        f'{{"reviewAnswer":"RED","rejectLabels":["{name}"],"reviewRejectType":"{kind}"}}'
        for name, kind in zip(LABELS, ("RETRY", "FINAL", "FINAL"), strict=True)
    ]
    verdicts = pa.array(['{"reviewAnswer":"GREEN"}', *red])
    code = np.where(answer == RED, label + 1, answer)
    return verdicts.take(pa.array(code, mask=answer < 0))
