from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.config import Targets
from orchestration.config_errors import ConfigError
from orchestration.config_load import load_settings

Write = Callable[..., Path]
ROOT = Path(__file__).parents[3]


def test_every_fault_is_named_at_once(write_config: Write) -> None:
    config = write_config(
        policy={"min_sample": 0},
        sources={
            "amplitud": {"path": "x"},
            "custom": {"path": "x", "inputs": [{"table": "ordres"}]},
            "zendesk": {"path": "x", "close": True},
        },
    )
    with pytest.raises(ConfigError) as caught:
        load_settings(config)
    told = str(caught.value)
    for key in ("policy.min_sample", "amplitud ", "custom.inputs.0", "zendesk.close"):
        assert key in told


@pytest.mark.parametrize(
    ("changes", "key", "told"),
    [
        (
            {"timezone": "Europe/Madird"},
            "timezone",
            ["'Europe/Madird'", "must be an IANA time zone", "Europe/Madrid"],
        ),
        (
            {"data_dir": "x/data", "sources": {"braze": {"path": "x"}}},
            "sources",
            ["the folder of braze must not hold data_dir", "folder of their own"],
        ),
        ({"data_dir": ""}, "data_dir", ["''", "must be a path", "folder or file"]),
        (
            {"data_dir": "${NOT_SET_ANYWHERE}"},
            "data_dir",
            ["'${NOT_SET_ANYWHERE}'", "environment variable that is set", "Set NOT_SET_ANYWHERE"],
        ),
        (
            {"as_of": "2026-06-28 00:00:00"},
            "as_of",
            ["'2026-06-28 00:00:00'", "must carry its offset", "Write such a moment"],
        ),
        ({"as_of": "soon"}, "as_of", ["'soon'", "must be a date or a time", "Write such a moment"]),
        ({"time_zone": "UTC"}, "time_zone", ["'UTC'", "is no known key", "'timezone'"]),
        (
            {
                "alerts": {
                    "sinks": [{"kind": "webhook", "url_env": "HOOK", "url": "https://a.invalid/b"}]
                }
            },
            "alerts.sinks.0.url",
            ["(not shown)", "is no known key", "Write `url_env`"],
        ),
        (
            {"sources": {"amplitud": {"path": "x"}}},
            "sources.amplitud",
            ["x", "has no contract", "'amplitude'"],
        ),
        (
            {"sources": {"braze": {"path": "x", "close": True}}},
            "sources.braze.close",
            ["True", "is no known key", "'closed'"],
        ),
        (
            {"sources": {"braze": {"path": "x", "closed": "yes"}}},
            "sources.braze.closed",
            ["'yes'", "should be a valid boolean", "true or false"],
        ),
        (
            {"sources": {"custom": {"path": "x", "inputs": [{"table": "ordres"}]}}},
            "sources.custom.inputs.0",
            [],
        ),
        (
            {"policy": {"min_sample": 0}},
            "policy.min_sample",
            ["0", "greater than or equal to 1", "Write 1 or more"],
        ),
        (
            {"policy": {"min_sample": "30"}},
            "policy.min_sample",
            ["'30'", "should be a valid integer", "without quotes"],
        ),
        (
            {"policy": {"fdr_level": 2.0}},
            "policy.fdr_level",
            ["2.0", "less than or equal to 1", "or less"],
        ),
        (
            {"targets": {"helpful_rate": {"value": 0.8, "owner": "product"}}},
            "targets.helpful_rate.reason",
            ["is required", "Add it"],
        ),
        (
            {"alerts": {"sinks": [{"kind": "smoke", "path": "x"}]}},
            "alerts.sinks.0.kind",
            ["'smoke'", "must name a kind", "'file', 'webhook', 'email', 'ping'"],
        ),
        (
            {"alerts": {"sinks": [{"path": "x"}]}},
            "alerts.sinks.0.kind",
            ["must name a kind"],
        ),
        (
            {"alerts": {"sinks": [{"kind": "webhook"}]}},
            "alerts.sinks.0.url_env",
            ["is required", "Add it"],
        ),
        (
            {"alerts": {"sinks": [{"kind": "webhook", "url_env": "https://hooks.invalid/s3cr3t"}]}},
            "alerts.sinks.0.url_env",
            ["(not shown)", "must be the name of an environment variable"],
        ),
        (
            {"alerts": {"sinks": [{"kind": "email", "host": "h", "sender": "me", "to": ["a@b"]}]}},
            "alerts.sinks.0.sender",
            ["'me'", "must be an e-mail address", "Write one address"],
        ),
        (
            {
                "alerts": {
                    "sinks": [
                        {
                            "kind": "email",
                            "host": "smtp.invalid",
                            "security": "none",
                            "username": "u",
                            "sender": "a@b",
                            "to": ["a@b"],
                        }
                    ]
                }
            },
            "alerts.sinks.0",
            ["would send a password in the clear", "Set security"],
        ),
        (
            {
                "alerts": {
                    "sinks": [{"kind": "ping", "url_env": "A"}, {"kind": "ping", "url_env": "B"}]
                }
            },
            "alerts",
            ["different names", "all but one 'ping'"],
        ),
        (
            {"alerts": {"expected_every_hours": 0}},
            "alerts.expected_every_hours",
            ["0", "greater than or equal to 1", "Write 1 or more"],
        ),
    ],
)
def test_an_error_names_key_value_rule_and_remedy_in_one_line(
    write_config: Write, changes: dict[str, Any], key: str, told: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(write_config(**changes), environ={})
    line = next(line for line in caught.value.lines if f" {key}" in line)
    assert line.startswith("trustlift.yml: ")
    assert "\n" not in line
    assert [part for part in told if part not in line] == []


def test_every_fault_is_told_at_once(write_config: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(write_config(timezone="x", policy={"min_sample": 0}), environ={})
    assert len(caught.value.lines) == 2


def test_a_secret_is_never_shown(write_config: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(write_config(api_key="hunter2"), environ={})
    assert "hunter2" not in str(caught.value)
    assert "secrets never belong in this file" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("timezone: UTC\ntimezone: UTC\n", "written twice"),
        ("? [a, b]\n: c\n", "a key must be a word"),
        ("timezone: [\n", "line 2"),
        ("- a\n", "must be a block"),
    ],
)
def test_a_file_that_is_no_configuration_says_why(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "trustlift.yml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=told):
        load_settings(file)


def test_a_missing_file_says_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--config"):
        load_settings(tmp_path / "absent.yml")


def test_paths_are_relative_to_the_file(write_config: Write, tmp_path: Path) -> None:
    settings = load_settings(write_config(data_dir="../data"), environ={})
    assert settings.data_dir == tmp_path.parent / "data"


def test_a_default_is_relative_to_the_file_and_a_variable_to_the_shell(
    write_config: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_config(data_dir="${PLACE:-fallback}/lake")
    shell = tmp_path / "elsewhere"
    shell.mkdir()
    monkeypatch.chdir(shell)
    assert load_settings(file, environ={}).data_dir == tmp_path / "fallback" / "lake"
    assert load_settings(file, environ={"PLACE": "here"}).data_dir == shell / "here" / "lake"
    assert load_settings(file, environ={"PLACE": "/abs"}).data_dir == Path("/abs/lake")


def test_the_shipped_files_are_valid() -> None:
    assert load_settings(ROOT / "trustlift.yml").as_of == datetime(2026, 6, 28, tzinfo=UTC)
    public = load_settings(ROOT / "examples" / "public_data.yml", environ={})
    assert public.sources.closed == {"custom"}
    assert not public.sources.is_live
    assert public.sources.folders["custom"] == (ROOT.parent / "shared" / "data").resolve()


def test_every_dbt_variable_is_one_of_the_project(write_config: Write) -> None:
    target = {"value": 0.5, "owner": "product", "reason": "because"}
    targets = dict.fromkeys(Targets.model_fields, target)
    variables = load_settings(write_config(targets=targets)).dbt_variables
    declared = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    assert variables.keys() | {"as_of"} == declared.keys()


def test_defaults_agree_with_the_dbt_project(write_config: Write) -> None:
    variables = load_settings(write_config()).dbt_variables
    declared = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    del variables["timezone"]
    assert variables == {name: declared[name] for name in variables}
