"""Segment's warehouse tables, unloaded day by day as Parquet.

A column of the warehouse begins to exist with its first value: earlier files lack it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulation.company import TIMEZONES
from simulation.deliveries import Habits, break_some, deliver
from simulation.identities import persons, record_holders, strangers
from simulation.jsontext import numbers, starts, text
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, at_least, between, stream, uuids
from simulation.reasons import Marks, judge
from simulation.truth import Truth, pick, times
from simulation.user_agents import FIRST_MACHINE, USER_AGENTS
from simulation.website import EVENTS, EXPERIMENT, SURVEY, Website, make_website
from simulation.world import World
from simulation.writers.files import day_name
from simulation.writers.zigpoll import participant_ids

SLA = 168 * HOUR
SOUND, NO_ID, FUTURE = range(3)
VARIATIONS = ("short_headline", "long_headline")
_HABITS = Habits(
    usual=(SECOND, 30 * SECOND),
    late_share=0.02,
    late=(HOUR, 160 * HOUR),
    stale_share=0.002,
    stale=(170 * HOUR, 12 * DAY),
    copy_share=0.02,
    copy=(2 * MINUTE, 9 * DAY),
)
_CLOCK_SHARE = 0.02
_PAGES = ("/articles/round-up", "/articles/mortgages", "/calculator", "/open-account", "/")
_CAMPAIGNS = (None, "cmp_24", "cmp_26")
Columns = dict[str, pa.Array]


@dataclass(frozen=True)
class _Calls:
    """Calls of one kind: one row each with `at` and `about`, and what its columns are made of."""

    rows: pd.DataFrame
    ids: pa.Array
    render: Callable[[Array], Columns]


def export_site(
    parameters: SimulationParameters, chunk: int, world: World, folder: Path, truth: Truth
) -> None:
    """Write a chunk's tables, the truth of each row, and whose each browser is."""
    site = make_website(parameters, chunk, world)
    rng = stream(parameters.seed, chunk, "segment")
    track_ids = uuids(rng, len(site.tracks))
    viewed = np.flatnonzero((site.tracks["event"] == EXPERIMENT).to_numpy())
    people = world.people
    for table, calls in {
        "tracks": _Calls(site.tracks, track_ids, lambda some: _tracks(world, site, some)),
        # An experiment's own table repeats the calls of `tracks`, under the same ids.
        "experiment_viewed": _Calls(
            site.tracks.iloc[viewed].reset_index(drop=True),
            track_ids.take(viewed),
            lambda some: _experiments(people, site, viewed[some]),
        ),
        "identifies": _Calls(
            site.identifies.assign(about=site.identifies["customer"]),
            uuids(rng, len(site.identifies)),
            lambda some: _identifies(people, site, some),
        ),
        "aliases": _Calls(
            site.aliases.assign(about=site.aliases["customer"]),
            uuids(rng, len(site.aliases)),
            lambda some: _aliases(people, site, some),
        ),
    }.items():
        _export(parameters, chunk, people, folder, truth, table=table, calls=calls)
    _record_browsers(people, site, chunk, truth)


def _export(
    parameters: SimulationParameters,
    chunk: int,
    people: People,
    folder: Path,
    truth: Truth,
    *,
    table: str,
    calls: _Calls,
) -> None:
    """Write one table by day of receipt, and the truth of its rows."""
    rng = stream(parameters.seed, chunk, f"segment.{table}")
    at, about = calls.rows["at"].to_numpy(), calls.rows["about"].to_numpy()
    count = len(at)
    # Only the busy table has faults: a file of nothing but rows without id would be another table.
    is_able = (about < 0) | people.is_genuine[about] if table == "tracks" else np.zeros(count, bool)
    fault = break_some(rng, is_able, kinds=FUTURE)
    sent = deliver(rng, at, _HABITS, spared=fault != SOUND)
    order = np.lexsort((sent.copy, sent.record, sent.received))
    sent = sent.only(order[sent.received[order] < parameters.end_micros])
    if not len(sent.record):
        return
    record, received, faults = sent.record, sent.received, fault[sent.record]
    happened = np.where(faults == FUTURE, received + 2 * HOUR, at[record])
    network = between(rng, 20_000, 400_000, count)[record] // 1000 * 1000
    clock = np.zeros(count, dtype=np.int64)
    skewed = at_least(rng, _CLOCK_SHARE, 2, np.arange(count))
    clock[skewed] = between(rng, -30 * HOUR, 30 * HOUR, len(skewed)) // 1000 * 1000
    columns = {
        "id": calls.ids.take(pa.array(record, mask=faults == NO_ID)),
        **calls.render(record),
        # The client's clock errs in both; their difference is right.
        "original_timestamp": times(happened - network + clock[record]),
        "sent_at": times(received - network + clock[record]),
        "received_at": times(received),
        "timestamp": times(happened),
        "uuid_ts": times(received + 20 * MINUTE),
    }
    firsts = starts(received // DAY)
    files = [
        f"{table}/{day_name(int(received[f] // DAY))}/part-{chunk:05d}.parquet" for f in firsts
    ]
    ends = np.append(firsts[1:], len(record))
    whole = pa.table(columns).combine_chunks()
    for path, begin, end in zip(files, firsts, ends, strict=True):
        known = [name for name in whole.column_names if _has_begun(whole[name], end)]
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        day = whole.select(known).slice(begin, end - begin)
        pq.write_table(day, folder / path, compression="snappy")
    file = np.repeat(np.arange(len(firsts)), ends - firsts)
    is_internal, is_erased = people.flags(about[record])
    agent = calls.rows.get("user_agent", pd.Series(-1, index=calls.rows.index)).to_numpy()
    truth.add_received(
        "segment",
        table,
        received=received,
        key=text(calls.ids.take(record), "#", numbers(sent.copy)),
        reason=judge(
            Marks(
                record=record,
                received=received,
                is_quarantined=faults != SOUND,
                # Only events are judged by their user agent.
                is_bot=(agent[record] >= FIRST_MACHINE) & (table == "tracks"),
                is_test=is_internal,
                is_stale=received - at[record] > SLA,
                is_erased=is_erased,
            )
        ),
        file=file,
        files=files,
        line=np.arange(len(record)) - firsts[file] + 1,
        flags=pd.DataFrame({"is_late": sent.is_late, "is_clock_error": clock[record] != 0}),
    )


def _has_begun(column: pa.ChunkedArray, end: int) -> bool:
    """Tell whether a column has had a value before row `end`."""
    head = column.slice(0, end)
    return bool(head.null_count < len(head))


def _ids(people: People, site: Website, rows: pd.DataFrame) -> Columns:
    """Give the browser's id and, where it is known, the customer's."""
    browser, customer = rows["browser"].to_numpy(), rows["customer"].to_numpy()
    return {
        "anonymous_id": site.anonymous_ids.take(pa.array(browser, mask=browser < 0)),
        "user_id": people.refs.take(pa.array(customer, mask=customer < 0)),
    }


def _tracks(world: World, site: Website, some: Array) -> Columns:
    """Give the columns of `tracks`; the survey tool's user is its own participant."""
    people, rows = world.people, site.tracks.iloc[some]
    event, about = rows["event"].to_numpy(), rows["about"].to_numpy()
    ids = _ids(people, site, rows)
    is_survey = event == SURVEY
    participants = participant_ids(world).take(pa.array(about, mask=~is_survey))
    zone = np.where(is_survey, -1, np.where(about < 0, 0, people.column("timezone")[about]))
    page = np.where(is_survey, -1, (some + event) % len(_PAGES))
    referred = np.where(is_survey, 0, some % 40)
    return {
        **ids,
        "user_id": pc.if_else(pa.array(is_survey), participants, ids["user_id"]),
        "event": pick(EVENTS, event),
        "event_text": pick(tuple(name.replace("_", " ").title() for name in EVENTS), event),
        "context_library_name": pick(("analytics.js", "zigpoll"), is_survey),
        "context_page_path": pick(_PAGES, page),
        "context_user_agent": pick(USER_AGENTS, rows["user_agent"]),
        "context_ip": pc.if_else(
            pa.array(is_survey),
            pa.scalar(None, pa.string()),
            text("203.0.113.", numbers(rows["browser"].to_numpy() % 250)),
        ),
        "context_timezone": pick(TIMEZONES, zone),
        "context_campaign_name": pa.array(_CAMPAIGNS).take(np.where(referred < 3, referred, 0)),
    }


def _experiments(people: People, site: Website, some: Array) -> Columns:
    """Give the columns of `experiment_viewed`: the exposures of a headline's test."""
    rows = site.tracks.iloc[some]
    return {
        **_ids(people, site, rows),
        "experiment_id": pa.array(["site_headline"] * len(rows)),
        "experiment_name": pa.array(["Headline of the site"] * len(rows)),
        "variation_id": pick(VARIATIONS, rows["variation"]),
        "variation_name": pick(("Short", "Long"), rows["variation"]),
    }


def _record_browsers(people: People, site: Website, chunk: int, truth: Truth) -> None:
    """Record whose each browser is, and the mailbox that a newsletter's reader gave."""
    number = np.arange(len(site.owner))
    is_prospect = np.isin(number, site.prospects)
    visitor = strangers("reader", chunk, np.where(is_prospect, number, NOBODY))
    record_holders(
        truth,
        "anonymous_id",
        site.anonymous_ids,
        pc.coalesce(persons(people, site.owner), visitor),
    )
    mailboxes = _readers_mailboxes(people, number[is_prospect])
    record_holders(truth, "email", mailboxes, visitor.filter(pa.array(is_prospect)))


def _readers_mailboxes(people: People, browser: Array) -> pa.Array:
    return text("reader", numbers(browser + people.first), "@news.example")


def _identifies(people: People, site: Website, some: Array) -> Columns:
    """Give the columns of `identifies`, whose traits are columns and whose lists are texts."""
    rows = site.identifies.iloc[some]
    customer = rows["customer"].to_numpy()
    is_known = pa.array(customer >= 0)
    own = pa.array(people.customers["email"].to_numpy(object), pa.string())
    mailbox = _readers_mailboxes(people, rows["browser"].to_numpy())
    return {
        **_ids(people, site, rows),
        "email": pc.if_else(is_known, own.take(pa.array(customer, mask=customer < 0)), mailbox),
        "interests": pick(('["saving"]', '["saving","borrowing"]'), customer % 5 - 3),
    }


def _aliases(people: People, site: Website, some: Array) -> Columns:
    """Give the columns of `aliases`."""
    rows = site.aliases.iloc[some]
    return {
        "user_id": people.refs.take(rows["customer"].to_numpy()),
        "previous_id": site.anonymous_ids.take(rows["browser"].to_numpy()),
    }
