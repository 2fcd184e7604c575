"""A webhook and a mail server that keep what they get, and fail when told to."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Webhook:
    """What a local HTTP server got, and what it answers next.

    Attributes:
        url: Its address.
        bodies: The JSON of each POST that it took.
        ids: The idempotency keys of all requests, taken or not.
        pings: How many GETs it took.
        answers: Codes to answer, the next first; 200 when there is none.
        headers: Headers of those answers.
    """

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    pings: int = 0
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def titles(self) -> list[str]:
        """The first line of each message."""
        return [body["text"].partition("\n")[0] for body in self.bodies]


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Serve on a free port of this machine while the block lasts."""
    got = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.ids.append(self.headers["Idempotency-Key"])
            if (code := self._next()) < 300:
                got.bodies.append(json.loads(body))
            self._answer(code)

        def do_GET(self) -> None:
            code = self._next()
            got.pings += code < 300
            self._answer(code)

        def _next(self) -> int:
            return got.answers.pop(0) if got.answers else 200

        def _answer(self, code: int) -> None:
            self.send_response(code)
            for name, value in (got.headers if code >= 300 else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    got.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Mailbox:
    """What a local mail server got, and what it answers next.

    Attributes:
        port: Where it listens.
        mails: What it took.
        answers: Answers to the next mails; taken when there is none.
        strangers: Answers to recipients who are not taken.
    """

    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    strangers: dict[str, str] = field(default_factory=dict)

    @property
    def subjects(self) -> list[str]:
        """The subject of each mail."""
        return [str(mail["Subject"]).strip() for mail in self.mails]

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Take a recipient, or answer what was asked for."""
        if address in self.strangers:
            return self.strangers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, as aiosmtpd asks for it."""
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Serve on a free port of this machine while the block lasts."""
    got, loop = Mailbox(), asyncio.new_event_loop()
    # aiosmtpd's own controller cannot be given a free port.
    opening = loop.create_server(lambda: SMTP(got, hostname="localhost", loop=loop), "127.0.0.1", 0)
    server = loop.run_until_complete(opening)
    got.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield got
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
