"""Dagster's sensors: they carry the alerts of scheduled runs, and notice runs that never came."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.alerts.carrier import alert_if_silent, carry, watch
from orchestration.as_of import choose_as_of
from orchestration.config import Settings
from orchestration.config_load import load_settings
from orchestration.places import choose_places, main_places
from orchestration.resources import default_config_file
from orchestration.run import utc_now
from orchestration.status import read_status
from warehouse import counted

CHECK_SECONDS = 60


@dg.run_failure_sensor(
    name="alerts_of_failed_runs",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends what a failed or blocked run found; says so when it died without a word.",
)
def failed_runs(context: dg.RunFailureSensorContext) -> None:
    """Speak for a run that could not, and send what waits."""
    started_at = _started_at(context)
    report_failure(context.dagster_run, started_at=started_at, now=utc_now())


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    name="alerts_of_succeeded_runs",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends what a run found, what is over, and its heartbeat.",
)
def succeeded_runs(context: dg.RunStatusSensorContext) -> None:
    """Send what waits."""
    carry(load_settings(_config_file(context.dagster_run)), now=utc_now())


@dg.sensor(
    name="alerts_watch",
    minimum_interval_seconds=CHECK_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Notices that no run has published for too long; tries again what was not taken.",
)
def overdue_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Look whether runs come, and send what waits."""
    now, config_file = utc_now(), default_config_file()
    since = datetime.fromisoformat(context.cursor) if context.cursor else now
    context.update_cursor(since.isoformat())
    delivery = watch(
        load_settings(config_file), config_file=config_file, watched_since=since, now=now
    )
    return dg.SkipReason(f"{counted(delivery.sent, 'message')} sent, {len(delivery.waiting)} wait.")


SENSORS = (failed_runs, succeeded_runs, overdue_runs)


def report_failure(run: dg.DagsterRun, *, started_at: datetime, now: datetime) -> None:
    """Speak for a failed run if it did not itself, and send what waits.

    Args:
        run: The run.
        started_at: When it started (UTC).
        now: The time (UTC).
    """
    settings = load_settings(_config_file(run))
    if not _looks_back(run, settings, now=now):
        status = read_status(main_places(settings.data_dir).status)
        alert_if_silent(settings, status, run_id=run.run_id, started_at=started_at, now=now)
    carry(settings, now=now)


def _started_at(context: dg.RunFailureSensorContext) -> datetime:
    record = context.instance.get_run_record_by_id(context.dagster_run.run_id)
    if record is None:
        return utc_now()
    seconds = record.start_time or record.create_timestamp.timestamp()
    return datetime.fromtimestamp(seconds, tz=UTC)


def _looks_back(run: dg.DagsterRun, settings: Settings, *, now: datetime) -> bool:
    try:
        as_of = choose_as_of(str(_config(run).get("as_of", "")), settings.as_of, now=now)
    except ValueError:
        # A moment that no run takes: this may be why it failed, and is to be told.
        return False
    return not choose_places(settings.data_dir, as_of=as_of).is_current


def _config_file(run: dg.DagsterRun) -> Path:
    """Give the configuration of a run: its alerts go to the sinks that it names."""
    return Path(_config(run).get("config_file") or default_config_file())


def _config(run: dg.DagsterRun) -> dict[str, Any]:
    config: dict[str, Any] = dict(run.run_config)
    for key in ("resources", "run", "config"):
        config = config.get(key, {})
    return config
