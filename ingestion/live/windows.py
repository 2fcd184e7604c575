"""A listing of records by the time they were made, read window by window.

Such an endpoint has no cursor that lasts: each pull asks for what was made since a little before
the window of the last one ended. Records may also be edited for a while after they were made, and
show it nowhere but in themselves; so a window reaches back that far, and records delivered before
as they are now are left out.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict

from ingestion.live.deliveries import Deliveries
from ingestion.live.faults import TableError
from ingestion.live.http import ExpiredCursorError, Page, Session
from ingestion.live.model import Pull
from ingestion.live.pages import deliver, page_files

_SETTLING = timedelta(minutes=1)
_OVERLAP = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Parameters = Mapping[str, str | int]


@dataclass(frozen=True)
class Listing:
    """An endpoint that lists records.

    Attributes:
        table: The table it fills.
        path: Below the API's root.
        records: Key of the list in a page.
        window: Gives the query for a window [since, until).
        cursor_parameter: Name of the cursor in a query.
        following: Returns a page's cursor to the next one, None on the last.
        edited_for: How long after it was made a record may still be edited.
    """

    table: str
    path: str
    records: str
    window: Callable[[datetime, datetime], Parameters]
    cursor_parameter: str
    following: Callable[[Mapping[str, Any]], str | None]
    edited_for: timedelta


class WindowCursor(BaseModel):
    """From where a listing is read on.

    Attributes:
        reached: Everything made before it was delivered.
        since: Start of the window under way; None between windows.
        until: Its end.
        after: The API's cursor to its next page; None before the first.
    """

    model_config = ConfigDict(extra="forbid")

    reached: AwareDatetime | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    after: str | None = None


def pull_listing(session: Session, listing: Listing, pull: Pull, *, start: datetime | None) -> None:
    """Deliver what is new in a listing, finishing first what a failed pull had begun.

    Raises:
        TableError: The endpoint cannot be read.
        PullError: The API cannot be reached, or does not accept who asks.
    """
    cursor = WindowCursor.model_validate(pull.deliveries.cursor(listing.table))
    if cursor.until is not None:
        cursor = _read_window(session, listing, pull, cursor)
    until = pull.now.astimezone(UTC) - _SETTLING
    earliest = start or _EPOCH
    since = earliest
    if cursor.reached is not None:
        since = max(earliest, cursor.reached - max(listing.edited_for, _OVERLAP))
    if since < until:
        _read_window(
            session, listing, pull, WindowCursor(reached=cursor.reached, since=since, until=until)
        )


def _read_window(
    session: Session, listing: Listing, pull: Pull, cursor: WindowCursor
) -> WindowCursor:
    if cursor.since is None or cursor.until is None:
        return cursor
    known = _delivered(pull.deliveries, listing, cursor.since)
    query = listing.window(cursor.since, cursor.until)
    is_resumed = cursor.after is not None
    while True:
        turn = {} if cursor.after is None else {listing.cursor_parameter: cursor.after}
        try:
            page = session.get(listing.path, {**query, **turn}, records=listing.records)
        except ExpiredCursorError as error:
            if not is_resumed:
                remedy = "Correct the settings of the source."
                raise TableError(f"{error}: it refuses the query.", remedy=remedy) from error
            # The cursor of an earlier pull may be too old: what it delivered is left out below.
            is_resumed, cursor = False, cursor.model_copy(update={"after": None})
            continue
        after = listing.following(page.envelope)
        if after is not None and after == cursor.after:
            raise stuck(listing.path)
        cursor = (
            WindowCursor(reached=cursor.until)
            if after is None
            else cursor.model_copy(update={"after": after})
        )
        _deliver_new(listing, pull, page, known, cursor)
        if after is None:
            return cursor


def stuck(path: str) -> TableError:
    """Return the error of an API whose pages do not go on."""
    return TableError(
        f"{path} names a page's own cursor as that of the next one: it would never end.",
        remedy="Nothing is lost; if the next run says so too, ask the vendor.",
    )


def _deliver_new(
    listing: Listing, pull: Pull, page: Page, known: set[bytes], cursor: WindowCursor
) -> None:
    found = page.envelope[listing.records]
    digests = [_digest(record) for record in found]
    new = [record for record, digest in zip(found, digests, strict=True) if digest not in known]
    known.update(digests)
    content = page.content
    if len(new) < len(found):
        content = orjson.dumps({**page.envelope, listing.records: new})
    deliver(pull, listing.table, content, len(new), cursor.model_dump(mode="json"))


def _delivered(deliveries: Deliveries, listing: Listing, since: datetime) -> set[bytes]:
    return {
        _digest(record)
        for path in page_files(deliveries, listing.table, since)
        for record in orjson.loads(path.read_bytes())[listing.records]
    }


def _digest(record: object) -> bytes:
    return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).digest()
