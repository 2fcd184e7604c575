"""What `trustlift alerts` and the words behind it do."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from orchestration.alerts import outbox
from orchestration.alerts.carrier import carry
from orchestration.alerts.changes import OpenAlert
from orchestration.alerts.config import PingSink
from orchestration.alerts.messages import Message, text_of
from orchestration.alerts.outbox import Waiting
from orchestration.alerts.overview import Overview, overview
from orchestration.alerts.sinks import SinkError, make_send
from orchestration.config_load import load_settings
from orchestration.exits import CommandError, Exit
from orchestration.places import main_places
from orchestration.run import utc_now
from orchestration.screen import make_console
from warehouse import counted


def show_alerts(config: Path, *, as_json: bool) -> None:
    """Print what is open and what waits; nothing is sent or changed."""
    found = overview(load_settings(config), now=utc_now())
    if as_json:
        sys.stdout.write(json.dumps(found.as_dict()) + "\n")
    else:
        _print(found)


def try_sinks(config: Path, *, as_json: bool) -> Exit:
    """Send a test message to every sink, past everything that waits.

    Returns:
        FAILED if a sink did not take it.

    Raises:
        CommandError: No sink is configured.
    """
    sinks = load_settings(config).alerts.by_name
    if not sinks:
        raise CommandError(
            "alerts.sinks is empty: nobody is told of anything.",
            remedy="Name a sink; docs/operations.md has one of each kind.",
            code=Exit.USAGE,
        )
    now, send = utc_now(), make_send(os.environ)
    message = Message(
        message_id=f"trustlift-{now:%Y%m%dT%H%M%S}-test",
        at=text_of(now),
        kind="test",
        severity="page",
        title="TEST: trustlift reaches you",
        text="Somebody tried whether alerts arrive. Nothing is wrong.",
    )
    faults = {}
    for name, sink in sinks.items():
        try:
            send(sink, message)
            faults[name] = ""
        except SinkError as error:
            faults[name] = str(error)
    if as_json:
        sys.stdout.write(json.dumps({"sinks": faults}) + "\n")
    else:
        for name, fault in faults.items():
            kind = "pinged" if isinstance(sinks[name], PingSink) else "sent"
            make_console().print(f"{name}: {fault or kind}", overflow="fold")
    return Exit.FAILED if any(faults.values()) else Exit.PUBLISHED


def retry_refused(config: Path, *, as_json: bool) -> Exit:
    """Send once more what sinks refused, and whatever else is due.

    Returns:
        FAILED if a sink refused a message again.
    """
    settings = load_settings(config)
    retried = outbox.retry_refused(main_places(settings.data_dir).alerts)
    delivery = carry(settings, now=utc_now())
    refused = [one for one in delivery.waiting if one.is_refused]
    if as_json:
        told = {"retried": retried, "sent": delivery.sent, "waiting": len(delivery.waiting)}
        sys.stdout.write(json.dumps({**told, "refused": len(refused)}) + "\n")
    else:
        _print_waiting(delivery.waiting)
        console = make_console()
        console.print(f"{counted(retried, 'refused message')} tried again, {delivery.sent:,} sent.")
    return Exit.FAILED if refused else Exit.PUBLISHED


def drop_refused(config: Path, *, as_json: bool) -> None:
    """Forget what sinks refused; what is open stays open."""
    dropped = outbox.drop_refused(main_places(load_settings(config).data_dir).alerts)
    if as_json:
        told = [{"sink": one.sink, "title": one.message.title} for one in dropped]
        sys.stdout.write(json.dumps({"dropped": told}) + "\n")
        return
    console = make_console()
    for one in dropped:
        console.print(Text(f"DROPPED {one.sink}: {one.message.title}", overflow="fold"))
    console.print(f"{counted(len(dropped), 'refused message')} dropped.")


def _print(found: Overview) -> None:
    console = make_console()
    for alert in found.open_alerts:
        for line in _lines(alert):
            console.print(line)
    _print_waiting(found.waiting)
    if any(one.is_refused for one in found.waiting):
        console.print("`trustlift alerts retry` sends what was refused, `alerts drop` forgets it.")
    if found.is_overdue:
        console.print(f"OVERDUE: no run has published since {found.last_success}.")
    console.print(f"Alerts: {found}")


def _print_waiting(waiting: Sequence[Waiting]) -> None:
    console = make_console()
    for one in waiting:
        state = "REFUSED" if one.is_refused else "WAITING"
        tried = f"  tried {counted(one.attempts, 'time')}: {one.fault}"
        said = f"{state} {one.sink}: {one.message.title}"
        console.print(Text(said, style="yellow", overflow="fold"))
        console.print(Text(tried, overflow="fold"))


def _lines(alert: OpenAlert) -> list[Text]:
    finding = alert.finding
    head = f"{finding.severity.upper()} {finding.condition.replace('_', ' ')}: {finding.subject}"
    rest = (
        f"  expected {finding.expected}, found {finding.found}",
        f"  since {alert.since}, owner {finding.owner}",
        f"  {finding.remedy}",
    )
    lines = [Text(head, style="bold red" if finding.severity != "warning" else "yellow")]
    return [*lines, *(Text(line) for line in rest if line.strip()), *map(Text, finding.commands)]
