"""Carry alerts out: after a run of the command line, or when Dagster's daemon looks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from orchestration.alerts import ledger
from orchestration.alerts.conditions import RUN, SCHEDULE, run_failed, run_overdue
from orchestration.alerts.delivery import Delivery, deliver
from orchestration.alerts.findings import Finding
from orchestration.alerts.heartbeat import is_overdue, last_heartbeat
from orchestration.alerts.sinks import make_send
from orchestration.alerts.store import LedgerError
from orchestration.config import Settings
from orchestration.exits import CommandError
from orchestration.places import Places, main_places
from orchestration.status import Status

_LONGEST_REASON = 300


def carry(settings: Settings, *, now: datetime) -> Delivery:
    """Send what waits to the configured sinks.

    Args:
        settings: The configuration.
        now: The time (UTC).

    Raises:
        LedgerError: The file of alerts cannot be read or written.
    """
    places = main_places(settings.data_dir)
    return deliver(places.alerts, settings.alerts.by_name, now=now, send=make_send(os.environ))


@contextmanager
def alerting_when_it_cannot_begin(
    settings: Settings, places: Places, *, now: datetime
) -> Iterator[None]:
    """Raise the alert of a failed run for what ends before any stage could raise it."""
    try:
        yield
    except CommandError as error:
        reason = error.message.partition("\n")[0][:_LONGEST_REASON]
        with suppress(LedgerError):
            if places.is_current:
                finding = run_failed(f"it could not begin: {reason}", log=places.run_log)
                _observe(settings, RUN, [finding], now=now)
        raise


def watch(
    settings: Settings, *, config_file: Path, watched_since: datetime, now: datetime
) -> Delivery:
    """Notice that no run has published for too long, and send what waits.

    Args:
        settings: The configuration.
        config_file: Its file, for the commands of a message.
        watched_since: When somebody began to look.
        now: The time (UTC).

    Raises:
        LedgerError: The file of alerts cannot be read or written.
    """
    expected = _expected_every(settings)
    if expected is not None:
        last = last_heartbeat(main_places(settings.data_dir).heartbeat)
        if is_overdue(last, watched_since=watched_since, expected_every=expected, now=now):
            finding = run_overdue(last, expected_every=expected, config_file=config_file)
            _observe(settings, SCHEDULE, [finding], now=now)
    return carry(settings, now=now)


def alert_if_silent(
    settings: Settings,
    status: Status | None,
    *,
    run_id: str,
    started_at: datetime,
    now: datetime,
) -> None:
    """Raise the alert of a failed run for one that died before it could raise it.

    Args:
        settings: The configuration of that run.
        status: What is known of the last run.
        run_id: The run that failed.
        started_at: When it started (UTC).
        now: The time (UTC).

    Raises:
        LedgerError: The file of alerts cannot be read or written.
    """
    # A run that ended after this one began has the last word, whatever became of this one.
    if status is None or datetime.fromisoformat(status.finished_at) < started_at:
        log = main_places(settings.data_dir).run_log
        finding = run_failed(f"run {run_id} ended without a word, as if killed", log=log)
        _observe(settings, RUN, [finding], now=now)


def _observe(settings: Settings, scope: str, findings: list[Finding], *, now: datetime) -> None:
    places = main_places(settings.data_dir)
    ledger.observe(places.alerts, scope, findings, sinks=settings.alerts.by_name, now=now)


def _expected_every(settings: Settings) -> timedelta | None:
    hours = settings.alerts.expected_every_hours
    return None if hours is None else timedelta(hours=hours)
