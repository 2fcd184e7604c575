"""The company that `make run` makes, whole."""

from pathlib import Path

import pytest

from simulation import SimulationParameters
from tests.integration.company import Company, simulated


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The default sample company, published."""
    whole = simulated(tmp_path_factory.mktemp("company") / "sample", SimulationParameters())
    assert whole.run() == 0
    return whole


@pytest.fixture(scope="session")
def kpi_company(company: Company) -> Company:
    """The same company: it has history enough."""
    return company


@pytest.fixture(scope="session")
def small_company(company: Company) -> Company:
    """The same company: nothing here is small."""
    return company


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A place for a company of the test's own."""
    return tmp_path / "company"
