"""Daily extracts of the banking core: rows changed since the extract before, as Parquet."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulation import banking, card_payments, spellings
from simulation.bank_truth import record_bank
from simulation.banking import Bank, make_bank
from simulation.channel_truth import record_acts
from simulation.company import COUNTRIES, TIMEZONES
from simulation.deliveries import Habits, deliver
from simulation.jsontext import numbers, starts, text
from simulation.parameters import DAY, HOUR, SimulationParameters
from simulation.randomness import Array, Ints, at_least, stream
from simulation.reasons import KEPT, Marks, judge
from simulation.second_records import UNTOLD
from simulation.truth import Truth, pick, times
from simulation.wallets import bank_wallet_ids
from simulation.world import World
from simulation.writers.files import day_name, next_extract

SLA = 48 * HOUR
_HABITS = Habits(usual=(0, 1), copy_share=0.01, copy=(DAY, 2 * DAY))
_TARDY = Habits(
    usual=(0, 1),
    late_share=0.01,
    late=(12 * HOUR, 23 * HOUR),
    stale_share=0.002,
    copy_share=0.01,
    copy=(DAY, 2 * DAY),
)
_BROKEN_SHARE = 0.0005


@dataclass(frozen=True)
class Given:
    """What a table's columns are made from: the chunk, its bank, the table's rows."""

    world: World
    bank: Bank
    rows: pd.DataFrame


Render = Callable[[Given], dict[str, pa.Array]]


def account_ids(world: World, bank: Bank, accounts: Array) -> pa.Array:
    """Name accounts by their number in the chunk."""
    held = bank.accounts[["customer", "product_line"]].to_numpy()
    owner = world.registry.column("number")[held[:, 0]]
    ids = [f"ac{o:08d}{line}" for o, line in zip(owner.tolist(), held[:, 1].tolist(), strict=True)]
    return pa.array(ids).take(pa.array(accounts))


def export_bank(
    parameters: SimulationParameters, chunk: int, world: World, folder: Path, truth: Truth
) -> Bank:
    """Write all tables' extracts; the first is full, each later one has the day's changes."""
    bank = make_bank(parameters, chunk, world)
    kept = {
        name: _export_table(
            parameters, chunk, world, folder, truth, bank=bank, name=name, rows=rows
        )
        for name, rows in bank.tables.items()
    }
    record_bank(world, bank, kept, truth)
    for name, places in kept.items():
        record_acts(name, bank.tables[name].iloc[places], world.registry, truth)
    return bank


def _export_table(
    parameters: SimulationParameters,
    chunk: int,
    world: World,
    folder: Path,
    truth: Truth,
    *,
    bank: Bank,
    name: str,
    rows: pd.DataFrame,
) -> Ints:
    """Write one table by extract day; a row waits for the next extract at 23:00.

    Returns:
        Places in `rows` of those that an ideal pipeline keeps.
    """
    rng = stream(parameters.seed, chunk, f"core_banking.{name}")
    is_tardy = name in ("orders", "ledger_entries")
    at = rows["updated_at"].to_numpy()
    first = parameters.start_micros + 23 * HOUR
    spared = at < first
    sent = deliver(rng, at, _TARDY if is_tardy else _HABITS, spared=spared if is_tardy else None)
    extracted = next_extract(sent.received, first)
    # The second delivery of a row of the full extract comes with a later extract.
    extracted = np.where((sent.copy == 1) & (extracted == first), first + DAY, extracted)
    order = np.lexsort((sent.copy, sent.record, extracted))
    order = order[extracted[order] < parameters.end_micros]
    if not len(order):
        return np.empty(0, dtype=np.int64)
    record, extracted = sent.record[order], extracted[order]
    is_broken = np.zeros(len(rows), dtype=bool)
    if name == "ledger_entries":
        is_broken[at_least(rng, _BROKEN_SHARE, 2, np.arange(len(rows)))] = True
    columns, key = _RENDER[name](Given(world, bank, rows)), rows.index.to_numpy()
    if is_broken.any():
        columns["currency"] = pc.if_else(
            pa.array(is_broken), pa.scalar(None, pa.string()), columns["currency"]
        )
    table = pa.table(columns).take(pa.array(record)).combine_chunks()
    firsts = starts(extracted)
    files = [
        f"{name}/extracted_at={day_name(int(extracted[f] // DAY))}T23/part-{chunk:05d}.parquet"
        for f in firsts
    ]
    ends = np.append(firsts[1:], len(record))
    for path, begin, end in zip(files, firsts, ends, strict=True):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.slice(begin, end - begin), folder / path, compression="snappy")
    file = np.repeat(np.arange(len(firsts)), ends - firsts)
    is_internal, is_erased = world.registry.flags(rows["customer"].to_numpy()[record])
    reason = judge(
        Marks(
            record=record,
            received=extracted,
            is_quarantined=is_broken[record],
            is_test=is_internal,
            is_stale=extracted - at[record] > SLA,
            is_erased=is_erased,
        )
    )
    truth.add_received(
        "core_banking",
        name,
        received=extracted,
        key=text(f"{chunk}-", numbers(key[record]), "#", numbers(sent.copy[order])),
        reason=reason,
        file=file,
        files=files,
        line=np.arange(len(record)) - firsts[file] + 1,
        flags=pd.DataFrame({"is_late": sent.is_late[order]}),
    )
    return np.unique(record[reason == KEPT])


def _decimal(cents: Array, places: int = 2) -> pa.Array:
    """Turn hundredths into exact decimals: (18,2), or (28,8) for more places."""
    kind = pa.decimal128(18, 2) if places == 2 else pa.decimal128(28, places)
    whole = pa.array(np.asarray(cents, dtype=np.int64)).cast(pa.decimal128(19, 0))
    return pc.multiply(whole, pa.scalar(Decimal("0.01"))).cast(kind)


def _always(value: str | None, count: int) -> pa.Array:
    """Repeat one text."""
    return pa.array([value] * count, pa.string())


def _customers(given: Given) -> dict[str, pa.Array]:
    people, who = given.world.registry, given.rows["customer"].to_numpy()
    zone = people.column("timezone")[who]
    born = people.column("born_day")[who].astype(np.int32)
    rng = stream(people.first, 0, "spellings")
    country = np.array(COUNTRIES, dtype=object)[zone]
    stage = np.array(banking.STAGES, dtype=object)[given.rows["stage"].to_numpy()]
    risk = np.array(banking.RISKS, dtype=object)[given.rows["risk"].to_numpy()]
    email = people.customers["email"].to_numpy(object)[who]
    phone = people.phones_at(who, given.rows["updated_at"].to_numpy())
    return {
        "customer_id": people.refs.take(who),
        "email": pa.array(spellings.mailboxes(rng, email), pa.string()),
        "phone": pa.array(spellings.phones(rng, phone, country), pa.string()),
        "date_of_birth": pa.array(born, mask=born == UNTOLD).cast(pa.date32()),
        "country": pa.array(spellings.words(rng, country), pa.string()),
        "timezone": pick(TIMEZONES, zone),
        "lifecycle_stage": pa.array(spellings.words(rng, stage), pa.string()),
        "risk_segment": pa.array(spellings.words(rng, risk), pa.string()),
        "risk_rating": pick(("A", "B", "C"), given.rows["risk"]),
        "is_staff": pa.array(people.column("is_staff")[who]),
        "is_test": pa.array(people.column("is_flagged")[who]),
        "signed_up_at": times(people.column("signed_up_at")[who]),
        "closed_at": times(given.rows["closed_at"].to_numpy()),
        "updated_at": times(given.rows["updated_at"].to_numpy()),
        "deleted_at": times(given.rows["deleted_at"].to_numpy()),
    }


def _accounts(given: Given) -> dict[str, pa.Array]:
    people, who, count = given.world.registry, given.rows["customer"].to_numpy(), len(given.rows)
    applicant = people.column("applicant")[who]
    return {
        "account_id": account_ids(given.world, given.bank, given.rows["account"].to_numpy()),
        "customer_id": people.refs.take(who),
        "product_line": pick(banking.PRODUCT_LINES, given.rows["product_line"]),
        "status": pick(("open", "closed"), (given.rows["closed_at"] >= 0).to_numpy()),
        "opened_at": times(given.rows["opened_at"].to_numpy()),
        "closed_at": times(given.rows["closed_at"].to_numpy()),
        "base_currency": _always("EUR", count),
        "kyc_applicant_id": text("kyc", numbers(applicant, applicant < 0)),
        "is_test": pa.array(people.column("has_test_account")[who]),
        "updated_at": times(given.rows["updated_at"].to_numpy()),
        "deleted_at": times(np.full(count, -1)),
    }


def _wallets(given: Given) -> dict[str, pa.Array]:
    count = len(given.rows)
    return {
        "account_id": account_ids(given.world, given.bank, given.rows["account"].to_numpy()),
        "caip10": bank_wallet_ids(given.world.people, count),
        "linked_at": times(given.rows["linked_at"].to_numpy()),
        "unlinked_at": times(np.full(count, -1)),
        "proof_type": _always("siwe", count),
        "updated_at": times(given.rows["updated_at"].to_numpy()),
    }


def _orders(given: Given) -> dict[str, pa.Array]:
    count, number = len(given.rows), numbers(given.rows["order"].to_numpy())
    prefix = f"{given.world.people.first:08d}-"
    return {
        "order_id": text(f"or{prefix}", number),
        "account_id": account_ids(given.world, given.bank, given.rows["account"].to_numpy()),
        "client_order_id": text(f"cl{prefix}", number),
        "product_line": _always("trading", count),
        "symbol": pick(banking.SYMBOLS, given.rows["symbol"]),
        "side": pick(("sell", "buy"), given.rows["is_buy"]),
        "quantity": _decimal(given.rows["quantity"].to_numpy() * 100, 8),
        "price": _decimal(given.rows["price_cents"].to_numpy(), 8),
        "amount": _decimal(given.rows["cents"].to_numpy()),
        "fee": _decimal(given.rows["fee_cents"].to_numpy()),
        "currency": _always("EUR", count),
        "fx_rate": pa.nulls(count, pa.decimal128(18, 8)),
        "status": pick(banking.ORDER_STATUSES, given.rows["status"]),
        "refund_of": _always(None, count),
        "created_at": times(given.rows["created_at"].to_numpy()),
        "updated_at": times(given.rows["updated_at"].to_numpy()),
        "deleted_at": times(np.full(count, -1)),
    }


def _ledger(given: Given) -> dict[str, pa.Array]:
    prefix = f"en{given.world.people.first:08d}-"
    zone = given.world.people.column("timezone")[given.rows["customer"].to_numpy()]
    home = pick(COUNTRIES, zone)
    return {
        "entry_id": text(prefix, numbers(given.rows["entry"].to_numpy())),
        "account_id": account_ids(given.world, given.bank, given.rows["account"].to_numpy()),
        "entry_class": pick(banking.ENTRY_CLASSES, given.rows["entry_class"]),
        "amount": _decimal(given.rows["cents"].to_numpy()),
        "currency": pick(("EUR", "USD"), given.rows["is_foreign"]),
        "transfer_pair_id": text(f"tp{prefix[2:]}", _known(given.rows["pair"])),
        "reversal_of": text(prefix, _known(given.rows["reverses"])),
        "country": pc.coalesce(pick(card_payments.COUNTRIES, given.rows["country"]), home),
        "fraud_label": pick(card_payments.LABELS, given.rows["label"]),
        "fraud_label_at": times(given.rows["label_at"].to_numpy()),
        "occurred_at": times(given.rows["updated_at"].to_numpy()),
    }


def _known(codes: pd.Series) -> pa.Array:
    """Write numbers as text; negative ones as nulls."""
    return numbers(codes.to_numpy(), (codes < 0).to_numpy())


def _goals(given: Given) -> dict[str, pa.Array]:
    count, source = len(given.rows), given.rows["source"].to_numpy()
    return {
        "goal_id": text(
            f"go{given.world.people.first:08d}-", numbers(given.rows["goal"].to_numpy())
        ),
        "account_id": account_ids(given.world, given.bank, given.rows["account"].to_numpy()),
        "kind": pick(banking.GOAL_KINDS, given.rows["kind"]),
        "target": _decimal(given.rows["cents"].to_numpy()),
        "currency": _always("EUR", count),
        "started_at": times(given.rows["started_at"].to_numpy()),
        "reached_at": times(given.rows["reached_at"].to_numpy()),
        "cancelled_at": times(given.rows["cancelled_at"].to_numpy()),
        "source_insight_id": given.world.decision_ids.take(pa.array(source, mask=source < 0)),
        "updated_at": times(given.rows["updated_at"].to_numpy()),
        "deleted_at": times(np.full(count, -1)),
    }


def _holdings(given: Given) -> dict[str, pa.Array]:
    return {
        "customer_id": given.world.people.refs.take(given.rows["customer"].to_numpy()),
        "product_line": pick(banking.PRODUCT_LINES, given.rows["product_line"]),
        "valid_from": times(given.rows["valid_from"].to_numpy()),
        "valid_to": times(np.full(len(given.rows), -1)),
        "updated_at": times(given.rows["updated_at"].to_numpy()),
    }


def _eligibility(given: Given) -> dict[str, pa.Array]:
    return {
        "customer_id": given.world.people.refs.take(given.rows["customer"].to_numpy()),
        "product_line": _always("loans", len(given.rows)),
        "reason": pick(("income_unverified", "score_sufficient"), given.rows["is_eligible"]),
        "valid_from": times(given.rows["valid_from"].to_numpy()),
        "valid_to": times(np.full(len(given.rows), -1)),
        "updated_at": times(given.rows["updated_at"].to_numpy()),
    }


_RENDER: dict[str, Render] = {
    "customers": _customers,
    "accounts": _accounts,
    "account_wallets": _wallets,
    "orders": _orders,
    "ledger_entries": _ledger,
    "savings_goals": _goals,
    "product_holdings": _holdings,
    "eligibility": _eligibility,
}
