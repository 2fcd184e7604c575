"""The log of what was said when: one line a feature, week and revision, and none is ever rewritten.

A verdict follows from the data as they now are. When late data make it another than was last said,
the log gains a revision, and what had been said stays. The log is no part of the build, which is
made anew by each run: a run writes a candidate that becomes the log when the run publishes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

HISTORY = pa.schema(
    [
        pa.field("feature_id", pa.string(), nullable=False),
        pa.field("week_start_date", pa.date32(), nullable=False),
        pa.field("revision", pa.int64(), nullable=False),
        pa.field("issued_as_of", pa.timestamp("us"), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("reasons", pa.string(), nullable=False),
    ]
)


def read_log(path: Path) -> pa.Table:
    """Read the log; the empty one where nothing has been said yet.

    Raises:
        ValueError: The file is there and is no log: what was said would be lost.
    """
    if not path.exists():
        return HISTORY.empty_table()
    try:
        return pq.read_table(path).cast(HISTORY)
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise ValueError(
            f"{path} is no log of verdicts ({error}): put the last good copy back from "
            f"{path.parent / 'backups'}, or remove it and accept that corrections of former "
            "verdicts are not shown"
        ) from error


def write_log(path: Path, log: pa.Table) -> None:
    """Write the log, or a run's candidate of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(log, path, compression="zstd")


def revised(
    log: pa.Table, weekly: Sequence[Mapping[str, object]], *, issued_as_of: datetime
) -> pa.Table:
    """Add to the log what had not been said, or not so.

    Args:
        log: What was said so far.
        weekly: The verdicts as the data now have them, with the columns of the log.
        issued_as_of: The moment they look from, in UTC without a zone.

    Returns:
        The log and its new lines, by feature, week and revision.
    """
    last: dict[tuple[str, date], tuple[int, str]] = {}
    kept = log.to_pylist()
    for line in kept:
        key = (line["feature_id"], line["week_start_date"])
        last[key] = max(last.get(key, (0, "")), (line["revision"], line["verdict"]))
    added = []
    for row in weekly:
        revision, said = last.get((row["feature_id"], row["week_start_date"]), (0, None))  # type: ignore[arg-type]
        if row["verdict"] != said:
            line = {name: row[name] for name in ("feature_id", "week_start_date", "verdict")}
            line |= {"rule": row["rule"], "reasons": row["reasons"]}
            added.append({**line, "revision": revision + 1, "issued_as_of": issued_as_of})
    table = pa.Table.from_pylist([*kept, *added], schema=HISTORY)
    order = [("feature_id", "ascending"), ("week_start_date", "ascending")]
    return table.sort_by([*order, ("revision", "ascending")])
