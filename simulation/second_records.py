"""Customers whom the bank holds twice: a record opened before or after the one they use.

Nothing happens on it: a sign-up given up before verification, or an account long forgotten.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.parameters import DAY, HOUR, NEVER, SimulationParameters
from simulation.particulars import NO_MAILBOX, NO_PHONE, SECOND_RECORDS, mailbox, phone_numbers
from simulation.people import People
from simulation.randomness import Array, Ints, at_least, between, chance, stream

# What the two records have in common, beside who it is.
FIRST_RECORD, MAILBOX, PHONE, APPLICANT, ALIKE = range(5)
UNTOLD = -(10**6)
_SHARE = 0.115
_WAYS = (0.4, 0.25, 0.12, 0.23)


def register(parameters: SimulationParameters, chunk: int, people: People) -> People:
    """Give the customers as the bank's books list them: each once, then the second records.

    Returns:
        People whose further rows are second records: `person` is the local number of whose record
        it is, `way` what it has in common with the first, `applicant` the verified one or NEVER.
    """
    rng = stream(parameters.seed, chunk, "second_records")
    first = people.customers.assign(
        person=np.arange(people.count),
        way=FIRST_RECORD,
        applicant=people.column("number") + 10**9,
    )
    is_settled = (people.column("home") < 0) & (people.column("number_changed_at") < 0)
    is_reached = (people.column("email") != NO_MAILBOX) & (people.column("phone") != NO_PHONE)
    able = people.is_genuine & is_settled & is_reached
    person = at_least(rng, _SHARE, 8, np.flatnonzero(able))
    second = first.iloc[rng.permutation(person)].reset_index(drop=True)
    count = len(second)
    way = np.sort(np.resize((MAILBOX, PHONE, APPLICANT, ALIKE), min(8, count)))
    way = np.append(way, 1 + rng.choice(4, count - len(way), p=_WAYS))
    number = second["number"].to_numpy() + SECOND_RECORDS
    start, end = parameters.start_micros, parameters.end_micros
    is_new = chance(rng, 0.3, count)
    old, new = (
        start - between(rng, 3 * DAY, 900 * DAY, count),
        between(rng, start + HOUR, end - 3 * DAY, count),
    )
    second = second.assign(
        number=number,
        way=way,
        email=np.where(way == MAILBOX, second["email"], _mailboxes(second, number)),
        phone=np.where(way == PHONE, second["phone"], phone_numbers(number)),
        born_day=_birth_days(rng, second["born_day"].to_numpy()),
        signed_up_at=np.where(is_new, new, old),
        applicant=np.where(way == APPLICANT, second["applicant"], NEVER),
        closed_at=NEVER,
    )
    second["former_phone"] = second["phone"]
    refs = pa.array([f"cu{n:08d}" for n in number], pa.string())
    customers = pd.concat([first, second], ignore_index=True)
    return People(people.first, customers, people.devices, pa.concat_arrays([people.refs, refs]))


def _mailboxes(second: pd.DataFrame, number: Ints) -> Array:
    """Give each second record a mailbox of its own."""
    return np.array(
        [
            mailbox(first, last, n, "post.example")
            for first, last, n in zip(
                second["first_name"], second["last_name"], number.tolist(), strict=True
            )
        ],
        object,
    )


def _birth_days(rng: np.random.Generator, born: Ints) -> Ints:
    """Write most birth dates as they are, some with day and month swapped, some not at all."""
    luck = rng.random(len(born))
    told = np.where(luck < 0.05, swapped(born), born)
    told = np.where((luck >= 0.05) & (luck < 0.07), born + 3650, told)
    return np.where((luck >= 0.07) & (luck < 0.12), UNTOLD, told)


def swapped(born: Ints) -> Ints:
    """Swap day and month of dates (days since 1970) where that gives a date."""
    dates = born.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    years = dates.astype("datetime64[Y]")
    day = (dates - months).astype(np.int64)
    month = (months - years).astype(np.int64)
    other = (years.astype("datetime64[M]") + day).astype("datetime64[D]") + month
    return np.where(day < 12, other.astype(np.int64), born)
