"""Zendesk: tickets by its incremental export, satisfaction answers by its listings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ingestion.live.faults import TableError
from ingestion.live.http import Api, ExpiredCursorError, Session
from ingestion.live.model import Pull, chosen_tables
from ingestion.live.pages import deliver
from ingestion.live.windows import Listing, Parameters, pull_listing, stuck

_TICKETS = "/api/v2/incremental/tickets/cursor.json"
# A ticket's first reply and reopenings are in its metrics, which come along on request only.
_INCLUDED: Parameters = {"include": "metric_sets"}
# A ticket closes at most 28 days after it was solved; until then its rating can be changed.
_EDITED_FOR = timedelta(days=28)
_PAGE_SIZE = 100


def _ratings_window(since: datetime, until: datetime) -> Parameters:
    return {
        "start_time": int(since.timestamp()),
        "end_time": int(until.timestamp()),
        "page[size]": _PAGE_SIZE,
    }


def _surveys_window(since: datetime, until: datetime) -> Parameters:
    return {
        "filter[created_at_start]": int(since.timestamp()),
        "filter[created_at_end]": int(until.timestamp()),
        "page[size]": _PAGE_SIZE,
    }


def _following(page: Mapping[str, Any]) -> str | None:
    meta = page.get("meta") or {}
    return meta.get("after_cursor") if meta.get("has_more") else None


_LISTINGS = {
    "satisfaction_ratings": Listing(
        table="satisfaction_ratings",
        path="/api/v2/satisfaction_ratings.json",
        records="satisfaction_ratings",
        window=_ratings_window,
        cursor_parameter="page[after]",
        following=_following,
        edited_for=_EDITED_FOR,
    ),
    "survey_responses": Listing(
        table="survey_responses",
        path="/api/v2/guide/survey_responses",
        records="survey_responses",
        window=_surveys_window,
        cursor_parameter="page[after]",
        following=_following,
        edited_for=_EDITED_FOR,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Zendesk:
    """A connector to one Zendesk account.

    Attributes:
        api: Its API.
        tables: Those wanted; empty for all. An account has one form of satisfaction answers.
        start: What changed before it is not wanted; None for all.
    """

    api: Api
    tables: tuple[str, ...] = ()
    start: datetime | None = None

    def pull(self, pull: Pull) -> None:
        """Deliver what is new."""
        session = self.api.open(pull.sleep)
        for table in chosen_tables(pull.contract, self.tables):
            try:
                if table.name in _LISTINGS:
                    pull_listing(session, _LISTINGS[table.name], pull, start=self.start)
                else:
                    self._pull_tickets(session, pull)
            except TableError as fault:
                pull.missed(fault)

    def _pull_tickets(self, session: Session, pull: Pull) -> None:
        """Follow the export's own cursor, which lasts from pull to pull."""
        cursor = pull.deliveries.cursor("tickets").get("cursor")
        is_last = False
        while not is_last:
            since = int(self.start.timestamp()) if self.start else 0
            begin: Parameters = {"cursor": cursor} if cursor else {"start_time": since}
            try:
                page = session.get(_TICKETS, {**begin, **_INCLUDED}, records="tickets")
            except ExpiredCursorError as error:
                raise TableError(
                    f"{error}: it does not accept "
                    + (f"the cursor {cursor}." if cursor else f"the start_time {since}."),
                    remedy="Correct `start`; if it is the cursor, move the source's pulled folder "
                    "aside to read everything anew.",
                ) from error
            envelope = page.envelope
            is_last = bool(envelope.get("end_of_stream", True))
            following = envelope.get("after_cursor") or cursor
            if following == cursor and not is_last:
                raise stuck(_TICKETS)
            cursor = following
            deliver(pull, "tickets", page.content, len(envelope["tickets"]), {"cursor": cursor})
