from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from simulation import SimulationParameters, simulate


def test_the_default_company_ends_300_days_after_its_start() -> None:
    parameters = SimulationParameters()
    assert parameters.as_of == datetime(2026, 6, 28, tzinfo=UTC)
    assert parameters.faulty_date == date(2026, 6, 21)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"customers": 3}, "customers=3"),
        ({"days": 5}, "days=5"),
        ({"chunk_size": 50_000}, "chunk_size=50000"),
        ({"scenario": "flood"}, "duplicated_batch"),
        ({"scenario_date": date(2030, 1, 1)}, "inside the simulated period"),
    ],
)
def test_a_wrong_value_is_named_with_its_rule(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        SimulationParameters(**wrong)


def test_chunks_cover_every_customer_once_and_none_is_tiny() -> None:
    chunks = SimulationParameters(customers=1_010, chunk_size=500).chunks
    assert [number for chunk in chunks for number in chunk] == list(range(1_010))
    assert min(map(len, chunks)) >= 40


def test_two_companies_never_share_a_folder(company: Path) -> None:
    with pytest.raises(FileExistsError, match="one folder holds one company"):
        simulate(SimulationParameters(customers=40, days=30), company / "exports", company / "t")
