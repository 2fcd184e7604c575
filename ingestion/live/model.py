"""What every connector is given, and what it gives back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ingestion.contracts import SourceContract, TableContract
from ingestion.live.deliveries import Deliveries
from ingestion.live.faults import PullError, TableError

Say = Callable[[str], None]
"""Is told how far a pull has come."""

Sleep = Callable[[float], None]
"""Waits for some seconds."""


@dataclass
class Pull:
    """One pull under way.

    Attributes:
        contract: The source's contract.
        deliveries: What was pulled so far.
        now: The moment of the pull (UTC).
        say: Told of progress.
        sleep: Waits before something is tried again.
        rows: Rows delivered by this pull.
        faults: Tables that could not be read, and why.
    """

    contract: SourceContract
    deliveries: Deliveries
    now: datetime
    say: Say
    sleep: Sleep
    rows: int = 0
    faults: tuple[TableError, ...] = ()

    def delivered(self, table: str, rows: int) -> None:
        """Count rows that were committed."""
        self.rows += rows
        self.say(f"pull {self.contract.source}/{table}, {self.rows:,} rows")

    def missed(self, fault: TableError) -> None:
        """Note a table that could not be read; the others go on."""
        self.faults += (fault,)


class Connector(Protocol):
    """Reads one source from where it was left."""

    def pull(self, pull: Pull) -> None:
        """Deliver what is new.

        Raises:
            PullError: The source could not be read. What was committed by then stays.
        """


def chosen_tables(contract: SourceContract, names: Sequence[str]) -> list[TableContract]:
    """Return the tables of a contract that are wanted; all if none is named.

    Raises:
        PullError: A name is none of the contract's.
    """
    unknown = [name for name in names if name not in contract.tables]
    if unknown:
        raise PullError(
            f"sources.{contract.source}: tables = {', '.join(unknown)}: must be of "
            f"{', '.join(contract.tables)}.",
            remedy="Correct the name or remove it.",
        )
    return [table for name, table in contract.tables.items() if not names or name in names]
