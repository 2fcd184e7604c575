"""Scores of earlier runs: time saved and no more, for a run without them finds the same."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from identity.matching.scoring import PAIRS

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

_RECORDS = pa.schema(
    [
        pa.field("identifier_key", pa.string(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
    ]
)
_SCORED_BY = b"trustlift.scored_by"
_RECORDS_FILE, _PAIRS_FILE = "scored_records.parquet", "scored_pairs.parquet"


@dataclass(frozen=True)
class Scores:
    """What has been scored.

    Attributes:
        scored_by: the model and the threshold.
        records: keys and digests of records all of whose pairs have been scored.
        pairs: those at the threshold or above, of schema `PAIRS`, by key.
    """

    scored_by: str
    records: pa.Table
    pairs: pa.Table

    @classmethod
    def none(cls, scored_by: str) -> Self:
        """Return what has been scored before the first run."""
        return cls(scored_by, _RECORDS.empty_table(), PAIRS.empty_table())

    def among(self, records: pa.Table) -> Self:
        """Forget the records that are gone or say something else now, and their pairs."""
        kept = self.records.join(
            records.select(_RECORDS.names),
            keys=_RECORDS.names,
            join_type="left semi",
        ).sort_by("identifier_key")
        keys = kept["identifier_key"].combine_chunks()
        is_kept = pc.and_(
            pc.is_in(self.pairs["left_identifier_key"], value_set=keys),
            pc.is_in(self.pairs["right_identifier_key"], value_set=keys),
        )
        return type(self)(self.scored_by, kept, self.pairs.filter(is_kept))

    def extended(self, records: pa.Table, pairs: pa.Table) -> Self:
        """Add records and the pairs that they brought."""
        return type(self)(
            self.scored_by,
            pa.concat_tables([self.records, records.select(_RECORDS.names)]).sort_by(
                "identifier_key"
            ),
            pa.concat_tables([self.pairs, pairs]).sort_by(
                [("left_identifier_key", "ascending"), ("right_identifier_key", "ascending")]
            ),
        )


def read_scores(folder: Path, *, scored_by: str) -> Scores:
    """Read the scores; none, where there are none by this model or they can't be read."""
    paths = folder / _RECORDS_FILE, folder / _PAIRS_FILE
    if not all(path.exists() for path in paths):
        return Scores.none(scored_by)
    try:
        records, pairs = (
            _read(path, schema, scored_by=scored_by)
            for path, schema in zip(paths, (_RECORDS, PAIRS), strict=True)
        )
    except (pa.ArrowException, OSError, KeyError) as error:
        logger.warning("the scores in %s can't be read (%s): all are made anew", folder.name, error)
        return Scores.none(scored_by)
    if records is None or pairs is None:
        return Scores.none(scored_by)
    return Scores(scored_by, records, pairs)


def write_scores(folder: Path, scores: Scores) -> None:
    """Write the scores; a writer that is stopped midway leaves none that count."""
    folder.mkdir(parents=True, exist_ok=True)
    records, pairs = folder / _RECORDS_FILE, folder / _PAIRS_FILE
    records.unlink(missing_ok=True)
    for path, table in ((pairs, scores.pairs), (records, scores.records)):
        draft = path.with_suffix(".draft")
        metadata = {_SCORED_BY: scores.scored_by.encode()}
        pq.write_table(table.replace_schema_metadata(metadata), draft, compression="zstd")
        draft.replace(path)


def _read(path: Path, schema: pa.Schema, *, scored_by: str) -> pa.Table | None:
    table = pq.read_table(path)
    if (table.schema.metadata or {}).get(_SCORED_BY) != scored_by.encode():
        return None
    return table.select(schema.names).cast(schema)
