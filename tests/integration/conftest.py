"""One published company serves every test that only looks at it, whichever process runs it."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.company import KPI_PARAMETERS, PARAMETERS, Company, simulated


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


@pytest.fixture(scope="session")
def unpublished(shared: Path) -> Company:
    """Exports and truth; whether anything has been made of them is nobody's concern."""
    root = shared / "sample"
    once(shared, "simulated", lambda: simulated(root))
    return Company(root, PARAMETERS)


@pytest.fixture(scope="session")
def company(unpublished: Company, shared: Path) -> Company:
    """A company whose marts are published. To be read only: copy it to change it."""

    def publish() -> None:
        assert unpublished.run() == 0

    once(shared, "published", publish)
    return unpublished


@pytest.fixture(scope="session")
def kpi_company(shared: Path) -> Company:
    """A company with eight months of history, in which every KPI has something to say; published.

    To be read only, as `company`.
    """
    root = shared / "kpis"

    def publish() -> None:
        assert simulated(root, KPI_PARAMETERS).run() == 0

    once(shared, "kpis", publish)
    return Company(root, KPI_PARAMETERS)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A place for a company of the test's own."""
    return tmp_path / "company"
