"""A real HTTP server that speaks Zendesk's and Zigpoll's paging, and can be made to misbehave."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Record = dict[str, Any]
Query = Mapping[str, str]
Fault = Callable[["_Handler"], None]
TOKEN = "user@example.com/token:t0ken"  # noqa: S105 - of nobody
KEY = "k3y"


@dataclass
class Vendors:
    """What the server holds, and how it behaves.

    Attributes:
        tickets: Ticket versions, in the order in which the export gives them.
        listed: Records of the other endpoints by path, each with its time in `made`.
        page_size: Records in a page.
        faults: What happens to the next requests, one each; None for nothing.
        asked: Path and query of every request.
        repeated: Records of a page that the next one begins with again.
        forgotten: Cursors that the server no longer knows.
    """

    tickets: list[Record] = field(default_factory=list)
    listed: dict[str, list[Record]] = field(default_factory=dict)
    page_size: int = 2
    faults: list[Fault | None] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    repeated: int = 0
    forgotten: set[str] = field(default_factory=set)

    def answer(self, path: str, query: Query) -> Record | int:
        """Give a page, or a status."""
        cursor = query.get("cursor") or query.get("page[after]") or query.get("startCursor") or ""
        if cursor in self.forgotten:
            return 400
        if path == "/api/v2/incremental/tickets/cursor.json":
            return self._ticket_page(query)
        if path not in self.listed:
            return 404
        return self._listed_page(path, query)

    def _ticket_page(self, query: Query) -> Record:
        if "cursor" in query:
            start = int(query["cursor"].removeprefix("t"))
        else:
            since = int(query["start_time"])
            start = sum(ticket["generated_timestamp"] < since for ticket in self.tickets)
        end = min(start + self.page_size, len(self.tickets))
        return {
            "tickets": self.tickets[max(start - self.repeated, 0) : end],
            "after_url": f"https://example.zendesk.com/api/v2/incremental/tickets/cursor.json?cursor=t{end}",
            "after_cursor": f"t{end}",
            "before_url": None,
            "before_cursor": None,
            "end_of_stream": end == len(self.tickets),
        }

    def _listed_page(self, path: str, query: Query) -> Record:
        since, until, after, name = _WINDOWS[path](query)
        inside = [r for r in self.listed[path] if since <= r["made"] < until]
        # The newest first, as listings mostly are.
        inside.sort(key=lambda record: -record["made"])
        start = int(after.removeprefix("c")) if after else 0
        end = start + self.page_size
        page = inside[max(start - self.repeated, 0) : end]
        has_more = end < len(inside)
        if path == "/responses":
            return {"data": page, "hasNextPage": has_more, "endCursor": f"c{end}"}
        return {
            name: page,
            "meta": {"has_more": has_more, "after_cursor": f"c{end}", "before_cursor": None},
            "links": {"prev": None, "next": None},
        }


Window = tuple[float, float, str, str]


def _ratings(query: Query) -> Window:
    since, until = float(query["start_time"]), float(query["end_time"])
    return since, until, query.get("page[after]", ""), "satisfaction_ratings"


def _surveys(query: Query) -> Window:
    since = float(query["filter[created_at_start]"])
    until = float(query["filter[created_at_end]"])
    return since, until, query.get("page[after]", ""), "survey_responses"


def _responses(query: Query) -> Window:
    assert query["accountId"] == "acc_1"
    since, until = float(query["createdAfter"]) / 1000, float(query["createdBefore"]) / 1000
    return since, until, query.get("startCursor", ""), "data"


_WINDOWS: dict[str, Callable[[Query], Window]] = {
    "/api/v2/satisfaction_ratings.json": _ratings,
    "/api/v2/guide/survey_responses": _surveys,
    "/responses": _responses,
}


def status(code: int, **headers: str) -> Fault:
    """Answer with a status."""

    def misbehave(handler: "_Handler") -> None:
        handler.reply(code, {"error": "busy"}, headers)

    return misbehave


def dropped(handler: "_Handler") -> None:
    """Break off in the middle of the answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"tickets": [')
    handler.close_connection = True


def html(handler: "_Handler") -> None:
    """Answer as a proxy does that wants a login."""
    handler.reply(200, "<html>", {})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    vendors: Vendors

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        self.vendors.asked.append((parts.path, query))
        if self.headers.get("Authorization") not in {
            KEY,
            f"Basic {base64.b64encode(TOKEN.encode()).decode()}",
        }:
            self.reply(401, {"error": "Couldn't authenticate you"}, {})
            return
        fault = self.vendors.faults.pop(0) if self.vendors.faults else None
        if fault is not None:
            fault(self)
            return
        answer = self.vendors.answer(parts.path, query)
        if isinstance(answer, int):
            self.reply(answer, {"error": "no"}, {})
        else:
            self.reply(200, answer, {})

    def reply(self, code: int, content: object, headers: Mapping[str, str]) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def serving(vendors: Vendors) -> Iterator[str]:
    """Serve; yield the address."""
    handler = type("Handler", (_Handler,), {"vendors": vendors})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def ticket(number: int, at: datetime, **changes: object) -> Record:
    time = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": number,
        "subject": "A question",
        "description": "Where is my card?",
        "status": "open",
        "requester_id": 5,
        "tags": [],
        "via": {"channel": "web"},
        "created_at": time,
        "updated_at": time,
        "generated_timestamp": int(at.timestamp()),
        **changes,
    }


def rating(number: int, at: datetime, **changes: object) -> Record:
    time = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": number,
        "ticket_id": number,
        "requester_id": 5,
        "score": "good",
        "created_at": time,
        "updated_at": time,
        "made": at.timestamp(),
        **changes,
    }


def response(number: int, at: datetime) -> Record:
    return {
        "_id": f"r{number}",
        "createdAt": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "pollId": "p1",
        "slideId": "s1",
        "participantId": "z1",
        "answers": [{"title": "Yes", "handle": "yes"}],
        "made": at.timestamp(),
    }


def ids(records: Sequence[Record]) -> list[Any]:
    return [record.get("id", record.get("_id")) for record in records]
