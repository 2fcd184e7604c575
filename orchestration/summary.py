"""Gather what a run did, for the screen and for machines."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

import warehouse
from orchestration.figures import drifted_tables, gate_counts, mart_rows, source_rows
from orchestration.pipeline import Ended, Fault
from orchestration.places import Places, main_places
from orchestration.segments import BATCH_GATE, HYGIENE_AND_CORE, RAW
from orchestration.stamps import stage_seconds
from orchestration.status import Status, read_status
from orchestration.unread import UnreadSource
from report import SourceRows
from report.pages import INDEX

# Faults of these kinds lie in the user's configuration, wherever they are found.
_CONFIGURATION_FAULTS = ("ContractError", "ConfigError")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run did.

    Attributes:
        status: How it ended.
        fault: Why it failed, if it did.
        rows: Rows by source; empty when it did not come so far.
        gates: Counts of the gates' results, by severity and outcome.
        marts: Rows of each published mart.
        published: Folder of the snapshot.
        log: Where the details are.
        validation: Page of what was judged.
        seconds: Where the time went.
        kept_as_of: What is published looks from then, and this run from before it; else None.
        unread: Live sources that were not read in whole.
        drift: How the columns of tables differ from their contracts, by table.
    """

    status: Status
    fault: Fault | None
    rows: tuple[SourceRows, ...]
    gates: Mapping[str, int]
    marts: Mapping[str, int]
    published: str
    log: str
    validation: str
    seconds: Mapping[str, float]
    kept_as_of: str | None = None
    unread: tuple[UnreadSource, ...] = ()
    drift: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_users_fault(self) -> bool:
        """Whether a configuration is wrong that only the files themselves could show."""
        return self.fault is not None and self.fault.kind in _CONFIGURATION_FAULTS


def gather(places: Places, ended: Ended, *, seconds: Mapping[str, float]) -> Summary:
    """Read a run's figures from the build database.

    Args:
        places: Where the run built.
        ended: How it ended.
        seconds: Set-up and imports, measured by the caller.
    """
    status = ended.status
    with closing(warehouse.connect(places.build)) as connection:
        built = dict(stage_seconds(connection, run_id=status.run_id))
        sql = sum(s for _, s in stage_seconds(connection, run_id=status.run_id, kind="sql"))
        return Summary(
            status=status,
            fault=ended.fault,
            rows=source_rows(connection) if HYGIENE_AND_CORE in built else (),
            drift=drifted_tables(connection) if RAW in built else {},
            gates=gate_counts(connection, built) if BATCH_GATE in built else {},
            marts=mart_rows(connection) if status.state == "published" else {},
            published=str(places.published),
            log=str(places.run_log),
            validation=str(places.validation / INDEX),
            seconds={**seconds, "sql": sql, "python": sum(built.values()) - sql},
            kept_as_of=_kept_as_of(places),
        )


def _kept_as_of(places: Places) -> str | None:
    current = main_places(places.data_dir)
    status = None if places == current else read_status(current.status)
    return None if status is None else status.last_published_as_of
