"""A database is read from where it was left: nothing lost, nothing twice, deletes seen."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingestion.lake import write_atomically
from ingestion.live import deliveries, postgres_table
from ingestion.live.postgres import conninfo
from tests.integration.live.bank import Bank, hours, order, rows_in

ALWAYS = timedelta(0)


@pytest.fixture
def orders(bank: Bank) -> Bank:
    bank.create("orders")
    bank.insert("orders", [order(number) for number in range(3)])
    return bank


def test_only_what_changed_since_is_read_again(orders: Bank) -> None:
    connector = orders.connector("orders")
    assert orders.pull(connector, hours(0)).rows == 3
    orders.change(
        "update orders set status = 'filled', updated_at = %s where order_id = 'or1'", hours(1)
    )
    orders.insert("orders", [order(7, updated_at=hours(1))])
    assert orders.pull(connector, hours(0.2)).rows == 0
    assert orders.pull(connector, hours(24)).rows == 2
    assert orders.pull(connector, hours(25)).rows == 0
    orders.land()
    assert orders.landed("orders", "order_id, status") == [
        ("or0", "open"),
        ("or1", "filled"),
        ("or1", "open"),
        ("or2", "open"),
        ("or7", "open"),
    ]


def test_rows_count_as_received_when_the_hour_that_was_read_was_over(orders: Bank) -> None:
    orders.insert("orders", [order(8, updated_at=hours(-0.6)), order(9, updated_at=hours(-0.2))])
    orders.pull(orders.connector("orders"), hours(0))
    [extract] = orders.extracts("orders")
    assert extract.parent.name == "extracted_at=2026-03-01T08"
    orders.land()
    received = orders.landed("orders", "order_id, _received_at")
    assert [order_id for order_id, _ in received] == ["or0", "or1", "or2", "or8"]
    whole_hour = hours(-0.5).replace(tzinfo=None)
    assert {at for _, at in received} == {whole_hour - timedelta(microseconds=1)}


def test_what_was_committed_late_comes_once(orders: Bank) -> None:
    connector = orders.connector("orders")
    with psycopg.connect(orders.uri) as slow:
        slow.execute(f"set search_path = {orders.schema}")
        slow.execute(
            "insert into orders (order_id, account_id, amount, currency, status, created_at, "
            "updated_at) values ('late', 'ac1', 1, 'EUR', 'open', %s, %s)",
            [hours(-1), hours(-1)],
        )
        orders.insert("orders", [order(5, updated_at=hours(-0.6))])
        assert orders.pull(connector, hours(0)).rows == 4
        slow.commit()
    assert orders.pull(connector, hours(1)).rows == 1
    assert orders.pull(connector, hours(2)).rows == 0
    assert [found for (found,) in orders.delivered("orders", "order_id")] == [
        "late",
        "or0",
        "or1",
        "or2",
        "or5",
    ]


def test_a_soft_delete_is_a_version_and_a_hard_one_gets_a_tombstone(orders: Bank) -> None:
    connector = orders.connector("orders", compare_every=ALWAYS)
    orders.pull(connector, hours(0))
    orders.change(
        "update orders set deleted_at = %s, updated_at = %s where order_id = 'or0'",
        hours(1),
        hours(1),
    )
    orders.change("delete from orders where order_id = 'or1'")
    assert orders.pull(connector, hours(5)).rows == 2
    # Neither what ended in place nor what got its tombstone ends again.
    orders.change("delete from orders where order_id = 'or0'")
    assert orders.pull(connector, hours(6)).rows == 0
    orders.land()
    end = hours(4.5).replace(tzinfo=None) - timedelta(microseconds=1)
    assert orders.landed("orders", "order_id, deleted_at, updated_at, amount") == [
        ("or0", hours(1).replace(tzinfo=None), hours(1).replace(tzinfo=None), Decimal("12.30")),
        ("or0", None, hours(-5).replace(tzinfo=None), Decimal("12.30")),
        ("or1", end, end, Decimal("12.30")),
        ("or1", None, hours(-5).replace(tzinfo=None), Decimal("12.30")),
        ("or2", None, hours(-5).replace(tzinfo=None), Decimal("12.30")),
    ]


def test_a_row_that_comes_back_after_its_tombstone_is_read_again(orders: Bank) -> None:
    connector = orders.connector("orders", compare_every=ALWAYS)
    orders.pull(connector, hours(0))
    orders.change("delete from orders where order_id = 'or1'")
    orders.pull(connector, hours(5))
    orders.insert("orders", [order(1, updated_at=hours(6))])
    assert orders.pull(connector, hours(8)).rows == 1
    orders.change("delete from orders where order_id = 'or1'")
    assert orders.pull(connector, hours(9)).rows == 1


def test_the_comparison_finds_what_the_cursor_cannot_see(orders: Bank) -> None:
    connector = orders.connector("orders", compare_every=timedelta(hours=24))
    orders.pull(connector, hours(0))
    orders.insert(
        "orders",
        [
            order(10, updated_at=hours(-4)),
            order(11, updated_at=None),
            order(12, updated_at=hours(24 * 365)),
            order(13, updated_at=hours(24.2)),
        ],
    )
    assert orders.pull(connector, hours(23)).rows == 0
    assert orders.pull(connector, hours(24)).rows == 3
    assert orders.pull(connector, hours(48)).rows == 1
    orders.land()
    assert orders.landed("orders", "reason", below="_quarantine") == [
        ("future_event",),
        ("missing_required:updated_at",),
    ]


def test_a_table_that_was_emptied_is_not_taken_for_deletes(bank: Bank) -> None:
    bank.create("orders", "accounts")
    bank.insert("orders", [order(number) for number in range(30)])
    connector = bank.connector("orders", "accounts", compare_every=ALWAYS)
    bank.pull(connector, hours(0))
    bank.change("delete from orders")
    record = bank.pull(connector, hours(2))
    assert (record.state, record.rows) == ("failed", 0)
    assert "30 of 30 rows vanished" in record.message
    meant = bank.connector("orders", compare_every=ALWAYS, largest_delete_share=1.0)
    assert bank.pull(meant, hours(3)).rows == 30


def test_a_table_without_an_end_is_compared_for_what_was_overlooked_only(bank: Bank) -> None:
    bank.create("ledger_entries")
    entry = {"account_id": "ac1", "entry_class": "fee", "amount": "1.00", "currency": "EUR"}
    bank.insert("ledger_entries", [entry | {"entry_id": "en1", "occurred_at": hours(-3)}])
    connector = bank.connector("ledger_entries", compare_every=ALWAYS)
    bank.pull(connector, hours(0))
    bank.change("delete from ledger_entries")
    bank.insert("ledger_entries", [entry | {"entry_id": "en2", "occurred_at": hours(-9)}])
    assert bank.pull(connector, hours(2)).rows == 1
    assert [found for (found,) in bank.delivered("ledger_entries", "entry_id")] == ["en1", "en2"]


def test_a_composite_key_with_a_time_in_it_is_found_again(bank: Bank) -> None:
    bank.create("product_holdings")
    held = {"customer_id": "c1", "product_line": "cards"}
    first = held | {"valid_from": hours(-9.123456), "updated_at": hours(-9)}
    bank.insert("product_holdings", [first])
    connector = bank.connector("product_holdings", compare_every=ALWAYS)
    bank.pull(connector, hours(0))
    overlooked = held | {"valid_from": hours(-8.654321), "updated_at": hours(-8)}
    bank.insert("product_holdings", [overlooked])
    assert bank.pull(connector, hours(2)).rows == 1
    assert bank.pull(connector, hours(3)).rows == 0
    bank.change("delete from product_holdings where updated_at = %s", hours(-9))
    assert bank.pull(connector, hours(4)).rows == 1
    ended = bank.delivered("product_holdings", "valid_to is not null")
    assert ended == [(False,), (False,), (True,)]


ODD = {
    "client_order_id": 'a "quoted", and\na second line',
    "symbol": "",
    "side": None,
    "quantity": Decimal("12345678901234567890.12345678"),
    "price": Decimal("NaN"),
    "fx_rate": Decimal("0.00000001"),
    "refund_of": "ünï 🎉 \\N",
}


def test_values_are_exact_and_odd_ones_stop_nothing(orders: Bank) -> None:
    orders.change("alter table orders add column note jsonb, add column seen boolean")
    orders.insert("orders", [order(9, **ODD, note='{"a": 1}', seen=True)])
    orders.change("update orders set deleted_at = 'infinity' where order_id = 'or9'")
    assert orders.pull(orders.connector("orders"), hours(0)).state == "succeeded"
    rows = orders.delivered(
        "orders", "order_id, " + ", ".join((*ODD, "deleted_at", "note", "seen"))
    )
    found = dict(zip((*ODD, "deleted_at", "note", "seen"), rows[-1][1:], strict=True))
    assert found == ODD | {"price": None, "deleted_at": None, "note": '{"a": 1}', "seen": True}
    orders.land()
    rows = orders.landed("orders", "order_id, quantity, symbol, client_order_id")
    assert rows[-1] == ("or9", ODD["quantity"], None, ODD["client_order_id"])


class KilledError(BaseException):
    """Stands for a kill: nothing may catch it."""


@pytest.mark.parametrize("step", ["before the cursor", "after the cursor", "after the file"])
def test_a_kill_at_any_moment_loses_and_doubles_nothing(
    orders: Bank, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def write(path: Path, content: bytes) -> None:
        if step == "after the cursor":
            real_write(path, content)
        raise KilledError

    def rename(self: Path, target: Path) -> Path:
        moved = real_rename(self, target)
        if target.name.startswith("part-"):
            raise KilledError
        return moved

    real_write, real_rename = write_atomically, Path.rename
    connector = orders.connector("orders")
    with monkeypatch.context() as patched:
        if step == "after the file":
            patched.setattr(Path, "rename", rename)
        else:
            patched.setattr(deliveries, "write_atomically", write)
        with pytest.raises(KilledError):
            orders.pull(connector, hours(0))
    orders.insert("orders", [order(5, updated_at=hours(0.2))])
    orders.pull(connector, hours(2))
    assert [found for (found,) in orders.delivered("orders", "order_id")] == [
        "or0",
        "or1",
        "or2",
        "or5",
    ]


def test_a_long_table_comes_in_pages_and_goes_on_after_the_last_one(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_table, "_PAGE_BYTES", 2_000)
    bank.create("orders")
    bank.insert("orders", [order(n, updated_at=hours(-40 + n * 0.3)) for n in range(100)])
    connector = bank.connector("orders")
    commits = 0

    def commit(self: deliveries.Deliveries, *given: Any, **named: Any) -> None:
        nonlocal commits
        if commits == 3:
            raise KilledError
        real(self, *given, **named)
        commits += 1

    real = deliveries.Deliveries.commit
    with monkeypatch.context() as patched:
        patched.setattr(deliveries.Deliveries, "commit", commit)
        with pytest.raises(KilledError):
            bank.pull(connector, hours(0))
    before = bank.extracts("orders")
    assert len(before) == 3
    again = bank.pull(connector, hours(24))
    assert 0 < again.rows == 100 - sum(rows_in(path) for path in before)
    assert len(bank.extracts("orders")) > 4
    assert len({found for (found,) in bank.delivered("orders", "order_id")}) == 100
    assert len(bank.delivered("orders")) == 100


def test_a_lost_connection_is_tried_again_from_the_last_page(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_table, "_PAGE_BYTES", 2_000)
    bank.create("orders")
    bank.insert("orders", [order(n, updated_at=hours(-40 + n * 0.3)) for n in range(100)])
    real = deliveries.Deliveries.commit

    def commit(self: deliveries.Deliveries, *given: Any, **named: Any) -> None:
        real(self, *given, **named)
        if not bank.waited:
            bank.change(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'trustlift'"
            )

    monkeypatch.setattr(deliveries.Deliveries, "commit", commit)
    connector = bank.connector("orders")
    named = conninfo(connector.conninfo, credential="BANK_DSN")
    record = bank.pull(replace(connector, conninfo=named), hours(0))
    assert record.state == "succeeded"
    assert bank.waited == [1.0]
    assert len(bank.delivered("orders")) == 100


def test_one_table_that_cannot_be_read_does_not_stop_the_others(orders: Bank) -> None:
    orders.change("create table accounts (account_id text, status text)")
    orders.change("create table customers (customer_id text, updated_at text)")
    record = orders.pull(orders.connector(), hours(0))
    assert (record.state, record.rows) == ("failed", 3)
    assert f"{orders.schema}.accounts: opened_at" not in record.message
    for told in (
        "accounts: updated_at must be columns",
        "customers: the cursor updated_at must be",
        "eligibility must be a table or view",
    ):
        assert told in record.message
    assert record.succeeded_at is None


def test_a_table_that_breaks_off_does_not_stop_the_others(orders: Bank) -> None:
    orders.change(
        "create view accounts as select 'ac' || n as account_id, 1 / (n - 2) as opened_at, "
        "now() as updated_at from generate_series(1, 3) as n"
    )
    orders.change("alter table orders rename to savings")
    orders.change("create view orders as select * from savings")
    record = orders.pull(orders.connector("accounts", "orders"), hours(24 * 365 * 9))
    assert (record.state, record.rows) == ("failed", 3)
    assert "accounts cannot be read to its end (DivisionByZero)" in record.message


def test_only_the_columns_that_the_user_may_read_are_read(orders: Bank) -> None:
    role = f"{orders.schema}_reader"
    orders.change(f"create role {role} login")
    orders.change(f"grant usage on schema {orders.schema} to {role}")
    orders.change(f"grant select (order_id, amount, updated_at) on orders to {role}")
    connector = orders.connector("orders")
    uri = conninfo(orders.uri, credential="BANK_DSN", user=role)
    record = orders.pull(replace(connector, conninfo=uri), hours(0))
    assert record.state == "succeeded"
    assert len(orders.delivered("orders", "order_id, amount, updated_at")) == 3


def test_a_refused_connection_says_which_secret_and_is_not_tried_again(orders: Bank) -> None:
    connector = orders.connector("orders")
    uri = conninfo(orders.uri, credential="BANK_DSN", dbname="nobodys", password="hunter2")  # noqa: S106 - a decoy
    record = orders.pull(replace(connector, conninfo=uri), hours(0))
    assert record.state == "failed"
    assert "BANK_DSN" in record.message
    assert "hunter2" not in record.message + repr(connector)
    assert orders.waited == []


def test_a_database_that_is_away_is_tried_four_times_and_the_register_remembers_when_it_was_there(
    orders: Bank,
) -> None:
    connector = orders.connector("orders")
    orders.pull(connector, hours(0))
    away = conninfo(orders.uri, credential="BANK_DSN", host=str(orders.folder))
    record = orders.pull(replace(connector, conninfo=away), hours(3))
    assert orders.waited == [1.0, 5.0, 25.0]
    assert (record.state, record.succeeded_at) == ("failed", hours(0))
    assert "could not be reached" in record.message


def test_what_is_older_than_the_start_is_not_read(orders: Bank) -> None:
    orders.insert("orders", [order(4, updated_at=hours(-3))])
    connector = orders.connector("orders", start=hours(-4), compare_every=ALWAYS)
    assert orders.pull(connector, hours(0)).rows == 1
    assert orders.pull(connector, hours(2)).rows == 0
