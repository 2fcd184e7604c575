"""The block `retention` of `trustlift.yml`: how long things are kept."""

from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from orchestration.config_types import PositiveInt, Strict

Days = Annotated[int, Field(ge=1, le=36_500)]


class Retention(Strict):
    """How long things are kept. Days are counted back from the moment that a run looks from.

    Attributes:
        lake_days: Received dates of events and messages that are read; None for all.
        quarantine_days: Received dates whose quarantined rows keep their text; None for all.
        snapshots: Published snapshots, the current one among them.
        validation_runs: Runs in the validation history.
    """

    lake_days: Days | None = None
    quarantine_days: Days | None = 90
    snapshots: Annotated[int, Field(ge=2)] = 2
    validation_runs: PositiveInt = 100

    def rows_from(self, as_of: datetime) -> date | None:
        """Return the first received date whose rows are kept; None for all."""
        return _days_before(as_of, self.lake_days)

    def texts_from(self, as_of: datetime) -> date | None:
        """Return the first received date whose quarantined texts are kept; None for all."""
        return _days_before(as_of, self.quarantine_days)


def _days_before(as_of: datetime, days: int | None) -> date | None:
    return None if days is None else as_of.date() - timedelta(days=days)
