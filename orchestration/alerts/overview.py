"""What a person should know of alerts, for the screen and for machines."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from orchestration.alerts import ledger
from orchestration.alerts.changes import OpenAlert
from orchestration.alerts.heartbeat import is_overdue, last_heartbeat
from orchestration.alerts.outbox import Waiting, waiting
from orchestration.alerts.store import LedgerError
from orchestration.config import Settings
from orchestration.places import main_places


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The state of alerts.

    Attributes:
        open_alerts: What is wrong now, the most severe and then the oldest first.
        waiting: What some sink has not taken yet.
        last_success: When a run last published; None before the first.
        is_overdue: Whether one should have since; never without `expected_every_hours`.
        fault: Why nothing can be said; empty if something can.
    """

    open_alerts: tuple[OpenAlert, ...]
    waiting: tuple[Waiting, ...]
    last_success: datetime | None
    is_overdue: bool
    fault: str = ""

    def __str__(self) -> str:
        if self.fault:
            return self.fault
        said = [f"{len(self.open_alerts):,} open"]
        for sink in sorted({one.sink for one in self.waiting}):
            held = [one for one in self.waiting if one.sink == sink]
            fault = next((one.fault for one in held if one.fault), "not tried yet")
            said.append(f"{len(held):,} not taken by sink {sink} ({fault})")
        return ", ".join(said) + "."

    def as_dict(self) -> dict[str, Any]:
        """Give what JSON can hold."""
        return {
            "open": [{**asdict(alert.finding), "since": alert.since} for alert in self.open_alerts],
            "waiting": [
                {
                    "sink": one.sink,
                    "message_id": one.message.message_id,
                    "title": one.message.title,
                    "attempts": one.attempts,
                    "is_refused": one.is_refused,
                    "fault": one.fault,
                }
                for one in self.waiting
            ],
            "last_success": None if self.last_success is None else self.last_success.isoformat(),
            "is_overdue": self.is_overdue,
            "fault": self.fault,
        }


def overview(settings: Settings, *, now: datetime) -> Overview:
    """Read what is open, what waits, and whether runs come; nothing is changed.

    Args:
        settings: The configuration.
        now: The time (UTC).
    """
    places = main_places(settings.data_dir)
    last = last_heartbeat(places.heartbeat)
    hours = settings.alerts.expected_every_hours
    expected = None if hours is None or last is None else timedelta(hours=hours)
    try:
        found, unsent = ledger.open_alerts(places.alerts), waiting(places.alerts)
        fault = ""
    except LedgerError as error:
        found, unsent, fault = [], [], str(error)
    return Overview(
        open_alerts=tuple(found),
        waiting=tuple(unsent),
        last_success=last,
        is_overdue=expected is not None
        and last is not None
        and is_overdue(last, watched_since=last, expected_every=expected, now=now),
        fault=fault,
    )
