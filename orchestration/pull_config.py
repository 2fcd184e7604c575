"""How a source is read live: addresses, never secrets; those come from the environment."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from orchestration.config_types import Moment, PositiveInt, Share, Strict

if TYPE_CHECKING:
    from ingestion.live.model import Connector

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOST = re.compile(r"[A-Za-z0-9._/:-]+")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def _refuse(kind: str, rule: str, remedy: str) -> PydanticCustomError:
    # What stands where a secret may have been written is not shown.
    return PydanticCustomError(kind, "{rule}", {"rule": rule, "remedy": remedy, "is_secret": True})


def _variable(value: object) -> object:
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        rule = "must be the name of an environment variable, not the secret itself"
        raise _refuse("variable", rule, "set a variable and write its name here")
    return value


def _host(value: object) -> object:
    if not isinstance(value, str) or not _HOST.fullmatch(value) or "://" in value:
        rule = "must be a host name, an address or a folder of sockets, and nothing else"
        raise _refuse("host", rule, "write user, database and port under their own keys")
    return value


def _url(value: object) -> object:
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    if not is_safe or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        rule = "must be an https address without user, password or query"
        raise _refuse("url", rule, "write such an address; secrets come from the environment")
    return str(value).rstrip("/")


Variable = Annotated[str, BeforeValidator(_variable)]
Host = Annotated[str, BeforeValidator(_host)]
Url = Annotated[str, BeforeValidator(_url)]


class Postgres(Strict):
    """A Postgres database.

    Attributes:
        dsn_env: Environment variable that holds a whole connection string; in place of the next.
        host: Its host, or the folder of its socket.
        port: Its port.
        database: Its name.
        user: Who reads; needs no right but to select.
        password_env: Environment variable that holds the user's password.
        sslmode: As libpq means it; a socket has none.
        tables_schema: Schema of the tables.
        tables: Tables read; all that the source's contract has, if left out.
        cursors: By table, the column that grows with every change, where it is not `updated_at`.
        start: Rows changed before it are not read.
        overlap_minutes: How long a transaction may take until it commits.
        compare_hours: How often all keys are compared, to find deletes and overlooked rows.
        largest_delete_share: More of a table's rows than this do not vanish by themselves, 0-1.
    """

    dsn_env: Variable | None = None
    host: Host | None = None
    port: PositiveInt = 5432
    database: str | None = None
    user: str | None = None
    password_env: Variable = "CORE_BANKING_PASSWORD"  # noqa: S105 - a name
    sslmode: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = "require"
    tables_schema: str = Field(default="public", alias="schema")
    tables: list[str] = Field(default_factory=list)
    cursors: dict[str, str] = Field(default_factory=dict)
    start: Moment = None
    overlap_minutes: PositiveInt = 60
    compare_hours: PositiveInt = 24
    largest_delete_share: Share = 0.5

    @model_validator(mode="after")
    def _say_where(self) -> "Postgres":
        given = [self.host, self.database, self.user]
        if (self.dsn_env is None) != all(given) or (self.dsn_env is not None and any(given)):
            rule = "must say where it is: `host`, `database` and `user`, or `dsn_env` alone"
            raise _refuse("postgres", rule, "add what is missing, or remove what is too much")
        return self

    def missing(self, environ: Mapping[str, str]) -> Iterator[str]:
        """Yield the environment variables that must be set and are not."""
        is_socket = self.host is not None and self.host.startswith("/")
        needed = self.dsn_env or (None if is_socket else self.password_env)
        if needed and not environ.get(needed):
            yield needed

    def connector(self, environ: Mapping[str, str]) -> "Connector":
        """Make what reads it.

        Raises:
            PullError: The connection string is none.
        """
        from ingestion.live import postgres

        credential = self.dsn_env or self.password_env
        return postgres.Postgres(
            conninfo=postgres.conninfo(
                environ.get(self.dsn_env, "") if self.dsn_env else "",
                credential=credential,
                host=self.host,
                port=None if self.dsn_env else self.port,
                dbname=self.database,
                user=self.user,
                password=None if self.dsn_env else environ.get(self.password_env),
                sslmode=None if self.dsn_env else self.sslmode,
            ),
            credential=credential,
            schema=self.tables_schema,
            tables=tuple(self.tables),
            cursors=self.cursors,
            start=self.start,
            overlap=timedelta(minutes=self.overlap_minutes),
            compare_every=timedelta(hours=self.compare_hours),
            largest_delete_share=self.largest_delete_share,
        )


class ZendeskApi(Strict):
    """A Zendesk account.

    Attributes:
        url: Its address, such as `https://acme.zendesk.com`.
        user: E-mail address of who reads; an admin.
        token_env: Environment variable that holds the user's API token.
        tables: Tables read; all if left out. An account has one form of satisfaction answers.
        start: What changed before it is not read.
    """

    url: Url
    user: str
    token_env: Variable = "ZENDESK_API_TOKEN"  # noqa: S105 - a name
    tables: list[str] = Field(default_factory=list)
    start: Moment = None

    def missing(self, environ: Mapping[str, str]) -> Iterator[str]:
        """Yield the environment variables that must be set and are not."""
        if not environ.get(self.token_env):
            yield self.token_env

    def connector(self, environ: Mapping[str, str]) -> "Connector":
        """Make what reads it."""
        from ingestion.live.http import Api
        from ingestion.live.zendesk import Zendesk

        login = (f"{self.user}/token", environ.get(self.token_env, ""))
        api = Api(url=self.url, credential=self.token_env, login=login)
        return Zendesk(api=api, tables=tuple(self.tables), start=self.start)


class ZigpollApi(Strict):
    """A Zigpoll account.

    Attributes:
        url: Address of the API.
        account_id: The account.
        api_key_env: Environment variable that holds a private key of the account.
        start: Responses given before it are not read.
    """

    url: Url = "https://v1.zigpoll.com"
    account_id: str
    api_key_env: Variable = "ZIGPOLL_API_KEY"
    start: Moment = None

    def missing(self, environ: Mapping[str, str]) -> Iterator[str]:
        """Yield the environment variables that must be set and are not."""
        if not environ.get(self.api_key_env):
            yield self.api_key_env

    def connector(self, environ: Mapping[str, str]) -> "Connector":
        """Make what reads it."""
        from ingestion.live.http import Api
        from ingestion.live.zigpoll import Zigpoll

        headers = {"Authorization": environ.get(self.api_key_env, "")}
        api = Api(url=self.url, credential=self.api_key_env, headers=headers)
        return Zigpoll(api=api, account_id=self.account_id, start=self.start)


Reading = Postgres | ZendeskApi | ZigpollApi
"""How a source is read live."""
