"""Let go of what is older than somebody wants to keep: texts in quarantine, rows in the lake.

The text of a quarantined row is personal data and goes early; row, reason, file and line stay, so
no count changes. Rows go by whole received dates, and of tables of happenings only: the last row of
a customer or an account is the state of today, however old it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import SourceContract, TableContract
from ingestion.durable import make_durable
from ingestion.journal import Landing, begin, file_prefix, recover
from ingestion.lake import dated_files, quarantine_folder, remove, table_folders
from ingestion.manifest import commit_manifest, read_manifest, read_manifests
from ingestion.rejections import Rejection, read_rejections, write_rejections

EXPIRING = frozenset({"events", "messages"})
"""Canonical tables whose rows are happenings, not state."""

_TEXT = "original_text"
# Says without opening it that a file holds no text any more.
_TEXTLESS = ".textless.parquet"


@dataclass(frozen=True, kw_only=True)
class Expired:
    """What goes of one table.

    Attributes:
        source: Its source.
        table: Its name.
        rows: Rows that go, landed, quarantined and set aside.
        texts: Rows in quarantine that stay without their text.
    """

    source: str
    table: str
    rows: int
    texts: int


def first_kept(table: TableContract, rows_from: date | None) -> str:
    """Return the first received date of a table that is kept, as text; empty for all."""
    return rows_from.isoformat() if rows_from and table.canonical in EXPIRING else ""


def expire(
    lake: Path,
    *,
    contracts: Mapping[str, SourceContract],
    rows_from: date | None,
    texts_from: date | None,
    dry_run: bool = False,
) -> list[Expired]:
    """Remove what is older than is kept.

    Rows before `rows_from` are invisible to a run whose retention says so, whether they are there
    or not: a removal that is killed half-way shows nowhere. Their files stay known, so that old
    exports do not land again.

    Args:
        lake: Root of the lake.
        contracts: The contracts by source.
        rows_from: First received date whose rows are kept; None for all.
        texts_from: First received date whose quarantined texts are kept; None for all.
        dry_run: Only say what would go.

    Returns:
        What goes, by table; tables of which nothing goes are left out.
    """
    recover(lake)
    landings = (n for manifest in read_manifests(lake).values() for n in manifest.landings)
    landing = 1 + max(landings, default=0)
    done = []
    for table in (table for contract in contracts.values() for table in contract.tables.values()):
        old = list(_older_rows(lake, table, first_kept(table, rows_from)))
        texts = [path for path in _older_texts(lake, table, texts_from) if path not in set(old)]
        if not old and not texts:
            continue
        done.append(
            Expired(
                source=table.source, table=table.name, rows=_rows_of(old), texts=_rows_of(texts)
            )
        )
        if dry_run:
            continue
        if texts:
            _forget_texts(lake, table, texts, landing=landing)
            landing += 1
        for path in old:
            remove(path)
    if not dry_run:
        _forget_rejections(lake, contracts, rows_from)
    return done


def _older_rows(lake: Path, table: TableContract, since: str) -> Iterator[Path]:
    for folder in table_folders(lake, table.source, table.name) if since else ():
        yield from (path for day, path in dated_files(folder) if day < since)


def _older_texts(lake: Path, table: TableContract, since: date | None) -> Iterator[Path]:
    if since is None:
        return
    for day, path in dated_files(quarantine_folder(lake, table.source, table.name)):
        if day < since.isoformat() and not path.name.endswith(_TEXTLESS):
            yield path


def _rows_of(paths: Iterable[Path]) -> int:
    return sum(pq.read_metadata(path).num_rows for path in paths)


def _forget_texts(lake: Path, table: TableContract, paths: Sequence[Path], *, landing: int) -> None:
    """Write files anew without their texts; committed or undone as any landing."""
    operation = Landing(source=table.source, table=table.name, landing=landing)
    begin(lake, operation)
    targets = [
        path.with_name(f"{file_prefix(landing)}{number}{_TEXTLESS}")
        for number, path in enumerate(paths)
    ]
    for path, target in zip(paths, targets, strict=True):
        _write_textless(path, target)
    make_durable(targets)
    obsolete = tuple(path.relative_to(lake).as_posix() for path in paths)
    begin(lake, operation.model_copy(update={"obsolete": obsolete}))
    manifest = read_manifest(lake, table.source, table.name)
    commit_manifest(lake, table.source, table.name, manifest.after(landing, ()))
    recover(lake)


def _write_textless(source: Path, target: Path) -> None:
    rows = pq.read_table(source, partitioning=None)
    place = rows.schema.get_field_index(_TEXT)
    texts = pa.nulls(rows.num_rows, rows.schema.field(place).type)
    pq.write_table(rows.set_column(place, rows.schema.field(place), texts), target)


def _forget_rejections(
    lake: Path, contracts: Mapping[str, SourceContract], rows_from: date | None
) -> None:
    register = read_rejections(lake)
    kept = [
        one for one in register if one.received_date >= _first_kept_of(one, contracts, rows_from)
    ]
    if len(kept) < len(register):
        write_rejections(lake, kept)


def _first_kept_of(
    rejection: Rejection, contracts: Mapping[str, SourceContract], rows_from: date | None
) -> str:
    source, name = rejection.table
    contract = contracts.get(source)
    table = contract.tables.get(name) if contract else None
    return first_kept(table, rows_from) if table else ""
