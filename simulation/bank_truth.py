"""What the bank's books truly say of people: money, goals, products, segments. Kept rows only."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.banking import ENTRY_CLASSES, ORDER_STATUSES, PRODUCT_LINES, RISKS, STAGES, Bank
from simulation.randomness import Bools, Ints
from simulation.second_records import ALIKE, FIRST_RECORD, UNTOLD
from simulation.truth import Truth, pick, times
from simulation.world import World


def record_bank(world: World, bank: Bank, kept: Mapping[str, Ints], truth: Truth) -> None:
    """Record the rows of a chunk's books that an ideal pipeline keeps, by person.

    Args:
        world: The chunk's lives.
        bank: Its books.
        kept: Places of the kept rows by table.
        truth: Takes them.
    """

    def rows_of(table: str) -> tuple[pd.DataFrame, pa.Array]:
        rows = bank.tables[table].iloc[kept[table]]
        person = world.registry.column("person")[rows["customer"].to_numpy()]
        return rows, world.people.refs.take(pa.array(person))

    ledger, who = rows_of("ledger_entries")
    truth.add(
        "ledger",
        pa.table(
            {
                "customer_ref": who,
                "entry": pa.array(_numbered(world, ledger["entry"])),
                "entry_class": pick(ENTRY_CLASSES, ledger["entry_class"]),
                "cents": pa.array(ledger["cents"].to_numpy()),
                "is_foreign": pa.array(ledger["is_foreign"].to_numpy() == 1),
                "pair": pa.array(_numbered(world, ledger["pair"])),
                "reverses": pa.array(_numbered(world, ledger["reverses"])),
                "event_at": times(ledger["updated_at"].to_numpy()),
            }
        ),
    )
    goals, who = rows_of("savings_goals")
    truth.add(
        "goals",
        pa.table(
            {
                "customer_ref": who,
                "goal": pa.array(_numbered(world, goals["goal"])),
                "started_at": times(goals["started_at"].to_numpy()),
                "reached_at": times(goals["reached_at"].to_numpy()),
                "updated_at": times(goals["updated_at"].to_numpy()),
            }
        ),
    )
    orders, who = rows_of("orders")
    truth.add(
        "orders",
        pa.table(
            {
                "customer_ref": who,
                "order": pa.array(_numbered(world, orders["order"])),
                "fee_cents": pa.array(orders["fee_cents"].to_numpy()),
                "status": pick(ORDER_STATUSES, orders["status"]),
                "ordered_at": times(orders["created_at"].to_numpy()),
                "updated_at": times(orders["updated_at"].to_numpy()),
            }
        ),
    )
    holdings, who = rows_of("product_holdings")
    truth.add(
        "holdings",
        pa.table(
            {
                "customer_ref": who,
                "product_line": pick(PRODUCT_LINES, holdings["product_line"]),
                "valid_from": times(holdings["valid_from"].to_numpy()),
            }
        ),
    )
    records, who = rows_of("customers")
    truth.add(
        "segments",
        pa.table(
            {
                "customer_ref": who,
                "is_surely_theirs": pa.array(_surely_theirs(world)[records["customer"]]),
                "lifecycle_stage": pick(STAGES, records["stage"]),
                "risk_segment": pick(RISKS, records["risk"]),
                "valid_from": times(records["updated_at"].to_numpy()),
            }
        ),
    )


def _surely_theirs(world: World) -> Bools:
    """Tell records that are joined by more than likeness, and tell no other date of birth."""
    registry = world.registry
    way, born = registry.column("way"), registry.column("born_day")
    agrees = (born == born[registry.column("person")]) | (born == UNTOLD)
    sure: Bools = (way == FIRST_RECORD) | ((way != ALIKE) & agrees)
    return sure


def _numbered(world: World, codes: pd.Series) -> Ints:
    """Number things over all chunks; -1 stays none."""
    number = codes.to_numpy().astype(np.int64)
    return np.where(number < 0, -1, world.people.first * 10**6 + number)
