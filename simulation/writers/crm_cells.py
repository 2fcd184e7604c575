"""The cells of the CRM's exports, as people typed them."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from simulation.company import FEATURES
from simulation.marketing import CHANNELS, NONE, OTHER, RESPELLED
from simulation.messages import CAMPAIGNS
from simulation.parameters import DAY, SimulationParameters
from simulation.people import FIRST_NAMES, LAST_NAMES, People
from simulation.randomness import chance, hex_ids, stream
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
_CITIES = ("Madrid", "Sevilla", "Palma, Mallorca", "Lisboa", "Bilbao")
_UTM = (("google", "cpc", "cmp_24"), ("instagram", "social", "cmp_26"), ("newsletter", "email", ""))


def contact_id(chunk: int, contact: int) -> str:
    """Name a contact by its number in the chunk."""
    return f"ct{chunk:03d}{contact:06d}"


def contact_cells(
    rng: np.random.Generator, chunk: int, people: People, contacts: pd.DataFrame
) -> Rows:
    """Write contacts; whoever is no customer has particulars of their own.

    All versions of a contact draw on one number, so that they agree.
    """
    luck = stream(chunk, 0, "leads").integers(0, 2**31, int(contacts["contact"].max()) + 1)
    ad_ids = hex_ids(rng, len(contacts), digits=32).to_pylist()
    tells_birth = chance(rng, 0.6, len(contacts))
    out: Rows = []
    for place, row in enumerate(contacts.to_dict("records")):
        drawn = int(luck[row["contact"]])
        is_relative = row["relative_of"] >= 0
        if row["customer"] >= 0:
            person = people.customers.iloc[row["customer"]].to_dict()
        else:
            person = _lead(drawn)
            if is_relative:
                person["email"] = people.customers["email"].iloc[row["relative_of"]]
        first, last = person["first_name"], person["last_name"]
        source, medium, campaign = _UTM[drawn % len(_UTM)]
        tells = tells_birth[place] or is_relative
        out.append(
            [
                contact_id(chunk, row["contact"]),
                people.refs[row["customer"]].as_py() if row["is_named"] else None,
                first.title(),
                last.title(),
                day_name(int(person["born_day"])) if tells else None,
                _CITIES[drawn % len(_CITIES)] if row["has_city"] else None,
                _email(person["email"], row["email"], other=f"{first}.{last}{drawn}@work.example"),
                _phone(person["phone"], row["phone"]),
                source,
                medium,
                campaign or None,
                ad_ids[place] if medium == "social" else None,
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


def _lead(drawn: int) -> dict[Hashable, Any]:
    """Make up somebody who is no customer."""
    first = FIRST_NAMES[drawn % len(FIRST_NAMES)]
    last = LAST_NAMES[drawn // len(FIRST_NAMES) % len(LAST_NAMES)]
    return {
        "first_name": first,
        "last_name": last,
        "born_day": drawn % 15_000 - 7_000,
        "email": f"{first}.{last}{drawn}@post.example",
        "phone": f"+347{drawn % 10**8:08d}",
    }


def _email(own: str, spelling: int, *, other: str) -> str | None:
    """Spell a mailbox as people do."""
    if spelling == NONE:
        return None
    if spelling == OTHER:
        return other
    return f" {own.title()}" if spelling == RESPELLED else own


def _phone(own: str, spelling: int) -> str | None:
    """Spell a number as people do: with spaces, or without the country."""
    if spelling == NONE:
        return None
    if spelling == RESPELLED and own.startswith("+34"):
        local = own[3:]
        return f"{local[:3]} {local[3:5]} {local[5:7]} {local[7:]}"
    return own
