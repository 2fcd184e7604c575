"""The way of a row is measured to the first publish that had its file."""

import re

import duckdb
import pytest

from tests.unit.macros.rendering import render_model

FILE = 2**32


def latencies(
    rows: list[tuple[int, str, str]], publishes: list[tuple[str, str, int]]
) -> list[tuple[float | None, ...]]:
    """Run the model on rows of one day (row_id, event_at, received_at)."""
    sql = render_model("core/fct_delivery_latency.sql")
    with duckdb.connect() as connection:
        for table in set(re.findall(r"from (stg_\w+__\w+)", sql)):
            connection.execute(
                f"create table {table} (source_name varchar, table_name varchar, row_id bigint, "
                "received_date date, event_at timestamp, received_at timestamp)"
            )
        connection.executemany(
            "insert into stg_zigpoll__responses values "
            "('zigpoll', 'responses', ?, '2026-03-01', ?, ?)",
            rows,
        )
        connection.execute(
            "create or replace table stg_lake__publishes "
            "(published_at timestamp, as_of timestamp, last_file_no bigint)"
        )
        if publishes:
            connection.executemany("insert into stg_lake__publishes values (?, ?, ?)", publishes)
        return connection.execute(
            "select landed_count, published_count, event_to_received_seconds_p50, "
            f"received_to_published_seconds_p50, received_to_published_seconds_p95 from ({sql})"
        ).fetchall()


ROWS = [
    (1 * FILE + 1, "2026-03-01 09:59:50", "2026-03-01 10:00:00"),
    (1 * FILE + FILE - 1, "2026-03-01 09:59:40", "2026-03-01 10:00:00"),
    (2 * FILE + 1, "2026-03-01 11:59:00", "2026-03-01 12:00:00"),
]


def test_a_row_that_nobody_published_has_no_way_to_analysts() -> None:
    assert latencies(ROWS, []) == [(3, 0, 20.0, None, None)]


def test_the_first_publish_with_the_file_counts_and_later_ones_do_not() -> None:
    publishes = [
        ("2026-03-01 09:00:00", "2026-03-01 09:00:00", 0),
        ("2026-03-01 11:00:00", "2026-03-01 11:00:00", 1),
        ("2026-03-01 13:00:00", "2026-03-01 13:00:00", 2),
        ("2026-03-02 13:00:00", "2026-03-02 13:00:00", 2),
    ]
    assert latencies(ROWS, publishes) == [(3, 3, 20.0, 3600.0, 3600.0)]


def test_a_publish_that_looks_from_before_the_receipt_does_not_count() -> None:
    publishes = [
        ("2026-03-01 11:00:00", "2026-03-01 09:00:00", 2),
        ("2026-03-01 12:30:00", "2026-03-01 11:00:00", 2),
    ]
    found = latencies(ROWS, publishes)
    assert found[0][:2] == (3, 2)
    assert found[0][3] == pytest.approx(9000.0)
