"""`trustlift erase`: who is meant, whether it is meant, and what is told of it."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from ingestion.erasure.erasing import read_log
from tests.unit.orchestration.calling import call

Write = Callable[..., Path]
EMAIL = "ann@mail.example"


@pytest.fixture
def config(tmp_path: Path, write_config: Write) -> Path:
    """A build that knows two customers, on a lake without rows."""
    folder = tmp_path / "data" / "warehouse"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "build.duckdb")) as build:
        build.execute(
            f"""
            create schema identity; create schema resolver;
            create table identity.identity_identifiers as
            select * from (values
                ('k1', 'customer_ref', 'cu1', false), ('k2', 'email', '{EMAIL}', false),
                ('k3', 'customer_ref', 'cu2', false)
            ) as v (identifier_key, identifier_type, identifier_value, is_blocked);
            create table resolver.identifier_customers as
            select * from (values
                ('k1', 'c0000000001'), ('k2', 'c0000000001'), ('k3', 'c0000000002')
            ) as v (identifier_key, customer_id);
            create table identity.identity_erasures as
            select identifier_key, identifier_type, identifier_value
            from identity.identity_identifiers where identifier_key = 'k3'
            """
        )
    return write_config()


def erase(
    monkeypatch: pytest.MonkeyPatch, config: Path, *words: str | Path, piped: str = ""
) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(piped))
    return call(monkeypatch, "erase", *words, "--config", config)


def test_a_person_is_forgotten_once(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = config.parent / "data"
    words = ("email", "--yes", "--json")
    assert erase(monkeypatch, config, *words, piped=f"{EMAIL}\n") == 0
    said = capsys.readouterr().out
    told = json.loads(said)
    assert (told["customers"], told["known"]) == (1, "customer_ref 1, email 1")
    assert EMAIL not in said
    assert not (data / "warehouse" / "build.duckdb").exists()
    assert [one.asked_by for one in read_log(data / "lake")] == ["command"]

    assert erase(monkeypatch, config, *words, piped=EMAIL.upper()) == 0
    assert json.loads(capsys.readouterr().out)["customers"] == 0
    assert len(read_log(data / "lake")) == 1
    assert erase(monkeypatch, config, "customer_ref", "--yes", piped="cu2") == 1
    assert "There is no build" in capsys.readouterr().err
    assert call(monkeypatch, "erasures", "--config", config) == 0
    assert "asked by command" in capsys.readouterr().out


def test_several_people_in_one_file(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tmp_path / "requests.txt"
    listed.write_text(f"email {EMAIL}\n\ncustomer_ref cu2\n")
    assert erase(monkeypatch, config, "--from", listed, "--yes") == 0
    log = read_log(config.parent / "data" / "lake")
    assert [len(one.requests) for one in log] == [2]


@pytest.mark.parametrize(
    ("words", "customers"), [(("--requested",), 1), (("--customer", "c0000000001"), 1)]
)
def test_a_dry_run_only_says_what_is_known(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    customers: int,
) -> None:
    assert erase(monkeypatch, config, *words, "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["customers"] == customers
    assert read_log(config.parent / "data" / "lake") == []
    assert (config.parent / "data" / "warehouse" / "build.duckdb").exists()


@pytest.mark.parametrize(
    ("words", "piped", "said"),
    [
        (("email",), EMAIL, "Add --yes"),
        (("email", "--yes"), "nobody@mail.example", "nobody has request 1, of type email"),
        (("email", "--yes"), " ", "request 1 has no value"),
        (("--from", "-", "--yes"), "email\n", "request 1 has no value"),
        (("--from", "-", "--yes"), "", "there is no request"),
        (("--customer", "c0000000009", "--yes"), "", "'c0000000009' is not in the build"),
        (("email", "--requested"), EMAIL, "in one way"),
        ((), "", "in one way"),
    ],
)
def test_what_is_not_meant_is_not_done(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    words: tuple[str, ...],
    piped: str,
    said: str,
) -> None:
    assert erase(monkeypatch, config, *words, piped=piped) == 2
    found = capsys.readouterr()
    assert said in found.err
    assert "mail.example" not in found.err
    assert read_log(config.parent / "data" / "lake") == []
