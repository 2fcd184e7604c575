"""What savings advice changes, goals sooner and more put aside; and how own money moves about."""

import numpy as np
import pandas as pd

from simulation.company import FEATURES
from simulation.parameters import DAY, HOUR, MINUTE, NEVER, SimulationParameters
from simulation.people import People
from simulation.randomness import Ints, at_least, between, chance, stream
from simulation.world import World

# Codes of `banking.ENTRY_CLASSES` and `banking.PRODUCT_LINES`.
INFLOW, DEPOSIT, WITHDRAWAL, OWN_TRANSFER = 0, 3, 4, 5
CURRENT, SAVINGS = 0, 1
_SAVINGS_FEATURE = next(
    code for code, feature in enumerate(FEATURES) if feature.feature_id == "savings_insights"
)
_WEEK = 7 * DAY
# One in ten never reaches a goal; the others' waits make medians of 11 and 17 weeks.
_NEVER_SHARE = 0.1
_TREATED_SCALE, _HELD_OUT_SCALE = 12.2 * _WEEK, 18.9 * _WEEK
_SHAPE = 2.0


def add_goals(
    parameters: SimulationParameters,
    chunk: int,
    world: World,
    goals: pd.DataFrame,
    *,
    accounts: pd.DataFrame,
    kinds: int,
) -> pd.DataFrame:
    """Add the goals that people set once there is savings advice, and when they reach them.

    Args:
        parameters: The company.
        chunk: Number of the chunk.
        world: Its lives.
        goals: Versions of the goals there are already.
        accounts: Everybody's accounts.
        kinds: How many kinds of goal there are.

    Returns:
        All versions; the new goals are numbered after the others.
    """
    rng = stream(parameters.seed, chunk, "goals_with_advice")
    people = world.people
    assigned: Ints = world.arms.assigned_at[:, _SAVINGS_FEATURE]
    is_held_out = world.arms.is_holdout[:, _SAVINGS_FEATURE]
    scale = np.where(is_held_out, _HELD_OUT_SCALE, _TREATED_SCALE)
    wait = (scale * rng.weibull(_SHAPE, people.count)).astype(np.int64) + HOUR
    started = (wait * rng.uniform(0.05, 0.4, people.count)).astype(np.int64)
    cents = rng.integers(2, 40, people.count) * 25_000
    kind = rng.integers(0, kinds, people.count)
    comes = chance(rng, 1 - _NEVER_SHARE, people.count) & (assigned < parameters.end_micros)
    closed = people.column("closed_at")
    who = np.flatnonzero(comes)
    begun = pd.DataFrame(
        {
            "customer": who,
            "account": _account_of(people, accounts, CURRENT)[who],
            "goal": goals["goal"].max() + 1 + np.arange(len(who)),
            "kind": kind[who],
            "cents": cents[who],
            "started_at": assigned[who] + started[who],
            "reached_at": NEVER,
            "cancelled_at": NEVER,
            "source": -1,
            "updated_at": assigned[who] + started[who],
        }
    )
    end = assigned[who] + wait[who]
    is_open = (closed[who] < 0) | (end < closed[who])
    reached = begun.assign(reached_at=end, updated_at=end)[is_open]
    every: pd.DataFrame = pd.concat([goals, begun, reached], ignore_index=True)
    return every


def add_entries(
    parameters: SimulationParameters,
    chunk: int,
    world: World,
    ledger: pd.DataFrame,
    *,
    accounts: pd.DataFrame,
) -> pd.DataFrame:
    """Add what advised savers put aside, moves between own accounts, reversals, foreign money.

    Args:
        parameters: The company.
        chunk: Number of the chunk.
        world: Its lives.
        ledger: The entries there are already.
        accounts: Everybody's accounts.

    Returns:
        All entries, these after the others, with `pair` (number of an own transfer), `reverses`
        (entry undone) and `is_foreign`; -1 for none.
    """
    rng = stream(parameters.seed, chunk, "own_money")
    people = world.people
    savings, current = (_account_of(people, accounts, line) for line in (SAVINGS, CURRENT))
    savers = np.flatnonzero(savings >= 0)
    advised_from = np.where(
        world.arms.is_holdout[:, _SAVINGS_FEATURE],
        parameters.end_micros,
        np.maximum(world.arms.assigned_at[:, _SAVINGS_FEATURE], people.column("active_from")),
    )
    since = people.column("active_from") + 3 * HOUR
    more, more_at = _moments(rng, people, savers, advised_from, per_month=0.6)
    moved, moved_at = _moments(rng, people, savers, since, per_month=0.15)
    spent, spent_at = _moments(rng, people, savers, since, per_month=0.12)
    abroad, abroad_at = _moments(rng, people, savers, since, per_month=0.02)
    extra = rng.integers(8_000, 40_000, len(more))
    amount, used, dollars = (
        rng.integers(1_000, 30_000, len(times)) for times in (moved, spent, abroad)
    )
    first, second = np.arange(len(moved)), len(moved) + np.arange(len(spent))
    parts = [
        _entries(more, savings, DEPOSIT, extra, more_at),
        _entries(moved, current, OWN_TRANSFER, -amount, moved_at, pair=first),
        _entries(moved, savings, OWN_TRANSFER, amount, moved_at, pair=first),
        # Savings that come back look like income on the account they come to.
        _entries(spent, savings, WITHDRAWAL, -used, spent_at, pair=second),
        _entries(spent, current, INFLOW, used, spent_at, pair=second),
        _entries(abroad, savings, DEPOSIT, dollars, abroad_at).assign(is_foreign=1),
        _reversals(rng, ledger),
    ]
    added = pd.concat(parts, ignore_index=True)
    added = added[added["updated_at"] < parameters.end_micros]
    added = added.sort_values(["updated_at", "account", "cents"], ignore_index=True)
    added["entry"] = len(ledger) + np.arange(len(added))
    every: pd.DataFrame = pd.concat(
        [ledger.assign(pair=-1, reverses=-1, is_foreign=0), added], ignore_index=True
    )
    return every


def _reversals(rng: np.random.Generator, ledger: pd.DataFrame) -> pd.DataFrame:
    """Undo a few deposits and incomes, some of them only the month after."""
    able = np.flatnonzero(ledger["entry_class"].isin((INFLOW, DEPOSIT)).to_numpy())
    undone = ledger.iloc[at_least(rng, 0.01, 4, able)]
    reversals: pd.DataFrame = undone.assign(
        cents=-undone["cents"],
        updated_at=undone["updated_at"] + between(rng, HOUR, 40 * DAY, len(undone)),
        pair=-1,
        reverses=undone["entry"],
        is_foreign=0,
    )
    return reversals


def _account_of(people: People, accounts: pd.DataFrame, line: int) -> Ints:
    """Give everybody's account of a product line, -1 for none; by local number."""
    found = np.full(people.count, -1)
    chosen = accounts[accounts["product_line"] == line]
    found[chosen["customer"].to_numpy()] = chosen["account"].to_numpy()
    return found


def _moments(
    rng: np.random.Generator, people: People, who: Ints, since: Ints, *, per_month: float
) -> tuple[Ints, Ints]:
    """Draw how often something happens to people from a moment on while active, and when."""
    length = np.maximum(people.column("active_until")[who] - since[who], 0)
    which = np.repeat(np.arange(len(who)), rng.poisson(per_month * length / (30 * DAY)))
    at = since[who][which] + (length[which] * rng.random(len(which))).astype(np.int64)
    return who[which], at // MINUTE * MINUTE


def _entries(
    who: Ints, account: Ints, entry_class: int, cents: Ints, at: Ints, *, pair: Ints | None = None
) -> pd.DataFrame:
    """Lay out ledger entries on each person's account."""
    return pd.DataFrame(
        {
            "customer": who,
            "account": account[who],
            "entry_class": entry_class,
            "cents": cents,
            "updated_at": at,
            "pair": -1 if pair is None else pair,
            "reverses": -1,
            "is_foreign": 0,
        }
    )
