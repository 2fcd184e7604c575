"""When people open the app or the site, and from what."""

import numpy as np
import pandas as pd

from simulation.company import ORIGIN_SHARES, WEB
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Ints, between, chance, stream, uuids
from simulation.user_agents import BROWSERS

ORDINARY, RETURN, SETTINGS, PROSPECT = range(4)
DIRECT = 0
LIFETIME = 30 * MINUTE

# Relative traffic of the 24 hours in UTC: breakfast, lunch, evening.
_HOURS = np.array([1, 1, 1, 1, 2, 5, 10, 12, 8, 7, 7, 9, 11, 9, 7, 7, 8, 10, 12, 13, 12, 8, 4, 2])


def time_of_day(rng: np.random.Generator, count: int) -> Ints:
    """Draw microseconds after midnight UTC by the company's daily rhythm."""
    hours = rng.choice(24, count, p=_HOURS / _HOURS.sum())
    return np.asarray(hours, dtype=np.int64) * HOUR + between(rng, 0, HOUR, count)


def frame(
    people: People, *, customer: Ints, start: Ints, device: Ints, origin: Array, purpose: int
) -> pd.DataFrame:
    """Lay out sessions: who, when (microseconds), on what, from where, what for."""
    devices = people.devices
    return pd.DataFrame(
        {
            "customer": customer.astype(np.int64),
            "start": start.astype(np.int64),
            "device": device.astype(np.int64),
            "platform": devices["platform"].to_numpy()[device],
            "user_agent": devices["user_agent"].to_numpy()[device],
            "origin": np.asarray(origin, dtype=np.int64),
            "purpose": np.full(len(customer), purpose, dtype=np.int64),
        }
    )


def make_sessions(parameters: SimulationParameters, chunk: int, people: People) -> pd.DataFrame:
    """Draw the ordinary sessions of a chunk's customers."""
    rng = stream(parameters.seed, chunk, "sessions")
    begins, ends = people.column("active_from"), people.column("active_until")
    days = np.maximum(ends - begins, 0) / DAY
    customer = np.repeat(
        np.arange(people.count), rng.poisson(people.column("sessions_per_day") * days)
    )
    count = len(customer)
    within = begins[customer] + ((ends - begins)[customer] * rng.random(count)).astype(np.int64)
    start = within // DAY * DAY + time_of_day(rng, count)
    fits = (start > begins[customer]) & (start < ends[customer])
    customer, start = customer[fits], start[fits]
    count = len(customer)
    draw = rng.random(count)
    web, shared = people.column("web_device")[customer], people.column("shared_device")[customer]
    device = people.column("app_device")[customer]
    device = np.where((web >= 0) & (draw < 0.35), web, device)
    # The test lab's browser is used for work, a family's or a branch's tablet now and then.
    is_elsewhere = draw > np.where(people.is_internal, 0.5, 0.94)[customer]
    device = np.where((shared >= 0) & is_elsewhere, shared, device)
    origin = rng.choice(len(ORIGIN_SHARES), count, p=ORIGIN_SHARES)
    origin = np.where(device == shared, DIRECT, origin)
    return frame(
        people, customer=customer, start=start, device=device, origin=origin, purpose=ORDINARY
    )


def add_prospects(parameters: SimulationParameters, chunk: int, people: People) -> pd.DataFrame:
    """Draw visits of people who never log in, each on a browser of their own (added to devices)."""
    rng = stream(parameters.seed, chunk, "prospects")
    count = max(20, round(0.4 * people.count))
    first = len(people.devices)
    new = pd.DataFrame(
        {
            "owner": np.full(count, NOBODY),
            "platform": np.full(count, WEB),
            "is_rig": np.zeros(count, dtype=bool),
            "user_agent": rng.integers(0, len(BROWSERS), count),
            "device_id": uuids(rng, count).to_pandas(),
            "amplitude_id": (chunk + 1) * 10**9 + 800_000_000 + np.arange(count) * 3,
            "advertising_id": np.full(count, None),
        }
    )
    people.devices = pd.concat([people.devices, new], ignore_index=True)
    visitor = np.repeat(np.arange(count), 1 + rng.poisson(0.6, count))
    day = rng.integers(0, parameters.days, len(visitor)) * DAY
    start = parameters.start_micros + day + time_of_day(rng, len(visitor))
    origin = np.where(chance(rng, 0.9, len(visitor)), DIRECT, 4)
    return frame(
        people,
        customer=np.full(len(visitor), NOBODY),
        start=start,
        device=first + visitor,
        origin=origin,
        purpose=PROSPECT,
    )
