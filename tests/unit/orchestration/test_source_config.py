from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg.conninfo
import pytest

from ingestion.live.faults import PullError
from ingestion.live.postgres import Postgres
from orchestration.config_errors import ConfigError
from orchestration.config_load import load_settings
from orchestration.ingestion_stage import source_files
from orchestration.run_command import check_sources

Write = Callable[..., Path]
ROOT = Path(__file__).parents[3]
BANK = {"host": "db.internal", "database": "bank", "user": "reader"}
ZENDESK = {"url": "https://acme.zendesk.com", "user": "admin@acme.com"}


@pytest.mark.parametrize(
    ("source", "block", "key", "told"),
    [
        (
            "core_banking",
            {"path": "x", "postgres": BANK},
            "sources.core_banking",
            ["either from the files of a `path` or live", "Write one of the two"],
        ),
        ("core_banking", {}, "sources.core_banking", ["either from the files"]),
        (
            "core_banking",
            {"postgres": {"host": "db.internal"}},
            "sources.core_banking.postgres",
            ["`host`, `database` and `user`, or `dsn_env` alone", "Add what is missing"],
        ),
        (
            "core_banking",
            {"postgres": BANK | {"dsn_env": "BANK_DSN"}},
            "sources.core_banking.postgres",
            ["or `dsn_env` alone", "too much"],
        ),
        (
            "core_banking",
            {"postgres": BANK | {"password": "hunter2"}},
            "sources.core_banking.postgres.password",
            ["(not shown)", "no known key", "set an environment variable"],
        ),
        (
            "core_banking",
            {"postgres": {"dsn": "postgresql://me:hunter2@db/bank"}},
            "sources.core_banking.postgres.dsn",
            ["(not shown)", "no known key", "set an environment variable"],
        ),
        (
            "core_banking",
            {"postgres": BANK | {"password_env": "hunter2!"}},
            "sources.core_banking.postgres.password_env",
            ["(not shown)", "name of an environment variable", "write its name here"],
        ),
        (
            "core_banking",
            {"postgres": BANK | {"host": "postgresql://me:hunter2@db/bank"}},
            "sources.core_banking.postgres.host",
            ["(not shown)", "must be a host name", "under their own keys"],
        ),
        (
            "core_banking",
            {"postgres": BANK | {"overlap_minutes": 0}},
            "sources.core_banking.postgres.overlap_minutes",
            ["0", "greater than or equal to 1", "Write 1 or more"],
        ),
        (
            "zendesk",
            {"rest": ZENDESK | {"url": "https://me:hunter2@acme.zendesk.com"}},
            "sources.zendesk.rest.url",
            ["(not shown)", "https address without user", "from the environment"],
        ),
        (
            "zendesk",
            {"rest": ZENDESK | {"url": "http://acme.zendesk.com"}},
            "sources.zendesk.rest.url",
            ["must be an https address"],
        ),
        (
            "zendesk",
            {"rest": ZENDESK | {"start": "yesterday"}},
            "sources.zendesk.rest.start",
            ["'yesterday'", "must be a date or a time", "leave the key out"],
        ),
        ("zigpoll", {"rest": {}}, "sources.zigpoll.rest.account_id", ["is required", "Add it"]),
        (
            "zigpoll",
            {"postgres": BANK},
            "sources.zigpoll.postgres",
            ["is no known key"],
        ),
    ],
)
def test_a_fault_names_key_rule_and_remedy_and_no_secret(
    write_config: Write, source: str, block: dict[str, Any], key: str, told: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(write_config(sources={source: block}), environ={})
    line = next(line for line in caught.value.lines if f" {key}" in line)
    assert [part for part in told if part not in line] == []
    assert "hunter2" not in str(caught.value)


def test_a_secret_that_is_not_set_is_named_before_anything_runs(write_config: Write) -> None:
    sources = {
        "core_banking": {"postgres": BANK},
        "zendesk": {"rest": ZENDESK},
        "zigpoll": {"rest": {"account_id": "acc_1", "api_key_env": "SURVEYS"}},
    }
    file = write_config(sources=sources)
    settings = load_settings(file, environ={})
    environ = {"CORE_BANKING_PASSWORD": "", "ZENDESK_API_TOKEN": "t0ken"}
    with pytest.raises(ConfigError) as caught:
        check_sources(settings, file=file, environ=environ)
    assert [line.partition(": ")[2].partition(" must")[0] for line in caught.value.lines] == [
        "sources.core_banking: the environment variable CORE_BANKING_PASSWORD",
        "sources.zigpoll: the environment variable SURVEYS",
    ]
    check_sources(
        settings, file=file, environ=environ | {"CORE_BANKING_PASSWORD": "x", "SURVEYS": "y"}
    )


def test_a_socket_needs_no_password(write_config: Write) -> None:
    postgres = BANK | {"host": "/var/run/postgresql"}
    file = write_config(sources={"core_banking": {"postgres": postgres}})
    check_sources(load_settings(file, environ={}), file=file, environ={})


def test_a_database_is_connected_to_as_the_file_and_the_environment_say(
    write_config: Write,
) -> None:
    postgres = BANK | {"schema": "core", "tables": ["orders"], "compare_hours": 6}
    settings = load_settings(write_config(sources={"core_banking": {"postgres": postgres}}))
    reading = settings.sources.readings["core_banking"]
    connector = reading.connector({"CORE_BANKING_PASSWORD": "pass word"})
    assert isinstance(connector, Postgres)
    said = psycopg.conninfo.conninfo_to_dict(connector.conninfo)
    assert (said["host"], said["password"], said["sslmode"]) == (
        "db.internal",
        "pass word",
        "require",
    )
    assert (connector.schema, connector.tables) == ("core", ("orders",))
    assert "pass word" not in repr(connector)


def test_a_connection_string_that_is_none_is_refused_without_being_shown(
    write_config: Write,
) -> None:
    sources = {"core_banking": {"postgres": {"dsn_env": "BANK_DSN"}}}
    reading = load_settings(write_config(sources=sources)).sources.readings["core_banking"]
    with pytest.raises(PullError) as caught:
        reading.connector({"BANK_DSN": "me:hunter2@db"})
    assert "BANK_DSN must be a connection string" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_live_sources_lie_where_pulls_are_kept_and_are_no_folders_of_the_user(
    write_config: Write, tmp_path: Path
) -> None:
    sources = {"zendesk": {"rest": ZENDESK}, "zigpoll": {"path": "polls"}}
    settings = load_settings(write_config(sources=sources), environ={})
    assert settings.sources.folders == {"zigpoll": tmp_path / "polls"}
    assert settings.sources.is_live
    live = source_files(settings, "zendesk", pulled=tmp_path / "pulled")
    files = source_files(settings, "zigpoll", pulled=tmp_path / "pulled")
    assert live is not None
    assert files is not None
    assert (live.root, files.root) == (tmp_path / "pulled" / "zendesk", tmp_path / "polls")
    assert source_files(settings, "core_banking", pulled=tmp_path / "pulled") is None


def test_the_shipped_example_is_valid() -> None:
    settings = load_settings(ROOT / "examples" / "live.yml", environ={})
    assert settings.sources.readings.keys() == {"core_banking", "zendesk", "zigpoll"}
