"""Zigpoll: survey responses by the time they were given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ingestion.live.faults import TableError
from ingestion.live.http import Api
from ingestion.live.model import Pull
from ingestion.live.windows import Listing, Parameters, pull_listing

_PAGE_SIZE = 1_000


@dataclass(frozen=True, kw_only=True)
class Zigpoll:
    """A connector to one Zigpoll account.

    Attributes:
        api: Its API.
        account_id: The account; the API asks for it.
        start: Responses given before it are not wanted; None for all.
    """

    api: Api
    account_id: str
    start: datetime | None = None

    def pull(self, pull: Pull) -> None:
        """Deliver what is new."""
        listing = Listing(
            table="responses",
            path="/responses",
            records="data",
            window=self._window,
            cursor_parameter="startCursor",
            following=_following,
            edited_for=timedelta(0),
        )
        try:
            pull_listing(self.api.open(pull.sleep), listing, pull, start=self.start)
        except TableError as fault:
            pull.missed(fault)

    def _window(self, since: datetime, until: datetime) -> Parameters:
        return {
            "accountId": self.account_id,
            "createdAfter": int(since.timestamp() * 1000),
            "createdBefore": int(until.timestamp() * 1000),
            "limit": _PAGE_SIZE,
        }


def _following(page: Mapping[str, Any]) -> str | None:
    return page.get("endCursor") if page.get("hasNextPage") else None
