"""Zendesk's pages: incremental tickets, legacy ratings, survey responses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.company import FEATURES
from simulation.deliveries import Habits, deliver
from simulation.parameters import DAY, HOUR, MINUTE, SECOND, SimulationParameters
from simulation.randomness import Array, Ints, at_least, stream
from simulation.reasons import Marks, judge
from simulation.support import (
    NEW,
    SOLVED,
    STATUSES,
    draw_ratings,
    make_tickets,
    ticket_versions,
)
from simulation.truth import Truth
from simulation.world import World
from simulation.writers.pages import Pages

SLA = 48 * HOUR
CUSTOMER_FIELD, FEATURE_FIELD = 360001, 360002
_SITE = "https://trustlift-bank.zendesk.example/api/v2"
_HABITS = Habits(
    usual=(MINUTE, 10 * MINUTE), late_share=0.01, late=(HOUR, 40 * HOUR), stale_share=0.002
)
_SUBJECTS = (
    ("Why does the app know this?", "It commented on a purchase I made this morning."),
    ("How do I stop the recommendations?", "I do not want any more suggestions."),
    ("Advice I didn't ask for", "Please send fewer tips."),
    ("The tip was wrong", "The saving it promised does not exist."),
    ("Card declined", "My card was declined in a shop today."),
    ("Transfer missing", "A transfer from yesterday has not arrived."),
    ("Change of address", "I moved and need to update my address."),
    ("Cannot log in", "The code does not arrive."),
    ("Question about fees", "What is this fee on my statement?"),
    ("Statement request", "I need a statement for last year."),
)
_CHANNELS = ("email", "web", "mobile", "chat")


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
    versions = ticket_versions(tickets)
    is_middle = (versions["step"] == 1).to_numpy()
    is_first = tickets["is_first"].to_numpy()[versions["ticket"].to_numpy()]
    sent = deliver(rng, versions["at"].to_numpy(), _HABITS, spared=~is_middle | is_first)
    _export(
        parameters,
        out["tickets"],
        truth,
        world,
        versions.assign(customer=tickets["customer"].to_numpy()[versions["ticket"]]),
        _ticket_records(world, tickets, versions, sent.received),
        "tickets",
        rng,
        received=sent.received // SECOND * SECOND,
        is_late=sent.is_late,
    )
    ratings, surveys = draw_ratings(parameters, chunk, tickets)
    for table, found, lay_out in (
        ("satisfaction_ratings", ratings, _rating_records),
        ("survey_responses", surveys, _survey_records),
    ):
        _export(
            parameters,
            out[table],
            truth,
            world,
            found.assign(customer=tickets["customer"].to_numpy()[found["ticket"]]),
            lay_out(rng, tickets, found),
            table,
            rng,
            received=found["at"].to_numpy(),
            is_late=np.zeros(len(found), dtype=bool),
        )


def _export(
    parameters: SimulationParameters,
    out: Pages,
    truth: Truth,
    world: World,
    versions: pd.DataFrame,
    records: list[dict[str, Any]],
    table: str,
    rng: np.random.Generator,
    *,
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


def _iso(micros: int) -> str:
    """Write whole seconds as Zendesk does."""
    return f"{np.datetime64(micros // SECOND, 's')}Z"


def _ticket_records(
    world: World, tickets: pd.DataFrame, versions: pd.DataFrame, received: Ints
) -> list[dict[str, Any]]:
    """Lay out ticket versions as the incremental export returns them."""
    refs = world.people.refs.to_pylist()
    rows = tickets.to_dict("records")
    out = []
    for ticket, status, at, generated in zip(
        versions["ticket"].tolist(),
        versions["status"].tolist(),
        versions["at"].tolist(),
        (received // SECOND).tolist(),
        strict=True,
    ):
        row = rows[ticket]
        subject, body = _SUBJECTS[row["theme"]]
        feature = FEATURES[row["feature"]].feature_id if row["feature"] >= 0 else None
        tags = [] if status == NEW else ["triaged"] + ([feature] if feature else [])
        out.append(
            {
                "url": f"{_SITE}/tickets/{row['id']}.json",
                "id": row["id"],
                "external_id": None,
                "type": "question",
                "subject": subject,
                "raw_subject": subject,
                "description": body,
                "priority": (None, "normal", "normal", "normal")[status],
                "status": STATUSES[status],
                "requester_id": row["requester"],
                "submitter_id": row["requester"],
                "assignee_id": None if status == NEW else 8_000_000_001 + row["id"] % 7,
                "tags": tags,
                "custom_fields": [
                    {
                        "id": CUSTOMER_FIELD,
                        "value": refs[row["customer"]] if row["names_customer"] else None,
                    },
                    {"id": FEATURE_FIELD, "value": feature},
                ],
                "satisfaction_rating": {"score": "offered" if status == SOLVED else "unoffered"},
                "via": {
                    "channel": _CHANNELS[row["id"] % len(_CHANNELS)],
                    "source": {"from": {}, "to": {}, "rel": None},
                },
                "created_at": _iso(row["created"]),
                "updated_at": _iso(at),
                "generated_timestamp": generated,
            }
        )
    return out


def _rating_records(
    rng: np.random.Generator, tickets: pd.DataFrame, versions: pd.DataFrame
) -> list[dict[str, Any]]:
    """Lay out legacy ratings: offered first, then good or bad."""
    scores = np.where(rng.random(len(tickets)) < 0.8, "good", "bad").tolist()
    begun = dict(
        versions[versions["status"] == 0][["ticket", "at"]].itertuples(index=False, name=None)
    )
    ids, requesters = tickets["id"].tolist(), tickets["requester"].tolist()
    return [
        {
            "url": f"{_SITE}/satisfaction_ratings/{ids[ticket] + 500_000_000}.json",
            "id": ids[ticket] + 500_000_000,
            "ticket_id": ids[ticket],
            "requester_id": requesters[ticket],
            "assignee_id": 8_000_000_001 + ids[ticket] % 7,
            "group_id": 7_000_000_001,
            "score": scores[ticket] if status else "offered",
            "comment": None,
            "reason": "No reason provided" if status else None,
            "created_at": _iso(begun[ticket]),
            "updated_at": _iso(at),
        }
        for ticket, status, at in zip(
            versions["ticket"].tolist(),
            versions["status"].tolist(),
            versions["at"].tolist(),
            strict=True,
        )
    ]


def _survey_records(
    rng: np.random.Generator, tickets: pd.DataFrame, versions: pd.DataFrame
) -> list[dict[str, Any]]:
    """Lay out survey responses with typed answers; an edit changes the rating."""
    stars = np.where(rng.random(len(tickets)) < 0.8, 5, 2).tolist()
    begun = dict(
        versions[versions["status"] == 0][["ticket", "at"]].itertuples(index=False, name=None)
    )
    ids, requesters = tickets["id"].tolist(), tickets["requester"].tolist()
    out = []
    for ticket, status, at in zip(
        versions["ticket"].tolist(),
        versions["status"].tolist(),
        versions["at"].tolist(),
        strict=True,
    ):
        first, last = _iso(begun[ticket]), _iso(at)
        rating = max(1, stars[ticket] - status)
        category = "good" if rating >= 4 else "bad"
        out.append(
            {
                "id": f"sr_{ids[ticket]}",
                "survey_id": "survey_support_csat",
                "survey_version": 1,
                "requester_id": requesters[ticket],
                "ticket_id": ids[ticket],
                "expires_at": _iso(begun[ticket] + 30 * DAY),
                "answers": [
                    {
                        "id": f"an_{ids[ticket]}_1",
                        "type": "rating_scale",
                        "rating": rating,
                        "rating_category": category,
                        "created_at": first,
                        "updated_at": last,
                    },
                    {
                        "id": f"an_{ids[ticket]}_2",
                        "type": "open_ended",
                        "skipped": True,
                        "value": None,
                        "created_at": first,
                        "updated_at": first,
                    },
                ],
                "created_at": first,
                "updated_at": last,
            }
        )
    return out


def _ticket_page(records: list[Any], day: str, number: int, is_last: bool) -> dict[str, Any]:
    """Lay out a page of the cursor-based incremental export."""
    cursor = f"{day}-{number:04d}"
    return {
        "tickets": records,
        "after_url": f"{_SITE}/incremental/tickets/cursor.json?cursor={cursor}",
        "after_cursor": cursor,
        "before_url": None,
        "before_cursor": None,
        "end_of_stream": is_last,
    }


def _listing(name: str) -> Callable[[list[Any], str, int, bool], dict[str, Any]]:
    """Make the envelope of a cursor-paginated list."""

    def page(records: list[Any], day: str, number: int, is_last: bool) -> dict[str, Any]:
        cursor = f"{day}-{number:04d}"
        following = None if is_last else f"{_SITE}/{name}.json?page[after]={cursor}"
        return {
            name: records,
            "meta": {"has_more": not is_last, "after_cursor": cursor, "before_cursor": None},
            "links": {"prev": None, "next": following},
        }

    return page
