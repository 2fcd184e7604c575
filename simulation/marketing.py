"""What marketing knows: contacts, some of them customers, its campaigns and what they cost."""

import numpy as np
import pandas as pd

from simulation.company import FEATURES
from simulation.messages import CAMPAIGNS
from simulation.parameters import DAY, HOUR, MINUTE, NEVER, SimulationParameters
from simulation.people import NOBODY, People
from simulation.randomness import Array, at_least, between, chance, stream

SAME, RESPELLED, OTHER, NONE = range(4)
CHANNELS = ("email", "push", "whatsapp", "search", "social")
# Campaigns that no message of Braze belongs to: they run on search and social networks.
OUTSIDE_CAMPAIGNS = 6
_EMAIL_SHARES = (0.6, 0.15, 0.15, 0.1)
_PHONE_SHARES = (0.4, 0.3, 0.0, 0.3)


def make_contacts(parameters: SimulationParameters, chunk: int, people: People) -> pd.DataFrame:
    """Draw contacts: of customers, some twice, of leads, and of relatives at a customer's address.

    Returns:
        Versions in order of contact: contact (number in the chunk), customer (NOBODY for a lead),
        relative_of (whose mailbox a lead shares), email and phone (SAME … NONE as the customer's),
        is_named (carries the customer reference), updated_at, created_at, has_city.
    """
    rng = stream(parameters.seed, chunk, "contacts")
    known = np.flatnonzero(chance(rng, 0.45, people.count) | ~people.is_genuine)
    twice = at_least(rng, 0.05, 3, known[people.is_genuine[known]])
    related = at_least(rng, 0.01, 2, np.flatnonzero(people.is_genuine))
    leads = max(10, round(0.15 * people.count))
    customer = np.concatenate([known, twice, np.full(len(related) + leads, NOBODY)])
    count = len(customer)
    relative_of = np.full(count, NOBODY)
    relative_of[len(known) + len(twice) : len(known) + len(twice) + len(related)] = related
    begins = parameters.start_micros
    joined = np.where(customer >= 0, people.column("signed_up_at")[customer], NEVER)
    anyway = begins + between(rng, 0, parameters.days * DAY, count)
    # An import touched every old record shortly before the first export.
    imported = begins - between(rng, HOUR, 15 * HOUR, count)
    created = np.where(customer >= 0, joined + between(rng, MINUTE, DAY, count), anyway)
    created = np.where(created < begins, imported, created)
    contacts = pd.DataFrame(
        {
            "contact": np.arange(count),
            "customer": customer,
            "relative_of": relative_of,
            "email": rng.choice(4, count, p=_EMAIL_SHARES),
            "phone": rng.choice(4, count, p=_PHONE_SHARES),
            "is_named": chance(rng, 0.5, count) & (customer >= 0),
            "has_city": chance(rng, 0.7, count),
            "created_at": created,
            "updated_at": created,
        }
    )
    # Whoever must be recognised by every rule is named; a second record never is.
    is_special = (customer >= 0) & ~people.is_genuine[customer]
    contacts.loc[is_special, "is_named"] = True
    contacts.loc[len(known) : len(known) + len(twice) - 1, "is_named"] = False
    contacts.loc[relative_of >= 0, "email"] = SAME
    changed = contacts[chance(rng, 0.1, count)]
    changed = changed.assign(
        has_city=True, updated_at=changed["updated_at"] + between(rng, DAY, 90 * DAY, len(changed))
    )
    versions = pd.concat([contacts, changed], ignore_index=True)
    return versions.sort_values(["updated_at", "contact"], kind="stable", ignore_index=True)


def make_campaigns(parameters: SimulationParameters) -> pd.DataFrame:
    """Draw campaigns: briefed, then live; those of Braze went live before the first day.

    Returns:
        Versions: campaign (number), briefed_at, live_at (NEVER = not yet), updated_at,
        min_gap_hours, needs_ticket.
    """
    rng = stream(parameters.seed, 0, "campaigns")
    count = CAMPAIGNS + OUTSIDE_CAMPAIGNS
    is_outside = np.arange(count) >= CAMPAIGNS
    lead = between(rng, 5 * DAY, 30 * DAY, count)
    live = parameters.start_micros - between(rng, 2 * HOUR, 20 * HOUR, count)
    later = between(rng, DAY, (parameters.days - 2) * DAY, count)
    live = np.where(is_outside, parameters.start_micros + later, live)
    live, lead = live // MINUTE * MINUTE, lead // MINUTE * MINUTE
    campaigns = pd.DataFrame(
        {
            "campaign": np.arange(count),
            "briefed_at": live - lead,
            "live_at": live,
            "updated_at": live,
            "min_gap_hours": rng.choice((24, 48, 72), count),
            "needs_ticket": chance(rng, 0.3, count),
        }
    )
    briefed = campaigns.assign(live_at=NEVER, updated_at=campaigns["briefed_at"])
    both = pd.concat([briefed, campaigns], ignore_index=True)
    inside = (both["live_at"] >= 0) | (both["updated_at"] >= parameters.start_micros)
    return both[inside].sort_values(["updated_at", "campaign"], ignore_index=True)


def make_spend(parameters: SimulationParameters) -> pd.DataFrame:
    """Draw each day's spend by channel and feature, known next morning, at times corrected later.

    Returns:
        Versions: day (days since the start), subject (channels first, then features), cents,
        updated_at.
    """
    rng = stream(parameters.seed, 0, "spend")
    subjects = len(CHANNELS) + len(FEATURES)
    day = np.repeat(np.arange(parameters.days), subjects)
    subject = np.tile(np.arange(subjects), parameters.days)
    typical: Array = np.array([4_000, 1_500, 6_000, 22_000, 18_000, 9_000, 7_000, 8_000])
    cents = (typical[subject] * rng.gamma(9.0, 1 / 9.0, len(day))).astype(np.int64)
    known = parameters.start_micros + (day + 1) * DAY + between(rng, HOUR, 5 * HOUR, len(day))
    spend = pd.DataFrame({"day": day, "subject": subject, "cents": cents, "updated_at": known})
    corrected = spend[(subject >= CHANNELS.index("search")) & chance(rng, 0.08, len(day))]
    corrected = corrected.assign(
        cents=corrected["cents"] * 19 // 20, updated_at=corrected["updated_at"] + 3 * DAY
    )
    both = pd.concat([spend, corrected], ignore_index=True)
    return both.sort_values(["updated_at", "subject", "day"], ignore_index=True)
