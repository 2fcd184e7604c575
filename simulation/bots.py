"""Machines that look at the site: some say so, others give themselves away, a few do neither."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.blocks import block
from simulation.company import ROBOTS_TXT, WEB
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Ints, between, stream, uuids
from simulation.sessions import DIRECT, frame
from simulation.user_agents import BROWSERS, FIRST_MACHINE, MACHINES

BOT = 4


@dataclass(frozen=True, kw_only=True)
class Breed:
    """A kind of machine.

    Args:
        name: What gives it away, as the truth calls it.
        share: Its page views as a share of those of people.
        crawls: How many crawls a company sees at least.
        pages: Pages of a crawl (from, below).
        pace: Microseconds from one page to the next (from, below).
    """

    name: str
    share: float
    crawls: int
    pages: tuple[int, int]
    pace: tuple[float, float]


DECLARED = Breed(
    name="user_agent",
    share=0.02,
    crawls=len(MACHINES),
    pages=(7, 22),
    pace=(3.7 * SECOND, 4.3 * SECOND),
)
FAST = Breed(
    name="rate",
    share=0.004,
    crawls=2,
    pages=(130, 151),
    pace=(0.34 * SECOND, 0.38 * SECOND),
)
STEADY = Breed(
    name="cadence",
    share=0.003,
    crawls=2,
    pages=(50, 76),
    pace=(19.9 * SECOND, 20.1 * SECOND),
)
READER_OF_RULES = Breed(
    name="robots_txt",
    share=0.001,
    crawls=2,
    pages=(6, 13),
    pace=(2 * SECOND, MINUTE),
)
STEALTHY = Breed(
    name="stealth",
    share=0.003,
    crawls=4,
    pages=(7, 22),
    pace=(2 * SECOND, MINUTE),
)
BREEDS = (DECLARED, FAST, STEADY, READER_OF_RULES, STEALTHY)


def make_bots(
    parameters: SimulationParameters,
    chunk: int,
    people: People,
    *,
    human_pages: int,
    first_session: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw crawls in proportion to the pages that people view; each device has one user agent.

    Args:
        parameters: The company.
        chunk: Number of the chunk.
        people: Receives the machines' devices.
        human_pages: Page views by people.
        first_session: Number that the first crawl's session gets.

    Returns:
        Sessions, and page views with `breed`, their machine's place in `BREEDS`.
    """
    rng = stream(parameters.seed, chunk, "bots")
    wanted = [
        max(breed.crawls, round(human_pages * breed.share / (sum(breed.pages) / 2)))
        for breed in BREEDS
    ]
    breed = np.repeat(np.arange(len(BREEDS)), wanted)
    crawls = len(breed)
    start = parameters.start_micros + rng.integers(0, parameters.days, crawls) * DAY
    # A device is judged by the day and by the clock minute: neither cuts a crawl in two.
    start = start + between(rng, 0, 23 * HOUR, crawls) // MINUTE * MINUTE
    sessions = frame(
        people,
        customer=np.full(crawls, NOBODY),
        start=start + between(rng, 1_000, SECOND, crawls),
        device=_devices(rng, chunk, people, wanted),
        origin=np.full(crawls, DIRECT),
        purpose=BOT,
    )
    sessions.index = pd.RangeIndex(first_session, first_session + crawls)
    return sessions, _pages(rng, sessions, breed)


def _devices(rng: np.random.Generator, chunk: int, people: People, wanted: list[int]) -> Ints:
    """Add the machines' devices, and give each crawl its own.

    A declared machine has one device under its name; the others make two crawls on each.
    """
    owned = [len(MACHINES), *((count + 1) // 2 for count in wanted[1:])]
    agents = [
        FIRST_MACHINE + np.arange(len(MACHINES)),
        rng.integers(0, len(BROWSERS), sum(owned[1:])),
    ]
    devices = pd.DataFrame(
        {
            "owner": NOBODY,
            "platform": WEB,
            "is_rig": False,
            "user_agent": np.concatenate(agents),
        }
    )
    devices["device_id"] = uuids(rng, len(devices)).to_pandas()
    devices["amplitude_id"] = (chunk + 1) * 10**9 + 900_000_000 + np.arange(len(devices)) * 3
    first = len(people.devices) + np.cumsum([0, *owned])
    people.devices = pd.concat([people.devices, devices], ignore_index=True)
    return np.concatenate(
        [
            begin + np.arange(count) % own
            for begin, count, own in zip(first, wanted, owned, strict=False)
        ]
    )


def _pages(rng: np.random.Generator, sessions: pd.DataFrame, breed: Ints) -> pd.DataFrame:
    """Draw the pages of each crawl, each machine at its own pace."""
    crawls = len(sessions)
    few, many = np.array([one.pages for one in BREEDS])[breed].T
    pages = rng.integers(few, many, crawls)
    crawl = np.repeat(np.arange(crawls), pages)
    order: Ints = np.arange(len(crawl)) - np.repeat(np.cumsum(pages) - pages, pages)
    quick, slow = np.array([one.pace for one in BREEDS], dtype=np.int64)[breed[crawl]].T
    gaps = np.where(order == 0, 0, rng.integers(quick, slow, len(crawl)))
    passed = np.cumsum(gaps)
    begun = np.repeat(passed[np.cumsum(pages) - pages], pages)
    at = sessions["start"].to_numpy()[crawl] + passed - begun
    nobody = np.full(len(crawl), NOBODY)
    is_rules = (breed[crawl] == BREEDS.index(READER_OF_RULES)) & (order < 3)
    target = np.where(is_rules, ROBOTS_TXT, NOBODY)
    events = block("page_viewed", nobody, sessions.index.to_numpy()[crawl], at, target=target)
    events["device"] = sessions["device"].to_numpy()[crawl]
    events["platform"] = WEB
    events["is_logged_in"] = False
    events["breed"] = breed[crawl]
    return events
