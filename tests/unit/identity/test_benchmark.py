"""The benchmark measures what it says: its parts run, and its day is the pipeline's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.identity import MEASUREMENTS
from benchmarks.identity_day import extend, read_day
from benchmarks.identity_graph import generate
from identity.changes import compare
from identity.state import read_state
from identity.tiers import resolve


def test_a_day_put_into_the_history_is_resolved_as_if_all_were_read_at_once(
    tmp_path: Path,
) -> None:
    people = generate(tmp_path / "history", edges=3_000)
    generate(tmp_path / "day", edges=100, first=people - 5)
    for name in ("limit", "scipy", "untiered", "tiered", "day"):
        MEASUREMENTS[name](tmp_path)()
    before, after = read_state(tmp_path / "state.npz"), read_state(tmp_path / "next.npz")
    assert len(after.graph) > len(before.graph)
    np.testing.assert_array_equal(after.resolution.customers, resolve(after.graph).customers)
    graph, changes = extend(before.graph, read_day(tmp_path / "day"))
    found = compare(before.graph, graph)
    np.testing.assert_array_equal(found.former, changes.former)
    # A day tells again what is known: more is touched, never less.
    assert not np.any(found.is_touched & ~changes.is_touched)
    refusals = before.resolution.refusals
    assert set(refusals.tier.tolist()) >= {1, 3}
