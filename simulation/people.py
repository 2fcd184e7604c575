"""The company's customers and the devices they hold or share."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.company import ANDROID, IOS, SERVER, WEB
from simulation.parameters import DAY, HOUR, NEVER, NOBODY, SimulationParameters
from simulation.particulars import add_particulars, change_numbers, share_homes
from simulation.randomness import Array, Bools, Ints, between, chance, stream, uuids
from simulation.user_agents import BROWSERS

_WITHHELD = "00000000-0000-0000-0000-000000000000"


@dataclass
class People:
    """One chunk of customers and their devices.

    Args:
        first: Global number of the first customer of the chunk.
        customers: One row a customer, at its local number; times are microseconds, NEVER = none.
        devices: One row a device: device_id, owner (local number, NOBODY when shared), platform,
            user_agent (code, NOBODY off the Web), is_rig, amplitude_id of its anonymous user,
            advertising_id (None where there is none).
        refs: customer_ref by local number.
    """

    first: int
    customers: pd.DataFrame
    devices: pd.DataFrame
    refs: pa.Array

    @property
    def count(self) -> int:
        """Give the number of customers."""
        return len(self.customers)

    def column(self, name: str) -> Array:
        """Give a column of the customers as an array."""
        return self.customers[name].to_numpy()

    @property
    def is_internal(self) -> Bools:
        """Tell staff and test customers from genuine ones."""
        internal: Bools = self.column("is_staff") | self.column("is_test")
        return internal

    @property
    def is_rig(self) -> Bools:
        """Tell the browser of the test lab, device by device."""
        rig: Bools = self.devices["is_rig"].to_numpy()
        return rig

    @property
    def is_genuine(self) -> Bools:
        """Tell customers whose rows an ideal pipeline keeps."""
        genuine: Bools = ~(self.is_internal | self.column("is_erased"))
        return genuine

    @property
    def advertising_ids(self) -> pa.Array:
        """Give each device's advertising id, null where there is none."""
        return pa.array(self.devices["advertising_id"], pa.string(), from_pandas=True)

    def phones_at(self, customer: Ints, at: Ints) -> Array:
        """Give, row by row, the number that the customer had at a moment."""
        changed = self.column("number_changed_at")[customer]
        former, present = (self.column(name)[customer] for name in ("former_phone", "phone"))
        return np.where((changed >= 0) & (at < changed), former, present)

    def flags(self, customer: Ints) -> tuple[Bools, Bools]:
        """Give, row by row, whether the customer (NOBODY allowed) is internal, and is erased."""
        known = customer >= 0
        return (
            known & self.is_internal[customer],
            known & self.column("is_erased").astype(bool)[customer],
        )


def make_people(parameters: SimulationParameters, chunk: int) -> People:
    """Draw one chunk of customers with their devices."""
    numbers = parameters.chunks[chunk]
    rng = stream(parameters.seed, chunk, "people")
    count = len(numbers)
    number = np.arange(numbers.start, numbers.stop, dtype=np.int64)
    customers = pd.DataFrame({"number": number})
    _add_roles(customers, parameters, chunk, rng)
    _add_lives(customers, parameters, rng)
    on_paper = stream(parameters.seed, chunk, "particulars")
    add_particulars(customers, on_paper)
    devices = _add_devices(customers, rng)
    share_homes(customers, on_paper)
    change_numbers(customers, parameters, on_paper)
    devices["device_id"] = uuids(rng, len(devices)).to_pandas()
    devices["advertising_id"] = _advertising_ids(on_paper, devices)
    devices["amplitude_id"] = (
        (chunk + 1) * 10**9 + np.arange(len(devices), dtype=np.int64) * 7 + 500_000_000
    )
    customers["amplitude_id"] = (chunk + 1) * 10**9 + np.arange(count, dtype=np.int64) * 11
    return People(numbers.start, customers, devices, pa.array([f"cu{n:08d}" for n in number]))


def _add_roles(
    customers: pd.DataFrame,
    parameters: SimulationParameters,
    chunk: int,
    rng: np.random.Generator,
) -> None:
    """Choose staff, test customers and, in the first chunk, those who ask to be deleted."""
    count = len(customers)
    everyone = rng.permutation(count).astype(np.int64)
    staff = max(1, round(0.005 * count))
    test = max(3, round(0.003 * count))
    erased = 2 if chunk == 0 else 0
    role = np.zeros(count, dtype=np.int8)
    role[everyone[:staff]] = 1
    role[everyone[staff : staff + test]] = 2
    role[everyone[staff + test : staff + test + erased]] = 3
    customers["is_staff"] = role == 1
    customers["is_test"] = role == 2
    customers["is_erased"] = role == 3
    # Of a third of the testers the record says so; of the others only the account, or the mailbox.
    evidence = np.cumsum(role == 2) % 3
    customers["is_flagged"] = customers["is_test"] & (evidence == 0)
    customers["has_test_account"] = customers["is_test"] & (evidence == 1)
    customers["has_test_mailbox"] = customers["is_test"] & (evidence == 2)
    asked = parameters.start_micros + parameters.days * DAY * rng.uniform(0.5, 0.9, count)
    customers["erased_at"] = np.where(role == 3, asked.astype(np.int64), NEVER)


def _add_lives(
    customers: pd.DataFrame, parameters: SimulationParameters, rng: np.random.Generator
) -> None:
    """Draw when each signs up, loses interest, closes, and how often they come."""
    count = len(customers)
    start, end = parameters.start_micros, parameters.end_micros
    special = (customers["is_staff"] | customers["is_test"] | customers["is_erased"]).to_numpy()
    is_old = chance(rng, 0.75, count) | special
    old = start - between(rng, 3 * DAY, 900 * DAY, count)
    new = between(rng, start + HOUR, end - 3 * DAY, count)
    signed_up = np.where(is_old, old, new)
    begins = np.maximum(signed_up, start)
    fades = begins + (rng.exponential(500, count) * DAY).astype(np.int64) + 5 * DAY
    closes = chance(rng, 0.06, count) & (fades < end - 2 * DAY) & ~special
    erased_at = customers["erased_at"].to_numpy()
    customers["signed_up_at"] = signed_up
    customers["active_from"] = begins
    customers["active_until"] = np.where(
        erased_at >= 0, erased_at, np.where(special, end, np.minimum(fades, end))
    )
    customers["closed_at"] = np.where(closes, fades + DAY, NEVER)
    customers["sessions_per_day"] = np.where(special, 0.15, 0.19 * rng.gamma(2.0, 0.5, count))


def _add_devices(customers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give everyone an app and a server-side device, some a browser, a family or a branch tablet.

    Staff and testers share the browser of the test lab. No other shared device shows the Web, so
    that an anonymous row always has one possible owner, or one kind of owners.
    """
    count = len(customers)
    mine = np.arange(count, dtype=np.int64)
    phone_platform = np.where(chance(rng, 0.45, count), IOS, ANDROID)
    has_web = chance(rng, 0.35, count)
    parts = [
        pd.DataFrame({"owner": mine, "platform": phone_platform}),
        pd.DataFrame({"owner": mine, "platform": np.full(count, SERVER)}),
        pd.DataFrame({"owner": mine[has_web], "platform": np.full(int(has_web.sum()), WEB)}),
    ]
    web_device = np.full(count, NOBODY, dtype=np.int64)
    web_device[has_web] = 2 * count + np.arange(int(has_web.sum()))
    following = 2 * count + int(has_web.sum())
    genuine = mine[
        ~(customers["is_staff"] | customers["is_test"] | customers["is_erased"]).to_numpy()
    ]
    shared_device = np.full(count, NOBODY, dtype=np.int64)
    members = rng.permutation(genuine)
    pairs = max(1, round(0.02 * count))
    kiosk_size = min(60, max(3, count // 6))
    kiosks = np.split(members[2 * pairs : 2 * pairs + 3 * kiosk_size], 3)
    families = np.split(members[: 2 * pairs], pairs)
    home = np.full(count, NOBODY, dtype=np.int64)
    for family in families:
        home[family] = family.min()
    customers["home"] = home
    for group in [*families, *kiosks]:
        shared_device[group] = following
        parts.append(pd.DataFrame({"owner": [NOBODY], "platform": [IOS]}))
        following += 1
    internal = mine[(customers["is_staff"] | customers["is_test"]).to_numpy()]
    shared_device[internal] = following
    parts.append(pd.DataFrame({"owner": [NOBODY], "platform": [WEB]}))
    customers["app_device"] = mine
    customers["server_device"] = count + mine
    customers["web_device"] = web_device
    customers["shared_device"] = shared_device
    devices = pd.concat(parts, ignore_index=True).astype({"owner": "int64", "platform": "int64"})
    devices["is_rig"] = np.arange(len(devices)) == following
    browser = rng.integers(0, len(BROWSERS), len(devices))
    devices["user_agent"] = np.where(devices["platform"].to_numpy() == WEB, browser, NOBODY)
    return devices


def _advertising_ids(rng: np.random.Generator, devices: pd.DataFrame) -> Array:
    """Give phones and tablets an advertising id; where it is withheld there is none, or zeros."""
    luck = rng.random(len(devices))
    ids: Array = np.array(uuids(rng, len(devices)).to_pylist(), object)
    ids[luck < 0.1] = _WITHHELD
    is_mobile = np.isin(devices["platform"].to_numpy(), (IOS, ANDROID))
    ids[~is_mobile | (luck > 0.45)] = None
    return ids
