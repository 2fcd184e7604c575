"""Whose each identifier is: the truth that the resolution of identity is measured by.

One row an identifier and holder. Without a person an identifier is nobody's in particular: a
branch's tablet, an exchange's wallet. `until` is when it passed out of these hands.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulation.banking import Bank
from simulation.jsontext import numbers, text
from simulation.parameters import NEVER, NOBODY
from simulation.particulars import NO_MAILBOX, NO_PHONE
from simulation.people import People
from simulation.randomness import Array, Ints
from simulation.second_records import FIRST_RECORD
from simulation.truth import Truth, times
from simulation.world import World
from simulation.writers.core_banking import account_ids
from simulation.writers.zigpoll import participant_ids


def persons(people: People, customer: Ints) -> pa.Array:
    """Name the people whose records these are (local numbers); nobody for NOBODY."""
    known = pa.array(customer, mask=customer < 0)
    first = people.customers.get("person", pd.Series(np.arange(people.count))).to_numpy()
    names = text("pe", numbers(people.column("number")[first]))
    return names.take(known)


def strangers(prefix: str, chunk: int, number: Ints) -> pa.Array:
    """Name people who are no customers, by their number in the chunk; nobody for NOBODY."""
    return text(prefix, numbers(np.full(len(number), chunk)), "-", numbers(number, number < 0))


def record_holders(
    truth: Truth, kind: str, values: pa.Array, person: pa.Array, *, until: Array | None = None
) -> None:
    """Record whose some identifiers of one type are; rows without an identifier are left out.

    Args:
        truth: Takes them.
        kind: Type of identifier, as the models call it.
        values: The identifiers, as the models standardise them.
        person: Whose each is.
        until: Microseconds at which it passed into other hands, NEVER while it has not.
    """
    gone = np.full(len(values), NEVER) if until is None else until
    rows = pa.table(
        {
            "identifier_type": pa.array([kind] * len(values), pa.string()),
            "identifier_value": values,
            "person": person,
            "until": times(gone),
        }
    )
    truth.add("identities", rows.filter(pc.is_valid(values)))


def record_registry(world: World, bank: Bank, chunk: int, truth: Truth) -> None:
    """Record what the bank, the verification vendor, the app and the surveys call people."""
    registry, people = world.registry, world.people
    who = np.arange(registry.count)
    person = persons(registry, who)
    record_holders(truth, "customer_ref", registry.refs, person)
    owner = bank.accounts["customer"].to_numpy()
    accounts = account_ids(world, bank, bank.accounts["account"].to_numpy())
    record_holders(truth, "account_id", accounts, persons(registry, owner))
    is_first = registry.column("way") == FIRST_RECORD
    applicants = numbers(registry.column("applicant"), ~is_first)
    record_holders(truth, "kyc_applicant_id", text("kyc", applicants), person)
    record_holders(truth, "email", _unless(registry.column("email"), NO_MAILBOX), person)
    record_holders(truth, "phone", _unless(registry.column("phone"), NO_PHONE), person)
    changed = registry.column("number_changed_at")
    former = np.where(changed >= 0, registry.column("former_phone"), NO_PHONE)
    record_holders(truth, "phone", _unless(former, NO_PHONE), person, until=changed)
    known = persons(people, np.arange(people.count))
    profiles = text("amplitude:", numbers(people.column("amplitude_id")))
    record_holders(truth, "profile_id", profiles, known)
    record_holders(truth, "participant_id", text("zigpoll:", participant_ids(world)), known)
    _record_devices(people, chunk, truth)


def _record_devices(people: People, chunk: int, truth: Truth) -> None:
    """Record devices, what Amplitude calls their nameless user, and their advertising ids."""
    devices = people.devices
    owner = devices["owner"].to_numpy()
    number = np.arange(len(devices))
    is_shared = np.isin(number, people.column("shared_device"))
    visitor = strangers("visitor", chunk, np.where(is_shared, NOBODY, number))
    person = pc.coalesce(persons(people, owner), visitor)
    record_holders(truth, "device_id", pa.array(devices["device_id"], pa.string()), person)
    profiles = text("amplitude:", numbers(devices["amplitude_id"].to_numpy()))
    record_holders(truth, "profile_id", profiles, person)
    ids = people.advertising_ids
    is_withheld = pc.match_substring_regex(ids, "^[0-]*$")
    record_holders(truth, "advertising_id", pc.if_else(is_withheld, None, ids), person)


def _unless(values: Array, nonsense: str) -> pa.Array:
    return pa.array(values, pa.string(), mask=values == nonsense)
