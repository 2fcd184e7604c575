"""One published company serves every test that only looks at it."""

from pathlib import Path

import pytest

from tests.integration.company import Company, simulated


@pytest.fixture(scope="session")
def unpublished(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Exports and truth that nothing has been made of."""
    return simulated(tmp_path_factory.mktemp("company") / "sample")


@pytest.fixture(scope="session")
def company(unpublished: Company) -> Company:
    """A company whose marts are published."""
    assert unpublished.run() == 0
    return unpublished


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A place for a company of the test's own."""
    return tmp_path / "company"
