"""Millions of digests are found, ordered and connected as the plain ways would."""

from __future__ import annotations

import duckdb
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from identity.digests import digest_sql, find_digests, halves, order_rows
from identity.graph import components

HALVES = st.integers(0, 3) | st.integers(2**64 - 2, 2**64 - 1) | st.integers(0, 2**64 - 1)
PAIRS = st.lists(st.tuples(HALVES, HALVES), max_size=40)


def as_columns(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    rows = np.array(pairs, dtype=np.uint64).reshape(-1, 2)
    return rows[:, 0].copy(), rows[:, 1].copy()


@given(known=PAIRS, asked=PAIRS, times=st.integers(1, 30))
def test_a_digest_is_found_wherever_it_lies(
    known: list[tuple[int, int]], asked: list[tuple[int, int]], times: int
) -> None:
    listed = sorted(set(known))
    sought = (asked + known) * times
    found = find_digests(as_columns(sought), among=as_columns(listed))
    places = {pair: place for place, pair in enumerate(listed)}
    assert found.tolist() == [places.get(pair, -1) for pair in sought]


def test_digests_that_are_not_spread_are_found_all_the_same() -> None:
    known = np.arange(1, 5_000, dtype=np.uint64)
    found = find_digests((known[::-1], known[::-1]), among=(known, known))
    assert found.tolist() == list(range(4_998, -1, -1))


@given(pairs=PAIRS)
def test_rows_are_in_order_however_alike_they_begin(pairs: list[tuple[int, int]]) -> None:
    high, low = as_columns(pairs)
    order = order_rows((high, low), leading=high)
    assert [pairs[row] for row in order] == sorted(pairs)
    assert sorted(order.tolist()) == list(range(len(pairs)))


@given(
    edges=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60),
    size=st.integers(31, 40),
)
def test_components_are_named_by_their_smallest_node(
    edges: list[tuple[int, int]], size: int
) -> None:
    left, right = np.array(edges, dtype=np.int32).reshape(-1, 2).T
    _, labels = connected_components(
        coo_array((np.ones(len(left)), (left, right)), shape=(size, size)), directed=False
    )
    smallest = {label: node for node, label in reversed(list(enumerate(labels.tolist())))}
    assert components(size, left, right).tolist() == [smallest[one] for one in labels.tolist()]


def test_a_key_that_is_no_digest_reads_as_zeros() -> None:
    text = "0123456789abcdef" + "00000000000000ff"
    keys = [text, "g" * 32, "ab", text + "00"]
    rows = " union all ".join(f"select {n} as n, '{key}' as key" for n, key in enumerate(keys))
    with duckdb.connect() as connection:
        table = connection.sql(
            f"select {digest_sql('key')} as digest from ({rows}) order by n"
        ).to_arrow_table()
    high, low = halves(table["digest"])
    assert high.tolist() == [0x0123456789ABCDEF, 0, 0, 0]
    assert low.tolist() == [255, 0, 0, 0]
    part = halves(table["digest"].slice(1).cast("binary"))
    assert [half.tolist() for half in part] == [[0, 0, 0], [0, 0, 0]]
