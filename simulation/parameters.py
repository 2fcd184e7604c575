"""What one simulated company is made from, and what a run reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args

Scenario = Literal["duplicated_batch", "empty_fields_batch"]
SCENARIOS: tuple[str, ...] = get_args(Scenario)

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = -1
NOBODY = -1
MAX_CHUNK_SIZE = 20_000


@dataclass(frozen=True, kw_only=True)
class SimulationParameters:
    """Seed, size, period and fault of one simulated company.

    Args:
        seed: Any non-negative integer; the same parameters give the same bytes.
        customers: How many customers the company has in all, at least 40.
        days: How many days are simulated, at least 30.
        start: First day; it begins at midnight UTC.
        chunk_size: Customers held in memory at once, at most 20,000.
        scenario: A faulty batch to write in place of one healthy day of Amplitude, or None.
        scenario_date: The received day the scenario spoils; None is the seventh day from the end.

    Raises:
        ValueError: A value breaks its rule; the message says which.
    """

    seed: int = 7
    customers: int = 4_000
    days: int = 300
    start: date = date(2025, 9, 1)
    chunk_size: int = 5_000
    scenario: Scenario | None = None
    scenario_date: date | None = None

    def __post_init__(self) -> None:
        rules = (
            ("seed", self.seed, self.seed >= 0, "must be 0 or more"),
            ("customers", self.customers, self.customers >= 40, "must be at least 40"),
            ("days", self.days, self.days >= 30, "must be at least 30"),
            (
                "chunk_size",
                self.chunk_size,
                40 <= self.chunk_size <= MAX_CHUNK_SIZE,
                f"must lie between 40 and {MAX_CHUNK_SIZE}",
            ),
            (
                "scenario",
                self.scenario,
                self.scenario is None or self.scenario in SCENARIOS,
                f"must be one of {', '.join(SCENARIOS)}",
            ),
        )
        for name, value, holds, rule in rules:
            if not holds:
                raise ValueError(f"{name}={value!r} {rule}; choose another value")
        if not self.start <= self.faulty_date < self.start + timedelta(days=self.days):
            raise ValueError(
                f"scenario_date={self.scenario_date!r} must lie inside the simulated period; "
                f"choose a day from {self.start} on, before {self.as_of.date()}"
            )

    @property
    def start_micros(self) -> int:
        """Give the start as microseconds since 1970-01-01 UTC."""
        return (self.start - date(1970, 1, 1)).days * DAY

    @property
    def end_micros(self) -> int:
        """Give the end (exclusive) as microseconds since 1970-01-01 UTC."""
        return self.start_micros + self.days * DAY

    @property
    def as_of(self) -> datetime:
        """Give the end of the simulation: nothing received then or later is written."""
        midnight = datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC)
        return midnight + timedelta(days=self.days)

    @property
    def faulty_date(self) -> date:
        """Give the received day that a scenario spoils."""
        return self.scenario_date or self.start + timedelta(days=self.days - 7)

    @property
    def chunks(self) -> tuple[range, ...]:
        """Give the global customer numbers of each chunk, in order.

        A last chunk too small to hold every kind of person joins the one before it.
        """
        starts = list(range(0, self.customers, self.chunk_size))
        if len(starts) > 1 and self.customers - starts[-1] < 40:
            starts.pop()
        ends = [*starts[1:], self.customers]
        return tuple(range(first, last) for first, last in zip(starts, ends, strict=True))


@dataclass(frozen=True, kw_only=True)
class SimulationSummary:
    """What a run wrote.

    Args:
        as_of: End of the simulated period, aware UTC.
        rows: Exported rows by `(source, table)`.
        reasons: Exported rows by `(source, expected reason)`.
        files: How many export files were written.
        seconds: Wall-clock duration.
    """

    as_of: datetime
    rows: Mapping[tuple[str, str], int] = field(default_factory=dict)
    reasons: Mapping[tuple[str, str], int] = field(default_factory=dict)
    files: int = 0
    seconds: float = 0.0
