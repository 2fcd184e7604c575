"""The banking core's tables: every version of every record, as Postgres holds them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.card_payments import with_card_payments
from simulation.parameters import DAY, HOUR, MINUTE, NEVER, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Bools, Ints, at_least, between, chance, stream
from simulation.savings import add_entries, add_goals
from simulation.world import World

PRODUCT_LINES = ("current", "savings", "trading")
CURRENT, SAVINGS, TRADING = range(3)
ENTRY_CLASSES = (
    "inflow",
    "card",
    "fee",
    "savings_deposit",
    "savings_withdrawal",
    "own_transfer",
)
ORDER_STATUSES = ("pending", "settled", "refunded")
GOAL_KINDS = ("holiday", "emergency", "home", "car")
STAGES = ("onboarding", "active", "engaged", "closed")
RISKS = ("low", "medium", "high")
SYMBOLS = ("SAN", "ITX", "IBE", "BBVA", "TEF")


@dataclass(frozen=True)
class Bank:
    """Tables of one chunk: integer columns, times in microseconds, NEVER for none.

    Every table has `customer` (local number in the registry) and `updated_at`. The accounts of
    second records come last.
    """

    tables: dict[str, pd.DataFrame]
    accounts: pd.DataFrame


def make_bank(parameters: SimulationParameters, chunk: int, world: World) -> Bank:
    """Draw all tables of a chunk."""
    rng = stream(parameters.seed, chunk, "banking")
    people = world.people
    # A migration touched every old record shortly before the first, full extract.
    touched = parameters.start_micros - between(rng, 0, 20 * HOUR, people.count)
    signed_up = people.column("signed_up_at")
    first_touch = np.where(signed_up < parameters.start_micros, touched, signed_up + SECOND)
    accounts = _accounts(rng, people, first_touch)
    holdings = accounts.assign(valid_from=accounts["opened_at"])
    everyone = np.arange(people.count)
    eligibility = pd.DataFrame(
        {
            "customer": everyone,
            "is_eligible": chance(rng, 0.8, people.count),
            "valid_from": signed_up + MINUTE,
            "updated_at": first_touch + MINUTE,
        }
    )
    eligibility = pd.concat(
        [eligibility, _second_thoughts(parameters, chunk, people, eligibility)], ignore_index=True
    )
    again, opened_again = _second_records(parameters, chunk, world, len(accounts))
    tables = {
        "customers": pd.concat(
            [_customers(rng, parameters, people, first_touch), again], ignore_index=True
        ),
        "accounts": pd.concat(
            [_account_versions(people, accounts), opened_again], ignore_index=True
        ),
        "account_wallets": _wallets(rng, accounts),
        "orders": _orders(rng, people, accounts),
        "ledger_entries": _ledger(rng, people, accounts),
        "savings_goals": _goals(rng, world, accounts),
        "product_holdings": holdings,
        "eligibility": eligibility,
    }
    tables["ledger_entries"] = with_card_payments(
        parameters,
        chunk,
        people,
        accounts=accounts[accounts["product_line"] == CURRENT],
        ledger=add_entries(parameters, chunk, world, tables["ledger_entries"], accounts=accounts),
    )
    tables["savings_goals"] = add_goals(
        parameters, chunk, world, tables["savings_goals"], accounts=accounts, kinds=len(GOAL_KINDS)
    )
    return Bank(tables, pd.concat([accounts, opened_again], ignore_index=True))


def _second_thoughts(
    parameters: SimulationParameters, chunk: int, people: People, eligibility: pd.DataFrame
) -> pd.DataFrame:
    """Give the customers of whom the bank comes to think otherwise, for better or worse."""
    rng = stream(parameters.seed, chunk, "eligibility")
    begins, ends = people.column("active_from"), people.column("active_until")
    at = begins + HOUR + ((ends - begins) * rng.random(people.count) * 0.8).astype(np.int64)
    changes = chance(rng, 0.2, people.count) & (ends - begins > 4 * DAY)
    changed: pd.DataFrame = eligibility.assign(
        is_eligible=~eligibility["is_eligible"], valid_from=at, updated_at=at + MINUTE
    )[changes]
    return changed


def _second_records(
    parameters: SimulationParameters, chunk: int, world: World, accounts: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the second records of customers and their one account, on which nothing happens."""
    rng = stream(parameters.seed, chunk, "second_records_at_the_bank")
    who = np.arange(world.people.count, world.registry.count)
    signed_up = world.registry.column("signed_up_at")[who]
    touched = parameters.start_micros - between(rng, 0, 20 * HOUR, len(who))
    touch = np.where(signed_up < parameters.start_micros, touched, signed_up + SECOND)
    customers = pd.DataFrame(
        {
            "customer": who,
            "stage": 0,
            "risk": rng.integers(0, 3, len(who)),
            "closed_at": NEVER,
            "deleted_at": NEVER,
            "updated_at": touch,
        }
    )
    opened = pd.DataFrame(
        {
            "customer": who,
            "product_line": CURRENT,
            "opened_at": signed_up + MINUTE,
            "updated_at": touch + MINUTE,
            "account": accounts + np.arange(len(who)),
            "closed_at": NEVER,
        }
    )
    return customers, opened


def _customers(
    rng: np.random.Generator, parameters: SimulationParameters, people: People, touch: Ints
) -> pd.DataFrame:
    """Give a customer's versions: the first, a change of segment or number, closing, deletion."""
    base = pd.DataFrame(
        {
            "customer": np.arange(people.count),
            "stage": np.where(people.column("signed_up_at") < parameters.start_micros, 1, 0),
            "risk": rng.integers(0, 3, people.count),
            "closed_at": NEVER,
            "deleted_at": NEVER,
            "updated_at": touch,
        }
    )
    begins, ends = people.column("active_from"), people.column("active_until")
    moves = chance(rng, 0.3, people.count) & (ends - begins > 4 * DAY)
    moved_at = begins + 2 * DAY + ((ends - begins) * rng.random(people.count) * 0.4).astype(int)
    moved = base[moves].assign(updated_at=moved_at[moves], stage=2, risk=lambda f: (f.risk + 1) % 3)
    latest = pd.concat([base, moved]).drop_duplicates("customer", keep="last")
    latest = latest.sort_values("customer")
    closed_at = people.column("closed_at")
    closes = closed_at >= 0
    closed = latest[closes].assign(
        updated_at=closed_at[closes] + SECOND, closed_at=closed_at[closes], stage=3
    )
    gone = people.column("is_erased").astype(bool)
    erased_at = people.column("erased_at")[gone] + HOUR
    erased = latest[gone].assign(updated_at=erased_at, deleted_at=erased_at, stage=3)
    versions = pd.concat([base, moved, closed, erased], ignore_index=True)
    changed_at = people.column("number_changed_at")[versions["customer"].to_numpy()]
    renumbered = versions.assign(changed_at=changed_at)[versions["updated_at"] < changed_at]
    renumbered = renumbered.sort_values("updated_at").drop_duplicates("customer", keep="last")
    renumbered = renumbered.assign(updated_at=renumbered["changed_at"]).drop(columns="changed_at")
    both: pd.DataFrame = pd.concat([versions, renumbered], ignore_index=True)
    return both


def _accounts(rng: np.random.Generator, people: People, touch: Ints) -> pd.DataFrame:
    """Give each customer a current account, some savings and trading accounts."""
    everyone = np.arange(people.count)
    parts = []
    for line, share in ((CURRENT, 1.0), (SAVINGS, 0.5), (TRADING, 0.15)):
        owner = everyone[chance(rng, share, people.count)]
        parts.append(
            pd.DataFrame(
                {
                    "customer": owner,
                    "product_line": line,
                    "opened_at": people.column("signed_up_at")[owner] + line * HOUR + MINUTE,
                    "updated_at": touch[owner] + line * MINUTE + MINUTE,
                }
            )
        )
    accounts = pd.concat(parts, ignore_index=True)
    accounts = accounts.sort_values(["customer", "product_line"], ignore_index=True)
    accounts["account"] = np.arange(len(accounts))
    accounts["closed_at"] = NEVER
    return accounts


def _account_versions(people: People, accounts: pd.DataFrame) -> pd.DataFrame:
    """Add the closing of the accounts of customers who leave."""
    closed_at = people.column("closed_at")[accounts["customer"].to_numpy()]
    closes = closed_at >= 0
    closed: pd.DataFrame = accounts[closes].assign(
        closed_at=closed_at[closes], updated_at=closed_at[closes] + 2 * SECOND
    )
    return pd.concat([accounts, closed], ignore_index=True)


def _wallets(rng: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    """Link a wallet to some trading accounts."""
    trading = np.flatnonzero((accounts["product_line"] == TRADING).to_numpy())
    linked = accounts.iloc[at_least(rng, 0.35, 1, trading)]
    linked = linked.assign(
        linked_at=linked["opened_at"] + HOUR, updated_at=linked["updated_at"] + MINUTE
    )
    return linked.reset_index(drop=True)


def _happenings(
    rng: np.random.Generator, people: People, accounts: pd.DataFrame, per_day: float
) -> tuple[pd.DataFrame, Ints]:
    """Draw how often something happens on accounts while their owners are active, and when."""
    owner = accounts["customer"].to_numpy()
    begins = people.column("active_from")[owner] + 3 * HOUR
    length = np.maximum(people.column("active_until")[owner] - begins, 0)
    which = np.repeat(np.arange(len(accounts)), rng.poisson(per_day * length / DAY))
    at = begins[which] + (length[which] * rng.random(len(which))).astype(np.int64)
    return accounts.iloc[which][["customer", "account"]].reset_index(drop=True), at


def _orders(rng: np.random.Generator, people: People, accounts: pd.DataFrame) -> pd.DataFrame:
    """Draw orders: pending, settled within two days, a few refunded."""
    trading = accounts[accounts["product_line"] == TRADING]
    orders, at = _happenings(rng, people, trading, 0.07)
    count = len(orders)
    quantity, cents = rng.integers(1, 40, count), rng.integers(300, 5_000, count)
    orders = orders.assign(
        order=np.arange(count),
        symbol=rng.integers(0, len(SYMBOLS), count),
        is_buy=chance(rng, 0.6, count),
        quantity=quantity,
        price_cents=cents,
        cents=quantity * cents,
        fee_cents=100 + quantity * cents // 1_000,
        created_at=at,
        status=0,
        updated_at=at,
    )
    settled_at = at + between(rng, HOUR, 2 * DAY, count)
    settled = orders.assign(status=1, updated_at=settled_at)[chance(rng, 0.96, count)]
    refunded = settled.assign(
        status=2, updated_at=settled["updated_at"] + between(rng, DAY, 9 * DAY, len(settled))
    )[chance(rng, 0.03, len(settled))]
    return pd.concat([orders, settled, refunded], ignore_index=True)


def _ledger(rng: np.random.Generator, people: People, accounts: pd.DataFrame) -> pd.DataFrame:
    """Draw ledger entries: income, card payments, fees, savings in and out."""
    parts = []
    for entry_class, line, per_month, low, high in (
        (0, CURRENT, 1.0, 90_000, 320_000),
        (1, CURRENT, 2.5, -18_000, -300),
        (2, CURRENT, 0.1, -900, -99),
        (3, SAVINGS, 0.8, 1_000, 40_000),
        (4, SAVINGS, 0.1, -30_000, -1_000),
    ):
        chosen = accounts[accounts["product_line"] == line]
        entries, at = _happenings(rng, people, chosen, per_month / 30)
        parts.append(
            entries.assign(
                entry_class=entry_class,
                cents=rng.integers(low, high, len(entries)),
                updated_at=at,
            )
        )
    ledger = pd.concat(parts, ignore_index=True)
    ledger = ledger.sort_values(["updated_at", "account"], ignore_index=True)
    return ledger.assign(entry=np.arange(len(ledger)))


def _goals(rng: np.random.Generator, world: World, accounts: pd.DataFrame) -> pd.DataFrame:
    """Draw savings goals; some begin with an insight the customer acted on."""
    people = world.people
    savers = accounts[accounts["product_line"] == SAVINGS]
    chosen = savers.iloc[at_least(rng, 0.55, 2, np.arange(len(savers)))]
    owner = chosen["customer"].to_numpy()
    begins, ends = people.column("active_from")[owner], people.column("active_until")[owner]
    started = begins + HOUR + ((ends - begins) * rng.random(len(owner)) * 0.7).astype(np.int64)
    acted = world.decisions[world.decisions["acted"] >= 0].drop_duplicates("customer")
    source: Array = np.full(people.count, -1)
    source[acted["customer"].to_numpy()] = acted.index.to_numpy()
    acted_at = np.full(people.count, NEVER)
    acted_at[acted["customer"].to_numpy()] = acted["acted"].to_numpy()
    is_caused: Bools = (acted_at[owner] >= 0) & chance(rng, 0.5, len(owner))
    started = np.where(is_caused, acted_at[owner] + MINUTE, started)
    goals = pd.DataFrame(
        {
            "customer": owner,
            "account": chosen["account"].to_numpy(),
            "goal": np.arange(len(owner)),
            "kind": rng.integers(0, len(GOAL_KINDS), len(owner)),
            "cents": rng.integers(2, 40, len(owner)) * 25_000,
            "started_at": started,
            "reached_at": NEVER,
            "cancelled_at": NEVER,
            "source": np.where(is_caused, source[owner], -1),
            "updated_at": started,
        }
    )
    fate = rng.random(len(goals))
    end = started + between(rng, 20 * DAY, 200 * DAY, len(goals))
    reached = goals.assign(reached_at=end, updated_at=end)[fate < 0.6]
    cancelled = goals.assign(cancelled_at=end, updated_at=end)[fate > 0.92]
    return pd.concat([goals, reached, cancelled], ignore_index=True)
