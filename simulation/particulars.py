"""Who the customers are on paper: names, homes, mailboxes, numbers, and how these change hands."""

import numpy as np
import pandas as pd

from simulation.company import TIMEZONE_SHARES
from simulation.names import CITIES, draw_names, skewed
from simulation.parameters import DAY, NEVER, SimulationParameters
from simulation.randomness import Array, at_least, between, chance

# What becomes of a number that somebody gives up.
KEPT, TO_NOBODY, TO_CUSTOMER, TO_LEAD = range(4)
NO_MAILBOX = "n/a"
NO_PHONE = "+10000000000"
# Ranges of the numbers from which phone numbers are made, so that no two people are given one.
NEW_PHONES, SECOND_RECORDS, LEADS = 25_000_000, 50_000_000, 75_000_000
_MAIL_SERVERS = ("mail.example", "correo.example", "post.example")


def phone_numbers(numbers: Array) -> Array:
    """Give each number below 10^8 a phone of its own."""
    return np.array([f"+346{_scattered(n):08d}" for n in numbers.tolist()], object)


def mailbox(first: str, last: str, number: int, server: str) -> str:
    """Make up an address as people do: a name in one of many ways, and something of their own."""
    family, own = last.split(" ", maxsplit=1)[0], _scattered(number)
    ways = (
        f"{first}.{family}",
        f"{first[0]}{family}",
        f"{family}.{first}",
        first,
        f"{first}_{family[:3]}",
    )
    return f"{ways[own % len(ways)]}{np.base_repr(own, 36).lower()}@{server}"


def _scattered(number: int) -> int:
    """Give each number below 10^8 another, so that neighbours look nothing alike."""
    # The multiplier is coprime to 10^8.
    return (number * 7_654_321 + 12_345_678) % 10**8


def add_particulars(customers: pd.DataFrame, rng: np.random.Generator) -> None:
    """Draw names, city, e-mail, phone, birth date and zone; a few leave nonsense in the form."""
    count = len(customers)
    number = customers["number"].to_numpy()
    first, last = draw_names(rng, count)
    server = rng.choice(len(_MAIL_SERVERS), count, p=(0.6, 0.3, 0.1))
    emails = np.array(
        [
            mailbox(f, s, n, _MAIL_SERVERS[w])
            for f, s, n, w in zip(first, last, number.tolist(), server, strict=True)
        ],
        dtype=object,
    )
    phones = phone_numbers(number)
    anybody = np.flatnonzero(~(customers["is_staff"] | customers["is_test"]).to_numpy())
    emails[at_least(rng, 0.01, 2, anybody)] = NO_MAILBOX
    phones[at_least(rng, 0.01, 2, anybody)] = NO_PHONE
    testers = np.flatnonzero(customers["has_test_mailbox"].to_numpy())
    emails[testers] = [f"qa{n}@mailinator.com" for n in number[testers]]
    customers["first_name"], customers["last_name"] = first, last
    customers["city"] = skewed(rng, len(CITIES), count)
    customers["email"], customers["phone"] = emails, phones
    customers["born_day"] = between(rng, -7300, 13_000, count)
    customers["timezone"] = rng.choice(len(TIMEZONE_SHARES), count, p=TIMEZONE_SHARES)


def share_homes(customers: pd.DataFrame, rng: np.random.Generator) -> None:
    """Give those who share a tablet one family name, and some one mailbox, one number or both.

    In some families a child is called as its parent is.
    """
    home = customers["home"].to_numpy()
    second = np.flatnonzero((home >= 0) & (home != np.arange(len(customers))))
    first = home[second]
    what = (np.arange(len(second)) + 1) % 4
    is_namesake = chance(rng, 0.15, len(second))
    for column, is_shared in (
        ("last_name", np.ones(len(second), dtype=bool)),
        ("city", np.ones(len(second), dtype=bool)),
        ("first_name", is_namesake),
        ("email", what % 2 == 1),
        ("phone", what >= 2),
    ):
        values = customers[column].to_numpy().copy()
        values[second[is_shared]] = values[first[is_shared]]
        customers[column] = values


def change_numbers(
    customers: pd.DataFrame, parameters: SimulationParameters, rng: np.random.Generator
) -> None:
    """Let some take a new number; of the old ones some pass to a customer, some to a stranger."""
    count = len(customers)
    is_able = (
        (customers["active_until"] == parameters.end_micros)
        & (customers["active_from"] == parameters.start_micros)
        & (customers["home"] < 0)
        & (customers["phone"] != NO_PHONE)
        & ~(customers["is_staff"] | customers["is_test"] | customers["is_erased"])
    )
    able = np.flatnonzero(is_able.to_numpy())
    givers = at_least(rng, 0.03, min(4, len(able) // 2), able)
    fate = np.full(count, KEPT)
    fate[givers] = np.resize((TO_CUSTOMER, TO_LEAD, TO_NOBODY), len(givers))
    changed = np.full(count, NEVER)
    changed[givers] = parameters.start_micros + between(
        rng, 0.2 * parameters.days * DAY, 0.6 * parameters.days * DAY, len(givers)
    )
    former = customers["phone"].to_numpy(object)
    phone = former.copy()
    phone[givers] = phone_numbers(customers["number"].to_numpy()[givers] + NEW_PHONES)
    passed = np.flatnonzero(fate == TO_CUSTOMER)
    heirs = rng.choice(np.setdiff1d(able, givers), len(passed), replace=False)
    phone[heirs] = former[passed]
    changed[heirs] = changed[passed] + between(rng, 3 * DAY, 8 * DAY, len(passed))
    customers["phone"], customers["former_phone"] = phone, former
    customers["number_changed_at"], customers["fate_of_number"] = changed, fate
