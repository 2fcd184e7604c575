"""What `trustlift run` does around the pipeline: lock, log, clock, summary, exit code."""

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from rich.console import Console

from orchestration.alerts.carrier import alerting_when_it_cannot_begin, carry
from orchestration.alerts.overview import overview
from orchestration.alerts.store import LedgerError
from orchestration.as_of import choose_as_of
from orchestration.config import Settings
from orchestration.config_errors import ConfigError
from orchestration.config_load import load_settings
from orchestration.exits import CommandError, Exit
from orchestration.lock import hold_writer_lock
from orchestration.places import Places, choose_places, main_places
from orchestration.run import utc_now
from orchestration.screen import make_console, print_summary, showing_progress
from orchestration.summary import Summary, gather
from orchestration.unread import unread_sources
from warehouse import counted

SETUP_VARIABLE = "TRUSTLIFT_SETUP_SECONDS"
_EXITS = {"published": Exit.PUBLISHED, "blocked": Exit.BLOCKED, "failed": Exit.FAILED}


def run_once(
    config: Path, *, as_of: str | None, wait: bool, as_json: bool, started_at: float
) -> Exit:
    """Run the pipeline once and say what came of it.

    Args:
        config: The configuration file.
        as_of: The moment to look from, as typed.
        wait: Wait for another writer.
        as_json: Print one JSON document in place of the summary.
        started_at: Monotonic seconds when the process began.

    Raises:
        CommandError: Bad configuration, another writer, or a run that could not begin.
    """
    settings = load_settings(config)
    console = make_console(stderr=True)
    try:
        with hold_writer_lock(main_places(settings.data_dir).lock, now=utc_now(), wait=wait):
            moment = _moment(as_of, settings)
            places = choose_places(settings.data_dir, as_of=moment)
            with alerting_when_it_cannot_begin(settings, places, now=utc_now()):
                check_sources(settings, file=config, environ=os.environ)
                summary = _run(config, moment, places, console=console, started_at=started_at)
    finally:
        # `overview` says what is wrong with alerts; what became of the run comes first.
        with suppress(LedgerError):
            carry(settings, now=utc_now())
    alerts = overview(settings, now=utc_now())
    summary = replace(summary, unread=unread_sources(settings))
    code = Exit.USAGE if summary.is_users_fault else _EXITS[summary.status.state]
    if as_json:
        told = {"exit_code": int(code), **asdict(summary), "alerts": alerts.as_dict()}
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        print_summary(make_console(), summary)
        make_console().print(f"Alerts: {alerts}")
        if any(finding.endswith("warning failed") for finding in summary.gates):
            days = counted(settings.alerts.warnings_for_days, "day")
            make_console().print(f"A warning about a day more than {days} ago is no alert.")
    return code


def check_sources(settings: Settings, *, file: Path, environ: Mapping[str, str]) -> None:
    """Refuse a configured source whose folder is not there, or whose secret is not set.

    Raises:
        ConfigError: Naming every such source.
    """
    folders = [
        f"{file.name}: sources.{name}.path = {folder}: must be a folder. "
        "Correct it, remove the source, or write the sample company with `trustlift simulate`."
        for name, folder in settings.sources.folders.items()
        if not folder.is_dir()
    ]
    secrets = [
        f"{file.name}: sources.{name}: the environment variable {variable} must be set. "
        "Set it, or name another one."
        for name, reading in settings.sources.readings.items()
        for variable in reading.missing(environ)
    ]
    if folders or secrets:
        raise ConfigError([*folders, *secrets])


def _run(
    config: Path, moment: datetime, places: Places, *, console: Console, started_at: float
) -> Summary:
    from orchestration.run_log import writing_to

    with writing_to(places.run_log), showing_progress(console):
        from orchestration.pipeline import load_job, run_pipeline

        job = load_job()
        seconds = {"set_up": float(os.environ.get(SETUP_VARIABLE) or 0)}
        seconds["imports_and_parse"] = time.monotonic() - started_at
        ended = run_pipeline(job, config, as_of=moment, places=places)
    summary = gather(places, ended, seconds=seconds)
    total = seconds["set_up"] + time.monotonic() - started_at
    return replace(summary, seconds={**summary.seconds, "total": total})


def _moment(typed: str | None, settings: Settings) -> datetime:
    try:
        return choose_as_of(typed or "", settings.as_of, now=utc_now())
    except ValueError as error:
        raise CommandError(
            f"as_of {typed or settings.as_of} {error}.",
            remedy="Correct --as-of, or as_of in the configuration.",
            code=Exit.USAGE,
        ) from error
