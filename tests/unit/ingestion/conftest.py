from pathlib import Path

import pytest

from ingestion.contracts import load_contracts
from tests.unit.ingestion.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, load_contracts())
