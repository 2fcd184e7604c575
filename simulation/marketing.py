"""What marketing knows: contacts, some of them customers, its campaigns and what they cost."""

import numpy as np
import pandas as pd

from simulation.company import FEATURES
from simulation.messages import CAMPAIGNS
from simulation.parameters import DAY, HOUR, MINUTE, NEVER, NOBODY, SimulationParameters
from simulation.particulars import TO_LEAD
from simulation.people import People
from simulation.randomness import Array, Bools, at_least, between, chance, stream
from simulation.second_records import ALIKE, FIRST_RECORD

SAME, RESPELLED, OTHER, NONE, CLERK = range(5)
CHANNELS = ("email", "push", "whatsapp", "search", "social")
# Campaigns that no message of Braze belongs to: they run on search and social networks.
OUTSIDE_CAMPAIGNS = 6
_EMAIL_SHARES = (0.6, 0.15, 0.15, 0.1)
_PHONE_SHARES = (0.4, 0.3, 0.05, 0.25)
# Whoever fills in a second form does so in haste, and with what is at hand.
_EMAIL_SHARES_AGAIN = (0.35, 0.15, 0.3, 0.2)
_PHONE_SHARES_AGAIN = (0.3, 0.25, 0.2, 0.25)


def make_contacts(parameters: SimulationParameters, chunk: int, registry: People) -> pd.DataFrame:
    """Draw contacts: of customers and of leads, some twice; and of strangers who are near them.

    Returns:
        Versions in order of contact: contact (number in the chunk), customer (local number in the
        registry, NOBODY for a lead), lead (number in the chunk, NOBODY for a customer), relative_of
        (whose mailbox a lead shares), heir_of (whose former number a lead has), email and phone
        (SAME … CLERK as its own), is_again (a second form of somebody's), is_named (carries the
        customer reference), tells_birth, has_city, updated_at, created_at.
    """
    rng = stream(parameters.seed, chunk, "contacts")
    contacts = _subjects(rng, registry)
    count = len(contacts)
    customer, is_again = contacts["customer"].to_numpy(), contacts["is_again"].to_numpy()
    is_known, is_alike = customer >= 0, _is_alike(registry)[customer] & (customer >= 0)
    begins = parameters.start_micros
    joined = np.where(is_known, registry.column("signed_up_at")[customer], NEVER)
    anyway = begins + between(rng, 0, parameters.days * DAY, count)
    # An import touched every old record shortly before the first export.
    imported = begins - between(rng, HOUR, 15 * HOUR, count)
    created = np.where(is_known, joined + between(rng, MINUTE, DAY, count), anyway)
    heir_of = contacts["heir_of"].to_numpy()
    given_up = registry.column("number_changed_at")[heir_of] + between(rng, DAY, 6 * DAY, count)
    created = np.where(heir_of >= 0, given_up, created)
    created = np.where(created < begins, imported, created)
    is_special = is_known & ~registry.is_genuine[customer]
    email = np.where(
        is_again,
        rng.choice(4, count, p=_EMAIL_SHARES_AGAIN),
        rng.choice(4, count, p=_EMAIL_SHARES),
    )
    phone = np.where(
        is_again,
        rng.choice(4, count, p=_PHONE_SHARES_AGAIN),
        rng.choice(4, count, p=_PHONE_SHARES),
    )
    # Some forms are filled in by a clerk of the branch, with the branch's mailbox.
    by_clerk = at_least(rng, 0.015, 14, np.flatnonzero(~is_special & ~is_alike))
    email[by_clerk] = CLERK
    is_relative = (contacts["relative_of"] >= 0).to_numpy()
    contacts = contacts.assign(
        email=np.where(is_relative, SAME, email),
        phone=np.where(heir_of >= 0, SAME, phone),
        # Whoever must be recognised by every rule is named; a second form never names anybody.
        is_named=(chance(rng, 0.5, count) & is_known & ~is_again) | is_special | is_alike,
        tells_birth=chance(rng, 0.8, count) | is_relative | is_alike,
        has_city=chance(rng, 0.7, count) | is_alike,
        created_at=created,
        updated_at=created,
    )
    changed = contacts[chance(rng, 0.1, count)]
    changed = changed.assign(
        has_city=True, updated_at=changed["updated_at"] + between(rng, DAY, 90 * DAY, len(changed))
    )
    versions = pd.concat([contacts, changed], ignore_index=True)
    return versions.sort_values(["updated_at", "contact"], kind="stable", ignore_index=True)


def _is_alike(registry: People) -> Bools:
    """Tell the records of one person that only particulars show to be one's."""
    alike = registry.column("way") == ALIKE
    both: Bools = alike | np.isin(np.arange(registry.count), registry.column("person")[alike])
    return both


def _subjects(rng: np.random.Generator, registry: People) -> pd.DataFrame:
    """Choose whom there is a contact of; its number in the chunk is its place."""
    is_first = registry.column("way") == FIRST_RECORD
    is_known = chance(rng, np.where(is_first, 0.45, 0.3), registry.count)
    known = np.flatnonzero(is_known | ~registry.is_genuine | _is_alike(registry))
    again = at_least(rng, 0.12, 3, known[registry.is_genuine[known]])
    people = np.flatnonzero(registry.is_genuine & is_first)
    related = at_least(rng, 0.01, 2, people)
    heirs_of = np.flatnonzero(is_first & (registry.column("fate_of_number") == TO_LEAD))
    leads = max(10, round(0.15 * is_first.sum()))
    lead = np.arange(len(related) + len(heirs_of) + leads)
    leads_again = at_least(rng, 0.1, 2, lead[-leads:])
    frames = (
        pd.DataFrame({"customer": known}),
        pd.DataFrame({"customer": again, "is_again": True}),
        pd.DataFrame({"lead": lead[: len(related)], "relative_of": related}),
        pd.DataFrame({"lead": lead[len(related) : -leads], "heir_of": heirs_of}),
        pd.DataFrame({"lead": lead[-leads:]}),
        pd.DataFrame({"lead": leads_again, "is_again": True}),
    )
    contacts = pd.concat(frames, ignore_index=True)
    numbers = ["customer", "lead", "relative_of", "heir_of"]
    contacts[numbers] = contacts[numbers].fillna(NOBODY).astype(np.int64)
    return contacts.assign(
        contact=np.arange(len(contacts)), is_again=contacts["is_again"].eq(other=True)
    )


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
    typical: Array = np.array(
        [4_000, 1_500, 6_000, 22_000, 18_000, 9_000, 7_000, 8_000, 5_000, 4_000, 3_000]
    )
    cents = (typical[subject] * rng.gamma(9.0, 1 / 9.0, len(day))).astype(np.int64)
    known = parameters.start_micros + (day + 1) * DAY + between(rng, HOUR, 5 * HOUR, len(day))
    spend = pd.DataFrame({"day": day, "subject": subject, "cents": cents, "updated_at": known})
    corrected = spend[(subject >= CHANNELS.index("search")) & chance(rng, 0.08, len(day))]
    corrected = corrected.assign(
        cents=corrected["cents"] * 19 // 20, updated_at=corrected["updated_at"] + 3 * DAY
    )
    both = pd.concat([spend, corrected], ignore_index=True)
    return both.sort_values(["updated_at", "subject", "day"], ignore_index=True)
