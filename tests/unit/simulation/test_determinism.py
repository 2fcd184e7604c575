import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from simulation import SimulationParameters, simulate

TINY = SimulationParameters(customers=80, days=30, chunk_size=40)
DAY = date(2025, 9, 22)


def hashes(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("healthy")
    simulate(TINY, root / "exports", root / "truth")
    return hashes(root)


def test_the_same_seed_gives_the_same_bytes(healthy: dict[str, str], tmp_path: Path) -> None:
    simulate(TINY, tmp_path / "exports", tmp_path / "truth")
    assert hashes(tmp_path) == healthy


def test_another_seed_gives_another_company(healthy: dict[str, str], tmp_path: Path) -> None:
    simulate(replace(TINY, seed=8), tmp_path / "exports", tmp_path / "truth")
    assert hashes(tmp_path) != healthy


@pytest.mark.parametrize("scenario", ["duplicated_batch", "empty_fields_batch"])
def test_a_scenario_changes_one_days_amplitude_files_only(
    healthy: dict[str, str], tmp_path: Path, scenario: str
) -> None:
    faulty = replace(TINY, scenario=scenario, scenario_date=DAY)  # type: ignore[arg-type]
    simulate(faulty, tmp_path / "exports", tmp_path / "truth")
    now = {name: value for name, value in hashes(tmp_path).items() if name.startswith("exports")}
    before = {name: value for name, value in healthy.items() if name.startswith("exports")}
    assert now.keys() == before.keys()
    changed = {name for name in now if now[name] != before[name]}
    assert changed
    assert all(name.startswith(f"exports/amplitude/187520_{DAY}_") for name in changed)
