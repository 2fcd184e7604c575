import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

import warehouse
from orchestration.places import main_places
from orchestration.registry import read_registry
from orchestration.registry_command import print_registry
from orchestration.screen import make_console
from tests.unit.orchestration.calling import call

Write = Callable[..., Path]
_EXPERIMENT = (
    "select 'exp_tips' as experiment_id, 'tips' as feature_id, 'test' as kind, "
    "timestamp '2026-01-05' as started_at, cast(null as timestamp) as ended_at, "
    "cast(56 as bigint) as planned_days, 0.15::double as holdout_share, "
    "'savings_rate' as primary_metric, 0.01::double as minimum_effect, "
    "cast(null as varchar) as salt"
)


def build(connection: duckdb.DuckDBPyConnection, *faults: tuple[str, bool]) -> None:
    connection.execute("create schema core")
    connection.execute(f"create table core.dim_experiments as {_EXPERIMENT}")
    connection.execute(
        "create table core.fct_registry_faults (subject_type varchar, subject varchar, "
        "rule varchar, message varchar, is_current boolean)"
    )
    for message, is_current in faults:
        connection.execute(
            "insert into core.fct_registry_faults values "
            "('experiment', 'exp_tips', 'holdout_share', ?, ?)",
            [message, is_current],
        )


@pytest.fixture
def built(write_config: Write) -> Callable[..., Path]:
    def make(*faults: tuple[str, bool]) -> Path:
        config = write_config()
        places = main_places(config.parent / "data")
        places.build.parent.mkdir(parents=True)
        with closing(warehouse.connect(places.build)) as connection:
            build(connection, *faults)
        return config

    return make


@pytest.mark.parametrize(
    ("faults", "code"),
    [((), 0), ((("it is 0.3", True),), 3), ((("it was 0.3", False),), 0)],
    ids=["sound", "at fault", "ended at fault"],
)
def test_the_exit_code_says_whether_anything_in_force_breaks_a_rule(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    built: Callable[..., Path],
    faults: tuple[tuple[str, bool], ...],
    code: int,
) -> None:
    assert call(monkeypatch, "registry", "--json", "--config", built(*faults)) == code
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == code
    assert [one["experiment_id"] for one in told["experiments"]] == ["exp_tips"]
    assert [one["message"] for one in told["faults"]] == [message for message, _ in faults]


def test_before_the_first_run_there_is_no_registry(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], write_config: Write
) -> None:
    assert call(monkeypatch, "registry", "--config", write_config()) == 1
    assert "trustlift run" in capsys.readouterr().err


def test_experiments_and_faults_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with closing(warehouse.connect(None)) as connection:
        build(connection, ("holdout_share is 0.3, policy is 0.1 to 0.2", True))
        print_registry(make_console(), read_registry(connection))
    printed = capsys.readouterr().out
    assert "exp_tips" in printed
    assert "savings_rate" in printed
    assert "holdout_share is 0.3" in " ".join(printed.split())
    assert "1 fault in force." in printed
