import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from activation import HoldoutDraw, assignments, write_assignments
from ingestion.contracts import load_contract

NOW = datetime(2026, 1, 5, 10, 30, tzinfo=UTC)
UNITS = [f"c{number:06d}" for number in range(20_000)]


def drawn(experiment_id: str = "exp_tips", *, salt: str = "s", share: float = 0.15) -> HoldoutDraw:
    return HoldoutDraw(experiment_id=experiment_id, salt=salt, holdout_share=share)


def places(draw: HoldoutDraw) -> np.ndarray:
    return np.array([draw.place(unit) for unit in UNITS])


def test_places_are_uniform() -> None:
    counts, _ = np.histogram(places(drawn()), bins=100, range=(0, 1))
    assert stats.chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize("share", [0.1, 0.15, 0.2])
def test_as_many_are_held_out_as_were_asked_for(share: float) -> None:
    held_out = sum(drawn(share=share).role(unit) == "holdout" for unit in UNITS)
    assert stats.binomtest(held_out, len(UNITS), share).pvalue > 0.001


def test_a_units_place_is_the_same_for_ever() -> None:
    # Computed once: another value would move everybody who is held out today.
    assert drawn().place("c000001") == 0.4678674165486207


def test_a_larger_share_keeps_those_whom_a_smaller_one_held_out() -> None:
    few = {unit for unit in UNITS if drawn(share=0.1).role(unit) == "holdout"}
    many = {unit for unit in UNITS if drawn(share=0.2).role(unit) == "holdout"}
    assert few < many


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (drawn("exp_tips"), drawn("exp_nudges")),
        (drawn(salt="a"), drawn(salt="b")),
        (drawn("exp_a", salt="b"), drawn("exp_", salt="ab")),
    ],
    ids=["experiments", "salts", "run together"],
)
def test_draws_of_two_experiments_have_nothing_to_do_with_each_other(
    one: HoldoutDraw, other: HoldoutDraw
) -> None:
    assert stats.pearsonr(places(one), places(other)).pvalue > 0.001
    held_out = np.array([[draw.role(unit) == "holdout" for unit in UNITS] for draw in (one, other)])
    table = [[np.sum((held_out[0] == a) & (held_out[1] == b)) for a in (0, 1)] for b in (0, 1)]
    assert stats.chi2_contingency(table).pvalue > 0.001


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5])
def test_a_share_that_compares_nobody_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        drawn(share=share)


def test_rows_are_what_the_contract_takes(tmp_path: Path) -> None:
    contract = Path(__file__).parents[3] / "ingestion/contracts/experimentation.yml"
    table = load_contract(contract).tables["assignments"]
    rows = list(assignments(drawn(), UNITS[:2], unit_type="customer", now=NOW))
    required = {field.name for field in table.fields.values() if field.required}
    assert required <= rows[0].keys() <= table.fields.keys()
    file = write_assignments(rows, tmp_path, now=NOW)
    assert any(file in set(tmp_path.glob(pattern)) for pattern in table.files)


def test_each_unit_is_assigned_once() -> None:
    rows = list(assignments(drawn(), ["a", " b ", "a", "", "b"], unit_type="device", now=NOW))
    assert [(row["unit"], row["unit_type"]) for row in rows] == [("a", "device"), ("b", "device")]


def test_a_file_lies_where_the_contract_looks_and_the_same_rows_are_the_same_bytes(
    tmp_path: Path,
) -> None:
    rows = list(assignments(drawn(), UNITS[:50], unit_type="customer", now=NOW))
    file = write_assignments(rows, tmp_path, now=NOW)
    assert file == tmp_path / "assignments/2026-01-05/exp_tips-103000.jsonl.gz"
    assert [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()] == rows
    before = file.read_bytes()
    assert write_assignments(rows, tmp_path, now=NOW).read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]
