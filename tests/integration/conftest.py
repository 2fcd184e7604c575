"""One published company serves every test that only looks at it, whichever process runs it."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from simulation import SimulationParameters
from tests.integration.company import KPI_PARAMETERS, PARAMETERS, SMALL, Company, simulated


def once(root: Path, name: str, make: Callable[[], object]) -> None:
    """Make something that the test processes share; who comes second waits for the first."""
    done = root / f"{name}.done"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make()
            done.touch()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a test session see."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def published(shared: Path, name: str, parameters: SimulationParameters) -> Company:
    """Simulate a company and run the pipeline on it, once for all processes."""
    root = shared / name

    def publish() -> None:
        assert simulated(root, parameters).run() == 0

    once(shared, name, publish)
    return Company(root, parameters)


@pytest.fixture(scope="session")
def company(shared: Path) -> Company:
    """A published company. To be read only: what changes a company copies the small one."""
    return published(shared, "company", PARAMETERS)


@pytest.fixture(scope="session")
def kpi_company(shared: Path) -> Company:
    """A company with eight months of history, in which every KPI has something to say; published.

    To be read only, as `company`.
    """
    return published(shared, "kpis", KPI_PARAMETERS)


@pytest.fixture(scope="session")
def small_company(shared: Path) -> Company:
    """A published company to be copied and run again."""
    return published(shared, "small", SMALL)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A place for a company of the test's own."""
    return tmp_path / "company"
