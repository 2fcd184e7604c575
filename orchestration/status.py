"""Keep `published/status.json`: whether the last run published, and what blocks it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from orchestration.exits import CommandError
from warehouse import show_figure

State = Literal["published", "blocked", "failed"]


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """A gate's refusal.

    Attributes:
        subject: The batch `source/table/date`, or the mart.
        source: Source name, or `marts`.
        owner: Who answers for the threshold.
        expectation: What was expected.
        figure: The figure found; None if there is none.
        threshold: The limit; None if it has two and neither was broken.
        fault: Why it could not be evaluated; empty if it was.
        remedy: What to do, in a sentence.
        commands: What the user can run.
    """

    subject: str
    source: str
    owner: str
    expectation: str
    figure: float | None
    threshold: float | None
    fault: str
    remedy: str
    commands: tuple[str, ...]

    @property
    def found(self) -> str:
        """The figure in words, or why there is none."""
        return self.fault or show_figure(self.figure)


@dataclass(frozen=True, kw_only=True)
class Status:
    """What the last run came to. Times are ISO 8601, UTC."""

    state: State
    as_of: str
    run_id: str
    finished_at: str
    last_published_as_of: str | None
    last_published_at: str | None
    blocked: tuple[Blocked, ...] = ()
    message: str = ""
    remedy: str = ""


_STATUS = TypeAdapter(Status)


def read_status(path: Path) -> Status | None:
    """Read the status, or None before the first run.

    Raises:
        CommandError: The file is damaged.
    """
    if not path.exists():
        return None
    try:
        return _STATUS.validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors()[0]["msg"]
        raise CommandError(
            f"{path} must say what the last run came to, and is damaged: {fault}.",
            remedy="Remove it and run again; what is published stays, and is said anew.",
        ) from error


def write_status(path: Path, status: Status) -> None:
    """Replace the status in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".json.new")
    fresh.write_text(json.dumps(asdict(status), indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)


def last_published_as_of(path: Path) -> datetime | None:
    """Give the moment the published snapshot looks from, if there is one."""
    status = read_status(path)
    if status is None or status.last_published_as_of is None:
        return None
    return datetime.fromisoformat(status.last_published_as_of)


def record_outcome(
    path: Path,
    state: State,
    *,
    as_of: datetime,
    run_id: str,
    now: datetime,
    blocked: Sequence[Blocked] = (),
    message: str = "",
    remedy: str = "",
) -> Status:
    """Write what a run came to; a run that did not publish keeps what was published before it."""
    earlier = read_status(path)
    published = state == "published"
    status = Status(
        state=state,
        as_of=as_of.isoformat(),
        run_id=run_id,
        finished_at=now.isoformat(timespec="seconds"),
        last_published_as_of=as_of.isoformat() if published else None,
        last_published_at=now.isoformat(timespec="seconds") if published else None,
        blocked=tuple(blocked),
        message=message,
        remedy=remedy,
    )
    if not published and earlier is not None:
        status = replace(
            status,
            last_published_as_of=earlier.last_published_as_of,
            last_published_at=earlier.last_published_at,
        )
    write_status(path, status)
    return status
