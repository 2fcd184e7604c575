"""Pages as they were received, by the day of the pull: `<table>/2026-03-01/page-<digest>.json`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.live.deliveries import Deliveries
from ingestion.live.model import Pull


def deliver(
    pull: Pull, table: str, content: bytes, records: int, cursor: Mapping[str, Any]
) -> None:
    """Commit a page and the cursor behind it; a page without records leaves no file."""
    files = []
    if records:
        draft = pull.deliveries.draft()
        draft.write_bytes(content)
        files.append((draft, f"{table}/{_day(pull.now)}/page-{{}}.json"))
    pull.deliveries.commit(table, cursor, files)
    pull.delivered(table, records)


def page_files(deliveries: Deliveries, table: str, since: datetime) -> list[Path]:
    """Return the pages that were pulled on a moment's day or later."""
    first = _day(since)
    return [path for path in deliveries.files(table, ".json") if path.parent.name >= first]


def _day(time: datetime) -> str:
    return time.astimezone(UTC).date().isoformat()
