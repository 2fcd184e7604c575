"""Read the moment a run looks from."""

from datetime import UTC, date, datetime, time, timedelta


def parse_as_of(value: object) -> datetime:
    """Turn a configured or typed moment into an aware UTC time.

    Args:
        value: A date (its first instant, UTC), or a time with its offset.

    Raises:
        ValueError: It is neither, or a time without an offset.
    """
    moment = _read(value) if isinstance(value, str) else value
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("must carry its offset, such as 2026-06-28T00:00:00Z")
        return moment.astimezone(UTC)
    if isinstance(moment, date):
        return datetime.combine(moment, time(), tzinfo=UTC)
    raise ValueError("must be a date or a time with its offset, such as 2026-06-28T00:00:00Z")


def choose_as_of(given: str, configured: datetime | None, *, now: datetime) -> datetime:
    """Take the moment given, else the configured one, else now.

    Raises:
        ValueError: What is given is no moment, or lies more than a day ahead of the clock: once
            it is published, every later run would be a look back, and nothing new would be
            published until that day.
    """
    moment = parse_as_of(given) if given else configured or now.replace(microsecond=0)
    if moment > now + timedelta(days=1):
        raise ValueError(f"must not lie ahead of the clock, which says {now:%Y-%m-%d %H:%M} UTC")
    return moment


def format_as_of(moment: datetime) -> str:
    """Write a moment as dbt reads it: UTC, `YYYY-MM-DD HH:MM:SS`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def stamp(moment: datetime) -> str:
    """Write a moment as a folder name."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _read(text: str) -> date | datetime | None:
    try:
        return date.fromisoformat(text) if len(text) <= len("2026-06-28") else _read_time(text)
    except ValueError:
        return None


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace(" ", "T", 1))
