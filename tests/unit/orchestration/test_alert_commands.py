import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.alerts.conditions import run_failed
from orchestration.alerts.ledger import observe
from orchestration.alerts.outbox import mark_failed, waiting
from orchestration.config_load import load_settings
from orchestration.places import main_places
from tests.unit.orchestration.calling import call

Write = Callable[..., Path]


@pytest.mark.parametrize("words", [["--config", "CONFIG", "test"], ["test", "--config", "CONFIG"]])
def test_a_test_message_goes_where_the_named_file_says(
    words: list[str], tmp_path: Path, write_config: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = tmp_path / "told.jsonl"
    config = write_config(alerts={"sinks": [{"kind": "file", "path": str(sink)}]})
    named = [str(config) if word == "CONFIG" else word for word in words]
    assert call(monkeypatch, "alerts", *named) == 0
    assert sink.exists()


def test_refused_messages_can_be_tried_again_or_dropped(
    tmp_path: Path,
    write_config: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sink = tmp_path / "told.jsonl"
    config = write_config(alerts={"sinks": [{"kind": "file", "path": str(sink)}]})
    settings = load_settings(config)
    places = main_places(settings.data_dir)
    sinks, now = settings.alerts.by_name, datetime(2026, 6, 28, tzinfo=UTC)

    def refuse(subject: str) -> None:
        run = replace(run_failed("it broke", log=places.run_log), subject=subject)
        observe(places.alerts, subject, [run], sinks=sinks, now=now)
        for one in waiting(places.alerts):
            mark_failed(places.alerts, one, fault="no", next_attempt_at=now, is_refused=True)

    refuse("first")
    assert call(monkeypatch, "alerts", "--config", config) == 0
    told = capsys.readouterr().out
    assert "tried 1 time: no" in told
    assert "alerts retry" in told
    assert call(monkeypatch, "alerts", "retry", "--config", config) == 0
    assert "1 refused message tried again, 1 sent." in capsys.readouterr().out
    assert len(sink.read_text().splitlines()) == 1
    refuse("second")
    assert call(monkeypatch, "alerts", "--json", "drop", "--config", config) == 0
    assert json.loads(capsys.readouterr().out)["dropped"][0]["title"].endswith("second")
    assert call(monkeypatch, "alerts", "retry", "--config", config) == 0
    assert len(sink.read_text().splitlines()) == 1
