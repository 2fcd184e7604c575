"""Machines that look at the site: some say so, a few pretend to be people."""

import numpy as np
import pandas as pd

from simulation.blocks import block
from simulation.company import WEB
from simulation.parameters import DAY, HOUR, SECOND, SimulationParameters
from simulation.people import NOBODY, People
from simulation.randomness import Bools, Ints, between, stream, uuids
from simulation.sessions import DIRECT, frame
from simulation.user_agents import BROWSERS, FIRST_MACHINE, MACHINES

BOT = 4
_PAGES_PER_CRAWL = 14
_DECLARED_SHARE = 0.02
_STEALTH_SHARE = 0.003


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
        Sessions, and page views marked `is_bot` (declared) or `is_stealth`.
    """
    rng = stream(parameters.seed, chunk, "bots")
    total = human_pages / (1 - _DECLARED_SHARE - _STEALTH_SHARE)
    wanted = [
        max(len(MACHINES), round(total * _DECLARED_SHARE / _PAGES_PER_CRAWL)),
        max(2, round(total * _STEALTH_SHARE / _PAGES_PER_CRAWL)),
    ]
    is_stealth = np.repeat([False, True], wanted)
    device_count = [len(MACHINES), max(2, wanted[1] // 2)]
    devices = pd.DataFrame(
        {
            "owner": NOBODY,
            "platform": WEB,
            "user_agent": np.concatenate(
                [
                    FIRST_MACHINE + np.arange(device_count[0]),
                    rng.integers(0, len(BROWSERS), device_count[1]),
                ]
            ),
        }
    )
    devices["device_id"] = uuids(rng, len(devices)).to_pandas()
    devices["amplitude_id"] = (chunk + 1) * 10**9 + 900_000_000 + np.arange(len(devices)) * 3
    first_device = len(people.devices)
    people.devices = pd.concat([people.devices, devices], ignore_index=True)
    crawls = len(is_stealth)
    device = np.where(
        is_stealth,
        device_count[0] + np.arange(crawls) % device_count[1],
        np.arange(crawls) % device_count[0],
    )
    start = parameters.start_micros + rng.integers(0, parameters.days, crawls) * DAY
    start = start + between(rng, 0, 23 * HOUR, crawls)
    sessions = frame(
        people,
        customer=np.full(crawls, NOBODY),
        start=start,
        device=first_device + device,
        origin=np.full(crawls, DIRECT),
        purpose=BOT,
    )
    sessions.index = pd.RangeIndex(first_session, first_session + crawls)
    return sessions, _pages(rng, sessions, is_stealth)


def _pages(rng: np.random.Generator, sessions: pd.DataFrame, is_stealth: Bools) -> pd.DataFrame:
    """Draw the pages of each crawl; every other stealth bot keeps a person's pace."""
    crawls = len(sessions)
    pages = rng.integers(_PAGES_PER_CRAWL // 2, _PAGES_PER_CRAWL * 3 // 2 + 1, crawls)
    crawl = np.repeat(np.arange(crawls), pages)
    order: Ints = np.arange(len(crawl)) - np.repeat(np.cumsum(pages) - pages, pages)
    is_slow = is_stealth & (np.arange(crawls) % 2 == 0)
    pace = np.where(is_slow, 30 * SECOND, np.where(is_stealth, SECOND // 3, 4 * SECOND))
    at = sessions["start"].to_numpy()[crawl] + order * pace[crawl]
    at = at + between(rng, 1_000, 300_000, len(crawl))
    nobody = np.full(len(crawl), NOBODY)
    events = block("page_viewed", nobody, sessions.index.to_numpy()[crawl], at)
    events["device"] = sessions["device"].to_numpy()[crawl]
    events["platform"] = WEB
    events["is_logged_in"] = False
    events["is_bot"] = ~is_stealth[crawl]
    events["is_stealth"] = is_stealth[crawl]
    return events
