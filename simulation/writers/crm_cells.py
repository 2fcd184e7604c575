"""The cells of the CRM's exports, as people typed them."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from simulation.company import FEATURES
from simulation.marketing import CHANNELS, CLERK, NONE, OTHER, RESPELLED
from simulation.messages import CAMPAIGNS
from simulation.names import CITIES, accented, draw_names, mistyped, short, skewed
from simulation.parameters import DAY, SimulationParameters
from simulation.particulars import LEADS, mailbox, phone_numbers
from simulation.people import People
from simulation.randomness import Array, between, stream, uuids
from simulation.second_records import UNTOLD, swapped
from simulation.writers.files import day_name, seconds_text

CONTACT_COLUMNS = (
    "contact_id",
    "customer_ref",
    "first_name",
    "last_name",
    "date_of_birth",
    "city",
    "email",
    "phone",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "advertising_id",
    "created_at",
    "updated_at",
)
CAMPAIGN_COLUMNS = (
    "campaign_id",
    "name",
    "channel",
    "briefed_at",
    "live_at",
    "needs_ticket",
    "min_gap_seconds",
    "quiet_hours",
    "updated_at",
)
SPEND_COLUMNS = (
    "spend_date",
    "subject_type",
    "subject",
    "kind",
    "amount",
    "currency",
    "updated_at",
)
Rows = list[list[object]]
_UTM = (("google", "cpc", "cmp_24"), ("instagram", "social", "cmp_26"), ("newsletter", "email", ""))


def contact_id(chunk: int, contact: int) -> str:
    """Name a contact by its number in the chunk."""
    return f"ct{chunk:03d}{contact:06d}"


def contact_cells(seed: int, chunk: int, registry: People, contacts: pd.DataFrame) -> Rows:
    """Write contacts as they were typed; whoever is no customer has particulars of their own.

    All versions of a contact draw on one luck, so that they agree.
    """
    luck = stream(seed, chunk, "hands").random((int(contacts["contact"].max()) + 1, 12))
    leads = _leads(stream(seed, chunk, "leads"), chunk, int(contacts["lead"].max()) + 1)
    customers = registry.customers.to_dict("records")
    ads = registry.advertising_ids.to_pylist()
    phones = registry.phones_at(contacts["customer"].to_numpy(), contacts["updated_at"].to_numpy())
    out: Rows = []
    for row, phone in zip(contacts.to_dict("records"), phones, strict=True):
        drawn = luck[row["contact"]]
        if row["customer"] >= 0:
            person = customers[row["customer"]]
            person = {**person, "phone": phone, "ad": ads[person["app_device"]]}
        else:
            person = leads[row["lead"]]
            if row["relative_of"] >= 0:
                person = {**person, "email": customers[row["relative_of"]]["email"]}
            if row["heir_of"] >= 0:
                person = {**person, "phone": customers[row["heir_of"]]["former_phone"]}
        first, last = _names(person, drawn, is_again=row["is_again"])
        source, medium, campaign = _UTM[int(drawn[0] * len(_UTM))]
        out.append(
            [
                contact_id(chunk, row["contact"]),
                registry.refs[row["customer"]].as_py() if row["is_named"] else None,
                first,
                last,
                _birth_date(person, drawn, row),
                _city(person, drawn) if row["has_city"] else None,
                _email(person, row["email"], drawn[1]),
                _phone(person["phone"], row["phone"], drawn[2]),
                source,
                medium,
                campaign or None,
                person["ad"] if medium == "social" else None,
                seconds_text(row["created_at"]),
                seconds_text(row["updated_at"]),
            ]
        )
    return out


def campaign_cells(campaigns: pd.DataFrame) -> Rows:
    """Write campaigns; those of Braze run on its channels, the others are advertisements."""
    return [
        [
            f"cmp_{row['campaign']:02d}",
            f"Campaign {row['campaign']}",
            CHANNELS[
                row["campaign"] % 3 if row["campaign"] < CAMPAIGNS else 3 + row["campaign"] % 2
            ],
            seconds_text(row["briefed_at"]),
            seconds_text(row["live_at"]) if row["live_at"] >= 0 else None,
            str(row["needs_ticket"]).lower(),
            row["min_gap_hours"] * 3600,
            "22:00-08:00",
            seconds_text(row["updated_at"]),
        ]
        for row in campaigns.to_dict("records")
    ]


def spend_cells(parameters: SimulationParameters, spend: pd.DataFrame) -> Rows:
    """Write spend, channels first."""
    subjects = [
        *(("channel", channel, "media") for channel in CHANNELS),
        *(("feature", feature.feature_id, "compute") for feature in FEATURES),
    ]
    first_day = parameters.start_micros // DAY
    return [
        [
            day_name(first_day + row["day"]),
            *subjects[row["subject"]],
            f"{row['cents'] // 100}.{row['cents'] % 100:02d}",
            "EUR",
            seconds_text(row["updated_at"]),
        ]
        for row in spend.to_dict("records")
    ]


def _leads(rng: np.random.Generator, chunk: int, count: int) -> list[dict[Hashable, Any]]:
    """Make up people who are no customers."""
    first, last = draw_names(rng, count)
    city, born = skewed(rng, len(CITIES), count), between(rng, -7300, 13_000, count)
    number = LEADS + chunk * 10**5 + np.arange(count)
    phones = phone_numbers(number)
    ads = uuids(rng, count).to_pylist()
    return [
        {
            "first_name": first[i],
            "last_name": last[i],
            "city": city[i],
            "born_day": born[i],
            "email": mailbox(first[i], last[i], int(number[i]), "post.example"),
            "phone": phones[i],
            "ad": ads[i],
        }
        for i in range(count)
    ]


def _names(person: dict[Hashable, Any], luck: Array, *, is_again: bool) -> tuple[str, str]:
    """Write a name with or without accents, with one family name or both, at times with a slip."""
    first, last = person["first_name"], person["last_name"]
    haste = 3 if is_again else 1
    if luck[3] < 0.07 * haste:
        first = short(first)
    if luck[4] < 0.35:
        last = last.split(" ")[0]
    if luck[5] < 0.04 * haste:
        last = mistyped(last, luck[6])
    elif luck[5] < 0.07 * haste:
        first = mistyped(first, luck[6])
    if luck[7] < 0.4:
        first, last = accented(first), accented(last)
    return first.title(), last.title()


def _birth_date(
    person: dict[Hashable, Any], luck: Array, row: Mapping[Hashable, Any]
) -> str | None:
    """Write a birth date, at times with day and month in the other order."""
    born = np.array([person["born_day"]])
    if not row["tells_birth"] or born[0] == UNTOLD:
        return None
    haste = 4 if row["is_again"] else 1
    if luck[8] < 0.012 * haste:
        born = swapped(born)
    elif luck[8] < 0.016 * haste:
        born = born + 10
    return day_name(int(born[0]))


def _city(person: dict[Hashable, Any], luck: Array) -> str:
    spellings = CITIES[person["city"]]
    return spellings[0 if luck[9] < 0.8 else 1 if luck[9] < 0.92 else 2]


def _email(person: dict[Hashable, Any], spelling: int, luck: float) -> str | None:
    """Spell a mailbox as people do, or give another: one at work, or the branch's."""
    if spelling == NONE:
        return None
    if spelling == CLERK:
        return "clientes@sucursal.example"
    own: str = person["email"]
    if spelling == OTHER:
        name = person["last_name"].replace(" ", "")
        return f"{person['first_name'][0]}.{name}{int(luck * 10**7)}@work.example"
    return f" {own.title()}" if spelling == RESPELLED else own


def _phone(own: str, spelling: int, luck: float) -> str | None:
    """Spell a number as people do: with spaces, or without the country; or give another."""
    if spelling == NONE:
        return None
    if spelling == OTHER:
        return f"+349{int(luck * 10**8):08d}"
    if spelling == RESPELLED and own.startswith("+34"):
        local = own[3:]
        return f"{local[:3]} {local[3:5]} {local[5:7]} {local[7:]}"
    return own
