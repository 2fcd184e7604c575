"""The stage: contact records in, pairs that are probably one person out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from identity.matching.model import MatchModel, lesson, read_model, write_model
from identity.matching.records import digest_of, read_records
from identity.matching.scores import Scores, read_scores, write_scores
from identity.matching.scoring import PAIRS, score
from identity.matching.training import train, untrained
from warehouse import write_table

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

MATCHES = pa.schema(
    [
        *PAIRS,
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("first_seen_at", pa.timestamp("us"), nullable=False),
    ]
)
_MODEL_FILE = "match_model.json"


@dataclass(frozen=True)
class Matched:
    """What a run did.

    Attributes:
        record_count: contact records there are.
        scored_count: those of them that no earlier run had scored.
        match_count: pairs found.
        model: what scored them; None without one.
        reason: why there is no model; empty with one.
    """

    record_count: int
    scored_count: int
    match_count: int
    model: MatchModel | None
    reason: str = ""


def run(
    connection: duckdb.DuckDBPyConnection, folder: Path, *, threshold: float, min_records: int
) -> Matched:
    """Write `matcher.contact_matches`.

    Args:
        connection: the build database, with `identity.identity_contact_records` and
            `identity.identity_training_records`.
        folder: where model and scores are kept between runs. Both follow from the records: without
            them the run takes longer and finds the same.
        threshold: least probability of a pair, 0-1.
        min_records: a model learnt from fewer is none.
    """
    records = read_records(connection, "identity.identity_contact_records")
    learnt = read_records(connection, "identity.identity_training_records")
    if learnt.num_rows < min_records:
        # Until a whole period is there to learn from, all that is there has to do.
        learnt = records
    if learnt.num_rows < min_records:
        reason = f"{records.num_rows:,} contact records are fewer than {min_records:,}"
        return _unmatched(connection, records, reason=reason)
    model = _model_of(connection, learnt, folder / _MODEL_FILE)
    if model is None:
        reason = "too few contact records agree in anything to learn from"
        return _unmatched(connection, records, reason=reason)
    last = read_scores(folder, scored_by=f"{model.version} at {threshold}").among(records)
    is_known = pc.is_in(
        records["identifier_key"], value_set=last.records["identifier_key"].combine_chunks()
    )
    new = records.filter(pc.invert(is_known))
    scores = last
    if new.num_rows:
        known = records.filter(is_known)
        found = score(model, learnt=learnt, known=known, new=new, threshold=threshold)
        scores = last.extended(new, found)
    write_scores(folder, scores)
    write_table(connection, "matcher.contact_matches", _matches(scores, records, model))
    return Matched(
        record_count=records.num_rows,
        scored_count=new.num_rows,
        match_count=scores.pairs.num_rows,
        model=model,
    )


def _model_of(
    connection: duckdb.DuckDBPyConnection, learnt: pa.Table, path: Path
) -> MatchModel | None:
    """Return the model that these records teach, learnt now unless it was before."""
    wanted = lesson(digest_of(connection, learnt), untrained())
    model = read_model(path)
    if model is None or model.learnt_from != wanted:
        model = train(learnt, learnt_from=wanted)
        if model is not None:
            write_model(path, model)
    return model


def _matches(scores: Scores, records: pa.Table, model: MatchModel) -> pa.Table:
    """Add to the pairs who scored them and since when both records are there."""
    keys = records["identifier_key"].combine_chunks()
    seen = [
        pc.take(records["first_seen_at"], pc.index_in(scores.pairs[end], value_set=keys))
        for end in ("left_identifier_key", "right_identifier_key")
    ]
    versions = pa.array([model.version] * scores.pairs.num_rows, pa.string())
    return (
        scores.pairs.append_column("model_version", versions)
        .append_column("first_seen_at", pc.max_element_wise(*seen))
        .cast(MATCHES)
    )


def _unmatched(connection: duckdb.DuckDBPyConnection, records: pa.Table, *, reason: str) -> Matched:
    write_table(connection, "matcher.contact_matches", MATCHES.empty_table())
    return Matched(
        record_count=records.num_rows, scored_count=0, match_count=0, model=None, reason=reason
    )
