"""The block `alerts` of `trustlift.yml`: who is told, of what, and when silence is a fault."""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from orchestration.alerts.findings import Severity
from orchestration.config_types import ConfiguredPath, PositiveInt, Strict

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ADDRESS = re.compile(r"[^@\s,<>]+@[^@\s,<>]+")


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        remedy = "write the name only, such as TRUSTLIFT_WEBHOOK_URL, and set it where runs start"
        raise PydanticCustomError(
            "variable", "must be the name of an environment variable", {"remedy": remedy}
        )
    return name


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        remedy = "write one address, such as data@example.com"
        raise PydanticCustomError("address", "must be an e-mail address", {"remedy": remedy})
    return text


VariableName = Annotated[str, AfterValidator(_variable)]
Address = Annotated[str, AfterValidator(_address)]


class _Sink(Strict):
    """What every sink has.

    Attributes:
        name: Tells sinks of one kind apart; what waits for a sink is kept under it.
        min_severity: The mildest alert it wants.
        heartbeat: Whether it is also told, once a day, that runs succeed.
    """

    name: str = Field(default="", pattern=r"^[a-z0-9_-]*$")
    min_severity: Severity = "warning"
    heartbeat: bool = False


class FileSink(_Sink):
    """A file that gets one JSON line a message."""

    kind: Literal["file"]
    path: ConfiguredPath


class WebhookSink(_Sink):
    """An address that takes Slack's messages; the URL is a secret and comes from the environment.

    Attributes:
        url_env: The variable that holds the URL.
    """

    kind: Literal["webhook"]
    url_env: VariableName


class EmailSink(_Sink):
    """A mailbox, by way of an SMTP server.

    Attributes:
        host: The server.
        port: Its port.
        security: `starttls` (default), `tls` from the first byte, or `none`.
        sender: Whom the mails come from.
        to: Whom they go to.
        username: To log in with; none without.
        password_env: The variable that holds the password.
    """

    kind: Literal["email"]
    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: Address
    to: list[Address] = Field(min_length=1)
    username: str = ""
    password_env: VariableName = "TRUSTLIFT_SMTP_PASSWORD"  # noqa: S105 - the name of a variable

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.username and self.security == "none" and self.host not in LOCAL_HOSTS:
            remedy = "set security to starttls or tls, or leave username out"
            raise PydanticCustomError(
                "clear_password", "would send a password in the clear", {"remedy": remedy}
            )
        return self


class PingSink(_Sink):
    """An address that is asked for after each run that succeeds, and watches for silence.

    Attributes:
        url_env: The variable that holds the URL.
    """

    kind: Literal["ping"]
    url_env: VariableName
    heartbeat: Literal[True] = True


Sink = FileSink | WebhookSink | EmailSink | PingSink
_AnySink = Annotated[Sink, Field(discriminator="kind")]
SINKS = (FileSink, WebhookSink, EmailSink, PingSink)


class Alerts(Strict):
    """Who is told of what.

    Attributes:
        expected_every_hours: A run should have succeeded within this time; None for no such word.
        warnings_for_days: A warning about a batch is news only so long after it was received.
        sinks: Where messages go.
    """

    expected_every_hours: PositiveInt | None = None
    warnings_for_days: PositiveInt = 7
    sinks: list[_AnySink] = Field(default_factory=list)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [sink_name(sink) for sink in self.sinks]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise PydanticCustomError(
                "sink_names",
                "must have sinks of different names",
                {"remedy": f"give all but one {repeated[0]!r} a `name` of its own"},
            )
        return self

    @property
    def by_name(self) -> dict[str, Sink]:
        """The sinks, in the file's order."""
        return {sink_name(sink): sink for sink in self.sinks}


def sink_name(sink: Sink) -> str:
    """Name a sink: as the file does, else by its kind."""
    return sink.name or sink.kind


def is_trustworthy_url(url: str) -> bool:
    """Tell whether a URL is encrypted, or does not leave this machine."""
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in LOCAL_HOSTS
    return is_local or (parts.scheme == "https" and bool(parts.hostname))
