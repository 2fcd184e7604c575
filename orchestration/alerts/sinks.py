"""Hand one message to one sink."""

import json
import smtplib
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from http.client import HTTPException
from typing import IO, Any, NoReturn
from urllib.error import HTTPError, URLError

from orchestration.alerts.config import (
    EmailSink,
    FileSink,
    PingSink,
    Sink,
    WebhookSink,
    is_trustworthy_url,
)
from orchestration.alerts.messages import Message

TIMEOUT_SECONDS = 10.0
# What says that this message is at fault, and not the sink or the way to it.
_MESSAGE_REFUSED = frozenset({400, 413, 422})
_LONGEST_HEADER = 150
_LONGEST_SECTION = 2_900


class SinkError(Exception):
    """A sink did not take a message; the text names no address and no secret.

    Args:
        fault: What happened.
        is_refused: The message is at fault: the same one would be refused again.
        retry_after: Seconds that the sink asks to wait; None if it does not say.
    """

    def __init__(
        self, fault: str, *, is_refused: bool = False, retry_after: int | None = None
    ) -> None:
        super().__init__(fault)
        self.is_refused = is_refused
        self.retry_after = retry_after


Send = Callable[[Sink, Message], None]


def make_send(environ: Mapping[str, str]) -> Send:
    """Make the function that sends, with the secrets of an environment."""

    def send(sink: Sink, message: Message) -> None:
        match sink:
            case FileSink():
                _append(sink, message)
            case WebhookSink():
                _post(_url(environ, sink.url_env), slack_body(message), message)
            case PingSink():
                _request(urllib.request.Request(_url(environ, sink.url_env)))  # noqa: S310
            case EmailSink():
                _mail(sink, message, password=environ.get(sink.password_env, ""))

    return send


def slack_body(message: Message) -> dict[str, object]:
    """Write a message as Slack's incoming webhooks take it."""
    title, text = _escaped(message.title), _escaped(message.text)
    cut = text if len(text) <= _LONGEST_SECTION else f"{text[:_LONGEST_SECTION]}…"
    return {
        "text": f"{title}\n{cut}",
        "blocks": [
            {
                "type": "header",
                "text": {"type": "plain_text", "text": message.title[:_LONGEST_HEADER]},
            },
            {"type": "section", "text": {"type": "mrkdwn", "text": cut}},
            {
                "type": "context",
                "elements": [{"type": "mrkdwn", "text": f"{message.at} · {message.message_id}"}],
            },
        ],
    }


def mail(sink: EmailSink, message: Message) -> EmailMessage:
    """Write a message as an e-mail; the same message has the same id at every attempt."""
    letter = EmailMessage()
    letter["Subject"] = f"[trustlift] {message.title}"
    letter["From"] = sink.sender
    letter["To"] = ", ".join(sink.to)
    letter["Date"] = format_datetime(datetime.fromisoformat(message.at))
    letter["Message-ID"] = f"<{message.message_id}@{sink.sender.partition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(f"{message.text}\n\n{message.at}\n{message.message_id}\n")
    return letter


def _append(sink: FileSink, message: Message) -> None:
    line = json.dumps(asdict(message)) + "\n"
    try:
        sink.path.parent.mkdir(parents=True, exist_ok=True)
        with sink.path.open("a+b") as file:
            # What a crash left half written must not spoil the next line.
            is_whole = file.seek(0, 2) == 0 or _last_byte(file) == b"\n"
            file.write(("" if is_whole else "\n").encode() + line.encode())
    except OSError as error:
        raise SinkError(f"cannot be written: {error.strerror}") from error


def _last_byte(file: IO[bytes]) -> bytes:
    file.seek(-1, 2)
    return file.read(1)


def _url(environ: Mapping[str, str], variable: str) -> str:
    url = environ.get(variable, "")
    if not url:
        raise SinkError(f"environment variable {variable} is not set: set it where runs start")
    if not is_trustworthy_url(url):
        raise SinkError(f"{variable} must hold an https:// address, or one of this machine")
    return url


def _post(url: str, body: Mapping[str, object], message: Message) -> None:
    request = urllib.request.Request(  # noqa: S310 - `_url` let only https through
        url,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Idempotency-Key": message.message_id},
        method="POST",
    )
    _request(request)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Take a redirect for a failure: following it would drop the message and look like success."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


def _request(request: urllib.request.Request) -> None:
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
            return
    except HTTPError as error:
        _raise_answer(error)
    except URLError as error:
        raise SinkError(f"cannot be reached: {type(error.reason).__name__}") from error
    except (OSError, HTTPException) as error:
        raise SinkError(f"cannot be reached: {type(error).__name__}") from error


def _raise_answer(error: HTTPError) -> NoReturn:
    with error:
        asked = error.headers.get("Retry-After", "")
        raise SinkError(
            f"answered HTTP {error.code}",
            is_refused=error.code in _MESSAGE_REFUSED,
            retry_after=int(asked) if asked.isdecimal() else None,
        ) from error


def _mail(sink: EmailSink, message: Message, *, password: str) -> None:
    if sink.username and not password:
        raise SinkError(f"environment variable {sink.password_env} is not set: set it")
    letter = mail(sink, message)
    try:
        with _smtp(sink) as server:
            if sink.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if sink.username:
                server.login(sink.username, password)
            # What some recipients refused comes back; only where all do, it is an error.
            refused = server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused_by(error.recipients) from None
    except smtplib.SMTPDataError as error:
        raise SinkError(
            f"answered SMTP {error.smtp_code}", is_refused=error.smtp_code >= 500
        ) from error
    except smtplib.SMTPResponseException as error:
        raise SinkError(f"answered SMTP {error.smtp_code}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise SinkError(f"cannot be reached: {type(error).__name__}") from error
    if refused:
        raise _refused_by(refused)


def _refused_by(recipients: Mapping[str, tuple[int, bytes]]) -> SinkError:
    codes = sorted({code for code, _ in recipients.values()})
    return SinkError(
        f"answered SMTP {', '.join(map(str, codes))} to {len(recipients)} of its recipients",
        is_refused=codes[0] >= 500,
    )


def _smtp(sink: EmailSink) -> smtplib.SMTP:
    if sink.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(sink.host, sink.port, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(sink.host, sink.port, timeout=TIMEOUT_SECONDS)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
