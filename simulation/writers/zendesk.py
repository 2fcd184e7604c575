"""Zendesk's pages: incremental tickets, legacy ratings, survey responses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.deliveries import Habits, deliver
from simulation.identities import persons, record_holders
from simulation.jsontext import numbers, text
from simulation.parameters import DAY, HOUR, MINUTE, SECOND, SimulationParameters
from simulation.randomness import Array, Ints, at_least, stream
from simulation.reasons import Marks, judge
from simulation.support import draw_ratings, make_tickets, rating_versions, ticket_versions
from simulation.support_truth import record_ratings, record_tickets
from simulation.ticket_texts import write_tickets
from simulation.truth import Truth
from simulation.world import World
from simulation.writers.pages import Page, Pages
from simulation.writers.zendesk_records import SITE, rating_records, survey_records, ticket_records

SLA = 48 * HOUR
_HABITS = Habits(
    usual=(MINUTE, 10 * MINUTE), late_share=0.01, late=(HOUR, 40 * HOUR), stale_share=0.002
)


def pages(folder: Path) -> dict[str, Pages]:
    """Open the three tables' pages."""
    return {
        "tickets": Pages(folder, "tickets", "tickets", _ticket_page),
        "satisfaction_ratings": Pages(
            folder, "satisfaction_ratings", "satisfaction_ratings", _listing("satisfaction_ratings")
        ),
        "survey_responses": Pages(
            folder, "survey_responses", "survey_responses", _listing("survey_responses")
        ),
    }


def export_support(
    parameters: SimulationParameters,
    chunk: int,
    world: World,
    out: dict[str, Pages],
    truth: Truth,
) -> None:
    """Write a chunk's ticket versions, ratings and survey responses."""
    rng = stream(parameters.seed, chunk, "zendesk")
    tickets = make_tickets(parameters, chunk, world)
    tickets["id"] = (chunk + 1) * 10_000_000 + np.arange(len(tickets))
    tickets["requester"] = (
        9_000_000_000 + world.people.column("number")[tickets["customer"].to_numpy()] * 13
    )
    record_holders(
        truth,
        "profile_id",
        text("zendesk:", numbers(tickets["requester"].to_numpy())),
        persons(world.people, tickets["customer"].to_numpy()),
    )
    versions = ticket_versions(tickets)
    is_middle = (versions["step"] == 1).to_numpy()
    is_first = tickets["is_first"].to_numpy()[versions["ticket"].to_numpy()]
    sent = deliver(rng, versions["at"].to_numpy(), _HABITS, spared=~is_middle | is_first)
    _export(
        parameters,
        out["tickets"],
        truth,
        world,
        versions=versions.assign(customer=tickets["customer"].to_numpy()[versions["ticket"]]),
        records=ticket_records(
            world,
            tickets,
            versions,
            texts=write_tickets(
                stream(parameters.seed, chunk, "ticket_texts"), tickets["theme"].to_numpy()
            ),
            received=sent.received,
        ),
        table="tickets",
        rng=rng,
        received=sent.received // SECOND * SECOND,
        is_late=sent.is_late,
    )
    record_tickets(parameters, world, tickets, versions, received=sent.received, truth=truth)
    ratings = draw_ratings(parameters, chunk, tickets)
    answers = rating_versions(ratings)
    is_old = ratings["is_old"].to_numpy()[answers["ticket"].to_numpy()]
    for table, found, lay_out in (
        ("satisfaction_ratings", answers[is_old], rating_records),
        ("survey_responses", answers[~is_old], survey_records),
    ):
        _export(
            parameters,
            out[table],
            truth,
            world,
            versions=found.assign(customer=tickets["customer"].to_numpy()[found["ticket"]]),
            records=lay_out(tickets, ratings, found),
            table=table,
            rng=rng,
            received=found["at"].to_numpy(),
            is_late=np.zeros(len(found), dtype=bool),
        )
    record_ratings(parameters, world, tickets, ratings, truth=truth)


def _export(
    parameters: SimulationParameters,
    out: Pages,
    truth: Truth,
    world: World,
    *,
    versions: pd.DataFrame,
    records: list[dict[str, Any]],
    table: str,
    rng: np.random.Generator,
    received: Ints,
    is_late: Array,
) -> None:
    """Write versions by day of the pull; the time-based export returns some again a day later."""
    count = len(versions)
    able = np.flatnonzero(received < parameters.end_micros - DAY)
    again = at_least(rng, 0.012, 2, able)
    record = np.concatenate([np.flatnonzero(received < parameters.end_micros), again])
    copy = np.repeat([0, 1], [len(record) - len(again), len(again)])
    pulled = received[record] // DAY + copy
    order = np.lexsort((copy, record, received[record], pulled))
    record, copy, pulled = record[order], copy[order], pulled[order]
    if not count or not len(record):
        return
    chosen = [records[place] for place in record.tolist()]
    file, files, line = out.append(pulled, chosen)
    is_internal, is_erased = world.people.flags(versions["customer"].to_numpy()[record])
    truth.add_received(
        "zendesk",
        table,
        received=received[record],
        key=pa.array(
            [f"{r['id']}@{r['updated_at']}#{c}" for r, c in zip(chosen, copy, strict=True)]
        ),
        reason=judge(
            Marks(
                record=record,
                received=received[record],
                is_test=is_internal,
                is_stale=received[record] - versions["at"].to_numpy()[record] > SLA,
                is_erased=is_erased,
            )
        ),
        file=file,
        files=files,
        line=line,
        flags=pd.DataFrame({"is_late": is_late[record] & (copy == 0)}),
    )


def _ticket_page(page: Page) -> dict[str, Any]:
    """Lay out a page of the cursor-based incremental export."""
    return {
        "tickets": page.records,
        "after_url": f"{SITE}/incremental/tickets/cursor.json?cursor={page.cursor}",
        "after_cursor": page.cursor,
        "before_url": None,
        "before_cursor": None,
        "end_of_stream": page.is_last,
    }


def _listing(name: str) -> Callable[[Page], dict[str, Any]]:
    """Make the envelope of a cursor-paginated list."""

    def lay_out(page: Page) -> dict[str, Any]:
        following = None if page.is_last else f"{SITE}/{name}.json?page[after]={page.cursor}"
        return {
            name: page.records,
            "meta": {
                "has_more": not page.is_last,
                "after_cursor": page.cursor,
                "before_cursor": None,
            },
            "links": {"prev": None, "next": following},
        }

    return lay_out
