"""Live sources that the last pull could not read in whole, for those who look at a run."""

from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from orchestration.config import Settings
from orchestration.places import main_places


@dataclass(frozen=True, kw_only=True)
class UnreadSource:
    """A live source that was not read in whole.

    Attributes:
        source: Its name.
        message: What was wrong, and what to do.
        last_read_at: When it was last read in whole, ISO 8601, UTC; None for never.
    """

    source: str
    message: str
    last_read_at: str | None


def unread_sources(settings: Settings) -> tuple[UnreadSource, ...]:
    """List the configured live sources whose last pull failed."""
    from ingestion.live.pulls import read_pulls

    readings = settings.sources.readings
    if not readings:
        return ()
    return tuple(
        UnreadSource(
            source=source,
            message=record.message,
            last_read_at=(
                record.succeeded_at.isoformat(timespec="seconds") if record.succeeded_at else None
            ),
        )
        for source, record in read_pulls(main_places(settings.data_dir).pulled).items()
        if source in readings and record.state == "failed"
    )


def print_unread(console: Console, unread: UnreadSource) -> None:
    """Print what could not be read, and since when."""
    console.print(Text(f"NOT READ IN WHOLE {unread.source}", style="yellow", overflow="fold"))
    since = f"last read in whole {unread.last_read_at}" if unread.last_read_at else "never read yet"
    for line in (unread.message, since):
        console.print(Padding(Text(line, overflow="fold"), (0, 0, 0, 2)))
