from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.orchestration.alerts.receivers import Mailbox, Webhook, mailbox, webhook


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as server:
        yield server


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as server:
        yield server


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "alerts" / "ledger.sqlite"
