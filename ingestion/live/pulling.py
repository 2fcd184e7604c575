"""Pull a live source once, and note how it ended."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ingestion.contracts import SourceContract
from ingestion.erasure.deliveries import Clean
from ingestion.live.deliveries import Deliveries
from ingestion.live.faults import PullError
from ingestion.live.model import Connector, Pull, Say, Sleep
from ingestion.live.pulls import PullRecord, note_pull, read_pulls


def pull(
    contract: SourceContract,
    connector: Callable[[], Connector],
    folder: Path,
    *,
    now: datetime,
    clean: Clean | None = None,
    say: Say = lambda _: None,
    sleep: Sleep = time.sleep,
) -> PullRecord:
    """Deliver what is new in a source to its folder, `<folder>/<source>`.

    A source that cannot be read is no error here: what it delivered so far can be landed, and the
    other sources do not wait for it. The record says what was wrong. The caller holds the
    writer's lock.

    Args:
        contract: The source's contract.
        connector: Makes what reads it; may find that a secret is missing.
        folder: Where pulls are kept.
        now: The moment of the pull (UTC).
        clean: Keeps out of the deliveries what may not be kept.
        say: Told of progress.
        sleep: Waits before something is tried again.
    """
    source, rows, faults = contract.source, 0, list[str]()
    try:
        deliveries = Deliveries(folder / source, clean)
        under_way = Pull(contract, deliveries, now=now, say=say, sleep=sleep)
        try:
            connector().pull(under_way)
        finally:
            rows, faults = under_way.rows, [str(fault) for fault in under_way.faults]
    except PullError as error:
        faults.append(str(error))
    earlier = read_pulls(folder).get(source)
    record = PullRecord(
        state="failed" if faults else "succeeded",
        message=" ".join(faults),
        attempted_at=now,
        succeeded_at=now if not faults else earlier.succeeded_at if earlier else None,
        rows=rows,
    )
    note_pull(folder, source, record)
    return record
