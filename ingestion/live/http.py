"""Ask an HTTP API for a page: patient with a busy server, plain about a wrong request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from ingestion.live.faults import PullError, TableError
from ingestion.live.model import Sleep

if TYPE_CHECKING:
    import requests

_ATTEMPTS = 6
_LONGEST_WAIT = 900.0
_TIMEOUT = (10.0, 60.0)
_OK = 200
_UNAUTHORISED = 401
_NO_SUCH_CURSOR = frozenset({400, 410, 422})
_BUSY = 429
_SERVER = 500


class ExpiredCursorError(Exception):
    """The API no longer knows a cursor."""


@dataclass(frozen=True)
class Page:
    """A page as it was received.

    Attributes:
        content: Its bytes.
        envelope: What they say.
    """

    content: bytes
    envelope: Mapping[str, Any]


@dataclass(frozen=True)
class Api:
    """An API that answers with pages of JSON.

    Attributes:
        url: Its root, without a slash at the end.
        credential: The environment variable of the credentials, for messages.
        headers: Sent with every request.
        login: User and password; None where a header says who asks.
    """

    url: str
    credential: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)

    def open(self, sleep: Sleep) -> "Session":
        """Return a session.

        A request is sent again after 429, 5xx and a dropped connection: when `Retry-After` says,
        else after twice as long each time.

        Args:
            sleep: Waits before a request is sent again.
        """
        from dlt.sources.helpers.requests import Client

        client = Client(
            request_timeout=_TIMEOUT,
            raise_for_status=False,
            request_max_attempts=_ATTEMPTS,
            request_backoff_factor=1,
            request_max_retry_delay=_LONGEST_WAIT,
        )
        session: Any = client.session
        session.send = session.send.retry_with(sleep=sleep)
        session.headers.update(self.headers)
        # Without an answer here, a user's .netrc would replace the header that says who asks.
        session.auth = self.login or _as_it_is
        return Session(self, session)


@dataclass(frozen=True)
class Session:
    """A session with an API."""

    api: Api
    requests: "requests.Session"

    def get(self, path: str, parameters: Mapping[str, str | int], *, records: str) -> Page:
        """Ask for a page.

        Args:
            path: Below the API's root.
            parameters: Of the query.
            records: Key of the list that a page must have.

        Raises:
            ExpiredCursorError: The API does not accept the request, which may be its cursor.
            TableError: This endpoint cannot be read.
            PullError: The API cannot be reached, or does not accept who asks.
        """
        import requests

        place = f"{self.api.url}{path}"
        try:
            answer = self.requests.get(place, params=parameters)
        except requests.RequestException as error:
            raise PullError(
                f"{place} could not be reached ({type(error).__name__}), {_ATTEMPTS} times.",
                remedy="See whether it is up and may be reached from here; the next run goes on.",
            ) from error
        self._check(place, answer.status_code)
        try:
            envelope = orjson.loads(answer.content)
            is_page = isinstance(envelope[records], list)
        except (ValueError, KeyError, TypeError):
            is_page = False
        if not is_page:
            raise TableError(
                f"{place} answered with something else than a page of `{records}`.",
                remedy="See whether the address is the API's.",
            )
        return Page(answer.content, envelope)

    def _check(self, place: str, status: int) -> None:
        if status == _UNAUTHORISED:
            raise PullError(
                f"{place} answered 401: it does not know who asks.",
                remedy=f"Correct {self.api.credential}.",
            )
        if status in _NO_SUCH_CURSOR:
            raise ExpiredCursorError(f"{place} answered {status}")
        if status == _BUSY or status >= _SERVER:
            raise PullError(
                f"{place} answered {status}, {_ATTEMPTS} times.",
                remedy="Nothing is lost: the next run goes on where this one stopped.",
            )
        if status != _OK:
            raise TableError(
                f"{place} answered {status}: it cannot be read by who asks, or is not there.",
                remedy=f"Give the account of {self.api.credential} access, or leave the table out "
                "of `tables`.",
            )


def _as_it_is(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    return request
