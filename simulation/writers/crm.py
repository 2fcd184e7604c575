"""The CRM's nightly exports as CSV: changed contacts and campaigns, spend that became known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulation.channel_truth import record_campaigns
from simulation.deliveries import Habits, break_some, deliver
from simulation.identities import persons, record_holders, strangers
from simulation.jsontext import starts
from simulation.marketing import CLERK, OTHER, make_campaigns, make_contacts, make_spend
from simulation.parameters import DAY, HOUR, SimulationParameters
from simulation.particulars import NO_MAILBOX
from simulation.people import People
from simulation.randomness import Array, stream
from simulation.reasons import Marks, judge
from simulation.truth import Truth
from simulation.world import World
from simulation.writers.crm_cells import (
    CAMPAIGN_COLUMNS,
    CONTACT_COLUMNS,
    SPEND_COLUMNS,
    Rows,
    campaign_cells,
    contact_cells,
    contact_id,
    spend_cells,
)
from simulation.writers.files import day_name, next_extract, write_csv

SLA = 48 * HOUR
SOUND, NO_ID, STRAY_COMMA, WRONG_TIME = range(4)
_CONTACT_HABITS = Habits(
    usual=(0, 1),
    late_share=0.01,
    late=(12 * HOUR, 20 * HOUR),
    stale_share=0.003,
    copy_share=0.02,
    copy=(DAY, 2 * DAY),
)
_TABLE_HABITS = Habits(usual=(0, 1), copy_share=0.01, copy=(DAY, 2 * DAY))


def export_contacts(
    parameters: SimulationParameters, chunk: int, world: World, folder: Path, truth: Truth
) -> None:
    """Write a chunk's contacts, the truth of each row, and who each contact is."""
    rng = stream(parameters.seed, chunk, "crm")
    people = world.registry
    contacts = make_contacts(parameters, chunk, people)
    customer = contacts["customer"].to_numpy()
    is_able = (customer < 0) | people.is_genuine[customer]
    fault = break_some(rng, is_able, kinds=WRONG_TIME)
    cells = contact_cells(parameters.seed, chunk, people, contacts)
    for row, kind in zip(cells, fault, strict=True):
        if kind == NO_ID:
            row[0] = None
        elif kind == WRONG_TIME:
            row[-1] = "31/02/2026"
        elif kind == STRAY_COMMA:
            row.append("x")
    _export(
        parameters,
        folder,
        truth,
        table="contacts",
        columns=CONTACT_COLUMNS,
        cells=cells,
        versions=contacts,
        habits=_CONTACT_HABITS,
        rng=rng,
        chunk=chunk,
        fault=fault,
        people=people,
    )
    _record_contacts(people, chunk, contacts, cells, truth)


def _record_contacts(
    people: People, chunk: int, contacts: pd.DataFrame, cells: Rows, truth: Truth
) -> None:
    """Record who each contact is, and whose the mailbox and the number are that it gives."""
    person = pc.coalesce(
        persons(people, contacts["customer"].to_numpy()),
        strangers("lead", chunk, contacts["lead"].to_numpy()),
    )
    ids = [contact_id(chunk, contact) for contact in contacts["contact"]]
    record_holders(truth, "contact_id", pa.array(ids), person)
    email, phone = (CONTACT_COLUMNS.index(name) for name in ("email", "phone"))
    by_clerk = pa.array((contacts["email"] == CLERK).to_numpy())
    mailboxes = pa.array([row[email] for row in cells], pa.string())
    mailboxes = pc.utf8_lower(pc.utf8_trim_whitespace(mailboxes))
    is_nonsense = pa.array([mailbox in {None, NO_MAILBOX} for mailbox in mailboxes.to_pylist()])
    record_holders(
        truth,
        "email",
        pc.if_else(is_nonsense, None, mailboxes),
        pc.if_else(by_clerk, None, person),
    )
    # A customer's own number, and until when it is that, is in the bank's truth.
    is_told = (contacts["customer"] < 0) | (contacts["phone"] == OTHER)
    phones = pa.array([row[phone] for row in cells], pa.string(), mask=~is_told.to_numpy())
    record_holders(truth, "phone", phones, person)


def export_campaigns(parameters: SimulationParameters, folder: Path, truth: Truth) -> None:
    """Write the company's campaigns and its spend."""
    campaigns, spend = make_campaigns(parameters), make_spend(parameters)
    record_campaigns(campaigns, truth)
    for table, columns, cells, versions in (
        ("campaigns", CAMPAIGN_COLUMNS, campaign_cells(campaigns), campaigns),
        ("spend", SPEND_COLUMNS, spend_cells(parameters, spend), spend),
    ):
        _export(
            parameters,
            folder,
            truth,
            table=table,
            columns=columns,
            cells=cells,
            versions=versions,
            habits=_TABLE_HABITS,
            rng=stream(parameters.seed, 0, f"crm.{table}"),
        )


def _export(
    parameters: SimulationParameters,
    folder: Path,
    truth: Truth,
    *,
    table: str,
    columns: Sequence[str],
    cells: Rows,
    versions: pd.DataFrame,
    habits: Habits,
    rng: np.random.Generator,
    chunk: int = 0,
    fault: Array | None = None,
    people: People | None = None,
) -> None:
    """Write one table by export night, and the truth of its rows."""
    at = versions["updated_at"].to_numpy()
    first = parameters.start_micros + 23 * HOUR
    faults = np.zeros(len(at), dtype=np.int8) if fault is None else fault
    # A repeat comes on a later night than its first delivery.
    sent = deliver(rng, at, habits, spared=(at < first) | (faults > 0))
    extracted = next_extract(sent.received, first)
    order = np.lexsort((sent.copy, sent.record, extracted))
    rows = sent.only(order[extracted[order] < parameters.end_micros])
    if not len(rows.record):
        return
    extracted = next_extract(rows.received, first)
    firsts = starts(extracted)
    files = [
        f"{table}/exported_at={day_name(int(extracted[f] // DAY))}T23/part-{chunk:05d}.csv"
        for f in firsts
    ]
    ends = np.append(firsts[1:], len(extracted))
    for path, begin, end in zip(files, firsts, ends, strict=True):
        write_csv(folder / path, columns, [cells[r] for r in rows.record[begin:end]])
    file = np.repeat(np.arange(len(firsts)), ends - firsts)
    # The path names an hour; what it holds was there by its end.
    received = extracted + HOUR - 1
    no = np.zeros(len(extracted), dtype=bool)
    is_internal, is_erased = (
        people.flags(versions["customer"].to_numpy()[rows.record]) if people else (no, no)
    )
    truth.add_received(
        "crm",
        table,
        received=received,
        key=pa.array(
            [f"{chunk}-{r}#{c}" for r, c in zip(rows.record, rows.copy, strict=True)], pa.string()
        ),
        reason=judge(
            Marks(
                record=rows.record,
                received=received,
                is_quarantined=faults[rows.record] != SOUND,
                is_test=is_internal,
                is_stale=received - at[rows.record] > SLA,
                is_erased=is_erased,
            )
        ),
        file=file,
        files=files,
        line=np.arange(len(extracted)) - firsts[file] + 1,
        flags=pd.DataFrame({"is_late": rows.is_late}),
    )
