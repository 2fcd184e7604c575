"""Who looks at the marketing site, and when they turn out to be customers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Ints, at_least, between, chance, stream, uuids
from simulation.sessions import time_of_day
from simulation.user_agents import BROWSERS, FIRST_MACHINE, MACHINES
from simulation.world import World

EVENTS = (
    "article_read",
    "calculator_used",
    "signup_started",
    "experiment_viewed",
    "survey_completed",
)
ARTICLE, CALCULATOR, SIGNUP, EXPERIMENT, SURVEY = range(len(EVENTS))
_VISITS_PER_DAY = 0.03
_PROSPECT_SHARE = 0.3
_BOT_SHARE = 0.03


@dataclass(frozen=True)
class Website:
    """One chunk's calls of the site's tracker; times are microseconds.

    Args:
        anonymous_ids: Text of each browser's id.
        owner: Whose browser it is (local number), NOBODY for prospects', machines' and shared ones.
        prospects: Browsers of people who never log in, one each.
        tracks: event, browser (NOBODY on a server), customer (NOBODY while anonymous), about (whose
            row it is, known or not), user_agent (code, NOBODY on a server), variation, at.
        identifies: browser, customer (NOBODY for a newsletter's reader), at.
        aliases: browser, customer, at.
    """

    anonymous_ids: pa.Array
    owner: Ints
    prospects: range
    tracks: pd.DataFrame
    identifies: pd.DataFrame
    aliases: pd.DataFrame


def make_website(parameters: SimulationParameters, chunk: int, world: World) -> Website:
    """Draw visits: customers who log in at times, prospects, a shared computer, machines."""
    rng = stream(parameters.seed, chunk, "website")
    people = world.people
    visitors = np.flatnonzero(people.column("web_device") >= 0)
    prospects = max(15, round(_PROSPECT_SHARE * people.count))
    library = rng.choice(
        np.flatnonzero(people.is_genuine), min(5, people.count // 8), replace=False
    )
    visits = pd.concat(
        [
            _customer_visits(rng, people, visitors),
            _prospect_visits(parameters, rng, first=2 * len(visitors), count=prospects),
            _library_visits(parameters, rng, library, browser=2 * len(visitors) + prospects),
        ],
        ignore_index=True,
    )
    crawls = max(3, round(_BOT_SHARE * len(visits) / 6))
    browsers = 2 * len(visitors) + prospects + 1 + len(MACHINES)
    owner = np.full(browsers, NOBODY)
    owner[: 2 * len(visitors)] = np.repeat(visitors, 2)
    agent = rng.integers(0, len(BROWSERS), browsers)
    agent[-len(MACHINES) :] = FIRST_MACHINE + np.arange(len(MACHINES))
    tracks = _looks(rng, visits)
    machines = _crawls(parameters, rng, crawls, browsers)
    tracks = pd.concat([tracks, machines], ignore_index=True)
    tracks["user_agent"] = agent[tracks["browser"].to_numpy()]
    tracks["variation"] = tracks["browser"].to_numpy() % 2
    tracks = pd.concat([tracks, _surveys(rng, people, visitors)], ignore_index=True)
    return Website(
        uuids(rng, browsers),
        owner,
        range(2 * len(visitors), 2 * len(visitors) + prospects),
        _inside(parameters, tracks),
        _inside(parameters, _identifies(rng, visits, prospects=2 * len(visitors))),
        _inside(parameters, _aliases(people, visits)),
    )


def _customer_visits(rng: np.random.Generator, people: People, visitors: Ints) -> pd.DataFrame:
    """Draw customers' visits; cookies are cleared halfway, so that each has two browsers' ids.

    Who is not genuine is logged in throughout: their rows must be known by name.
    """
    begins, ends = people.column("active_from"), people.column("active_until")
    length = np.maximum(ends - begins, 0)[visitors]
    place = np.repeat(np.arange(len(visitors)), rng.poisson(_VISITS_PER_DAY * length / DAY))
    share = rng.random(len(place))
    customer = visitors[place]
    within = begins[customer] + (length[place] * share).astype(np.int64)
    start = within // DAY * DAY + time_of_day(rng, len(place))
    visits = pd.DataFrame(
        {
            "browser": 2 * place + (share > 0.5),
            "customer": customer,
            "is_known": chance(rng, 0.4, len(place)) | ~people.is_genuine[customer],
            "is_always_known": ~people.is_genuine[customer],
            "at": start,
        }
    )
    inside = (start > begins[customer] + HOUR) & (start < ends[customer])
    kept: pd.DataFrame = visits[inside]
    return kept


def _prospect_visits(
    parameters: SimulationParameters, rng: np.random.Generator, *, first: int, count: int
) -> pd.DataFrame:
    """Draw visits of people who never log in."""
    browser = first + np.repeat(np.arange(count), 1 + rng.poisson(0.6, count))
    day = rng.integers(0, parameters.days, len(browser)) * DAY
    return pd.DataFrame(
        {
            "browser": browser,
            "customer": NOBODY,
            "is_known": False,
            "is_always_known": False,
            "at": parameters.start_micros + day + time_of_day(rng, len(browser)),
        }
    )


def _library_visits(
    parameters: SimulationParameters, rng: np.random.Generator, users: Ints, *, browser: int
) -> pd.DataFrame:
    """Draw visits at a public computer on which several customers log in under one browser's id."""
    customer = np.repeat(users, 3)
    day = rng.integers(2, parameters.days, len(customer)) * DAY
    return pd.DataFrame(
        {
            "browser": browser,
            "customer": customer,
            "is_known": True,
            "is_always_known": False,
            "at": parameters.start_micros + day + time_of_day(rng, len(customer)),
        }
    )


def _looks(rng: np.random.Generator, visits: pd.DataFrame) -> pd.DataFrame:
    """Draw what is looked at; whoever logs in does so after the first look."""
    count = 1 + rng.poisson(1.2, len(visits))
    visit = np.repeat(np.arange(len(visits)), count)
    order: Ints = np.arange(len(visit)) - np.repeat(np.cumsum(count) - count, count)
    some = visits.iloc[visit]
    kinds = (ARTICLE, CALCULATOR, SIGNUP, EXPERIMENT)
    kind = rng.choice(kinds, len(visit), p=(0.5, 0.2, 0.05, 0.25))
    pace = order * 40 * SECOND + between(rng, 0, 30 * SECOND, len(visit))
    is_known = some["is_known"].to_numpy() & ((order > 0) | some["is_always_known"].to_numpy())
    return pd.DataFrame(
        {
            "event": kind,
            "browser": some["browser"].to_numpy(),
            "customer": np.where(is_known, some["customer"].to_numpy(), NOBODY),
            "about": some["customer"].to_numpy(),
            "at": some["at"].to_numpy() + pace,
        }
    )


def _crawls(
    parameters: SimulationParameters, rng: np.random.Generator, crawls: int, browsers: int
) -> pd.DataFrame:
    """Draw what declared machines fetch."""
    crawl = np.repeat(np.arange(crawls), 6)
    start = parameters.start_micros + rng.integers(0, parameters.days * DAY - HOUR, crawls)
    return pd.DataFrame(
        {
            "event": ARTICLE,
            "browser": browsers - len(MACHINES) + crawl % len(MACHINES),
            "customer": NOBODY,
            "about": NOBODY,
            "at": start[crawl] + np.tile(np.arange(6), crawls) * 9 * SECOND,
        }
    )


def _surveys(rng: np.random.Generator, people: People, visitors: Ints) -> pd.DataFrame:
    """Draw answers that the survey tool passes on from its server, under its own ids."""
    customer = at_least(rng, 0.2, 4, visitors[people.is_genuine[visitors]])
    begins, ends = people.column("active_from")[customer], people.column("active_until")[customer]
    return pd.DataFrame(
        {
            "event": SURVEY,
            "browser": NOBODY,
            "customer": customer,
            "about": customer,
            "user_agent": NOBODY,
            "variation": NOBODY,
            "at": begins + ((ends - begins) * rng.random(len(customer))).astype(np.int64),
        }
    )


def _identifies(rng: np.random.Generator, visits: pd.DataFrame, *, prospects: int) -> pd.DataFrame:
    """Give the call at each log-in, and newsletters that some prospects order."""
    readers = (visits["customer"] < 0) & chance(rng, 0.15, len(visits))
    readers &= (visits["browser"] >= prospects).to_numpy()
    calls = visits[visits["is_known"] | readers]
    return calls.assign(at=calls["at"] + 35 * SECOND)[["browser", "customer", "at"]]


def _aliases(people: People, visits: pd.DataFrame) -> pd.DataFrame:
    """Give the call that a sign-up makes: the browser of the first visit is the new customer's."""
    first = visits[visits["customer"] >= 0].drop_duplicates("customer")
    soon = people.column("signed_up_at")[first["customer"]] > first["at"] - 40 * DAY
    first = first[soon & people.is_genuine[first["customer"]]]
    return first.assign(at=first["at"] + MINUTE)[["browser", "customer", "at"]]


def _inside(parameters: SimulationParameters, calls: pd.DataFrame) -> pd.DataFrame:
    """Keep the calls of the period, in order of time; whole milliseconds."""
    calls = calls.assign(at=calls["at"] // 1000 * 1000)
    at = calls["at"]
    calls = calls[(at >= parameters.start_micros) & (at < parameters.end_micros)]
    return calls.sort_values(["at", "browser"], kind="stable", ignore_index=True)
