from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from ingestion.contracts import load_contracts
from ingestion.live.http import Api
from ingestion.live.model import Connector
from ingestion.live.pulling import pull
from ingestion.live.pulls import PullRecord
from ingestion.live.zendesk import Zendesk
from ingestion.live.zigpoll import Zigpoll
from tests.unit.ingestion.live.vendors import KEY, TOKEN, Record, Vendors, serving

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def days(number: float) -> datetime:
    """The moment some days after the first pull."""
    return START + timedelta(days=number)


@dataclass
class Site:
    """Pulls from the vendors' server.

    Attributes:
        url: Where it is.
        vendors: What it holds.
        folder: Where pulls are kept.
        waited: Seconds that requests would have waited.
    """

    url: str
    vendors: Vendors
    folder: Path
    waited: list[float] = field(default_factory=list)

    def zendesk(self, *tables: str, **changes: Any) -> Connector:
        user, token = TOKEN.split(":")
        login = changes.pop("login", (user, token))
        api = Api(url=self.url, credential="ZENDESK_API_TOKEN", login=login)
        return Zendesk(api=api, tables=tables, **changes)

    def zigpoll(self, **changes: Any) -> Connector:
        api = Api(url=self.url, credential="ZIGPOLL_API_KEY", headers={"Authorization": KEY})
        return Zigpoll(api=api, account_id="acc_1", **changes)

    def pull(self, source: str, connector: Connector, now: datetime) -> PullRecord:
        return pull(
            load_contracts()[source],
            lambda: connector,
            self.folder,
            now=now,
            sleep=self.waited.append,
        )

    def delivered(self, table: str) -> list[Record]:
        """Every record delivered, by page and place."""
        pages = sorted((self.folder / table).glob("*/page-*.json"))
        key = {"responses": "data"}.get(table.split("/")[1], table.split("/")[1])
        return [record for path in pages for record in orjson.loads(path.read_bytes())[key]]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    vendors = Vendors()
    with serving(vendors) as url:
        yield Site(url, vendors, tmp_path / "pulled")
