from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.alerts import sensors
from orchestration.alerts.heartbeat import Heartbeat, write_heartbeat
from orchestration.alerts.messages import text_of
from orchestration.alerts.overview import overview
from orchestration.config_load import load_settings
from orchestration.jobs import run_config
from orchestration.places import Places, main_places
from orchestration.status import record_outcome
from tests.unit.orchestration.alerts.receivers import Webhook
from tests.unit.orchestration.alerts.samples import NOW

pytestmark = pytest.mark.usefixtures("config")
Write = Callable[..., Path]
SINK = {"kind": "webhook", "url_env": "URL"}


@pytest.fixture
def config(write_config: Write, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("URL", hook.url)
    file = write_config(alerts={"sinks": [SINK], "expected_every_hours": 26})
    monkeypatch.setenv("TRUSTLIFT_CONFIG", str(file))
    return file


@pytest.fixture
def places(config: Path) -> Places:
    return main_places(load_settings(config).data_dir)


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the watching sensor look some hours after its first look."""
    state: dict[str, Any] = {"cursor": None}

    def tick(hours: float) -> None:
        monkeypatch.setattr(sensors, "utc_now", lambda: NOW + timedelta(hours=hours))
        with dg.build_sensor_context(cursor=state["cursor"]) as context:
            state["cursor"] = sensors.overdue_runs.evaluate_tick(context).cursor

    return tick


def beat(places: Places, *, hours: float) -> None:
    at = text_of(NOW + timedelta(hours=hours))
    write_heartbeat(places.heartbeat, Heartbeat(at=at, as_of=at, run_id="1"))


def test_no_run_in_time_is_told_once_however_often_somebody_looks(
    look: Callable[[float], None], hook: Webhook
) -> None:
    for hours in (0, 1, 25, 26):
        look(hours)
    assert hook.titles == []
    for hours in (27, 28, 99):
        look(hours)
    assert hook.titles == ["PAGE: run overdue, pipeline"]


def test_a_heartbeat_in_time_keeps_it_quiet_and_an_old_one_does_not(
    look: Callable[[float], None], hook: Webhook, places: Places
) -> None:
    beat(places, hours=20)
    for hours in (0, 30, 46):
        look(hours)
    assert hook.titles == []
    look(47)
    assert hook.titles == ["PAGE: run overdue, pipeline"]
    assert "none since 2026-06-29 01:00 UTC" in hook.bodies[0]["text"]


def test_a_look_sends_what_waits(look: Callable[[float], None], hook: Webhook) -> None:
    hook.answers = [503]
    look(0)
    look(27)
    assert hook.titles == []
    look(28)
    assert hook.titles == ["PAGE: run overdue, pipeline"]


def test_status_says_that_no_run_came(config: Path, places: Places) -> None:
    settings = load_settings(config)
    assert not overview(settings, now=NOW).is_overdue, "nothing has run, so nothing is late"
    beat(places, hours=0)
    assert not overview(settings, now=NOW + timedelta(hours=26)).is_overdue
    assert overview(settings, now=NOW + timedelta(hours=27)).is_overdue


def failed_run(config: Path, **config_of_run: str) -> dg.DagsterRun:
    config_of = run_config(config_file=config, **config_of_run)
    return dg.DagsterRun(job_name="whole_pipeline", run_id="r1", run_config=config_of)


def test_a_run_that_died_without_a_word_is_told_once(config: Path, hook: Webhook) -> None:
    for _ in range(2):
        sensors.report_failure(failed_run(config), started_at=NOW, now=NOW)
    assert hook.titles == ["ERROR: run failed, pipeline"]
    assert "run r1 ended without a word" in hook.bodies[0]["text"]


@pytest.mark.parametrize("run_id", ["r1", "a later run"])
def test_a_run_that_spoke_or_was_followed_by_another_is_left_alone(
    run_id: str, config: Path, hook: Webhook, places: Places
) -> None:
    record_outcome(places.status, "blocked", as_of=NOW, run_id=run_id, now=NOW + timedelta(hours=1))
    sensors.report_failure(failed_run(config), started_at=NOW, now=NOW)
    assert hook.titles == []


def test_a_look_back_that_died_is_no_alert(config: Path, hook: Webhook, places: Places) -> None:
    record_outcome(places.status, "published", as_of=NOW, run_id="r0", now=NOW)
    died = failed_run(config, as_of="2026-01-01")
    sensors.report_failure(died, started_at=NOW + timedelta(hours=1), now=NOW)
    assert hook.titles == []


@dg.op
def _fail() -> None:
    raise dg.Failure("on purpose")


SCHEMA = {"config_file": str, "as_of": str, "wait": bool}


@dg.job(resource_defs={"run": dg.ResourceDefinition(lambda _: None, config_schema=SCHEMA)})
def failing() -> None:
    _fail()


def test_dagster_hands_its_failed_and_succeeded_runs_to_the_sensors(
    config: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "utc_now", lambda: datetime(2030, 1, 1, tzinfo=UTC))
    with dg.DagsterInstance.ephemeral() as instance:
        result = failing.execute_in_process(
            run_config=run_config(config_file=config), instance=instance, raise_on_error=False
        )
        [event] = [one for one in result.all_events if one.is_run_failure]
        ended = dg.build_run_status_sensor_context(
            sensor_name="any",
            dagster_event=event,
            dagster_instance=instance,
            dagster_run=result.dagster_run,
        )
        hook.answers = [503]
        sensors.failed_runs(ended.for_run_failure())
        assert hook.titles == []
        monkeypatch.setattr(sensors, "utc_now", lambda: datetime(2030, 1, 2, tzinfo=UTC))
        sensors.succeeded_runs(ended)
    assert hook.titles == ["ERROR: run failed, pipeline"]
