"""The sign that runs succeed: without it, silence could be mistaken for health."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """The last run that published. Times are ISO 8601, UTC.

    Attributes:
        at: When it ended.
        as_of: The moment it looked from.
        run_id: Its id.
    """

    at: str
    as_of: str
    run_id: str


def write_heartbeat(path: Path, heartbeat: Heartbeat) -> None:
    """Replace the heartbeat in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".json.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(heartbeat), indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def last_heartbeat(path: Path) -> datetime | None:
    """Read when the last run published; None before the first, or if the file says nothing."""
    try:
        return datetime.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_overdue(
    last: datetime | None, *, watched_since: datetime, expected_every: timedelta, now: datetime
) -> bool:
    """Tell whether a run should have published by now.

    Args:
        last: The last heartbeat; None if there was none.
        watched_since: When somebody began to look: counts until the first heartbeat.
        expected_every: How often one should come.
        now: The time (UTC).
    """
    return now - (last or watched_since) > expected_every
