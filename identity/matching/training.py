"""Learn, without labels, how much each agreement says.

Two unknowns stand before every comparison: how often it agrees in records of two people (u) and in
those of one (m). u is counted in random pairs, of records of which no two look like one person:
where people have several records, pairs of one person would else pass for chance. m is what
expectation maximisation makes likeliest.
"""

from __future__ import annotations

import copy
from contextlib import suppress
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from identity.graph import components
from identity.matching.comparisons import COMPARISONS, settings
from identity.matching.linkers import open_api, open_linker
from identity.matching.model import MatchModel
from identity.matching.pairs import CERTAIN_RULES, CHOSEN_BY, TRAINING_RULES, choose_pairs, pairs_by
from identity.matching.records import scratch
from warehouse import read_frame

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

    from identity.graph import Integers
    from identity.matching.comparisons import Comparison

# Pairs grow with the square: so many records give seven hundred thousand.
_SAMPLED_RECORDS = 1_200
# Which records look like one person depends on u, and u on them.
_MOST_ROUNDS = 3
_ONE_PERSON = 0.9
# Fewer pairs of one key teach nothing that holds.
_LEAST_PAIRS = 25
# A disagreement that no pair of one person showed may still turn up: in one of a thousand, say.
_RAREST = 0.001
_FIRST_PRIOR = 1e-4
_ITERATIONS = (25, 5)
_DIGITS = 6


def untrained() -> dict[str, Any]:
    """Return all that decides what training makes of given records."""
    numbers = (_SAMPLED_RECORDS, _MOST_ROUNDS, _ONE_PERSON, _LEAST_PAIRS, _RAREST, _ITERATIONS)
    model = settings(list(COMPARISONS), prior=_FIRST_PRIOR)
    return {**model, "rules": [CHOSEN_BY, CERTAIN_RULES, TRAINING_RULES], "numbers": numbers}


def train(records: pa.Table, *, learnt_from: str) -> MatchModel | None:
    """Train a model.

    Args:
        records: as `read_records` gives them.
        learnt_from: kept in the model.

    Returns:
        The model; None where too little can be learnt: fewer than two fields can be compared.
    """
    count = records.num_rows
    with scratch() as connection:
        _create(connection, records)
        alike = read_frame(connection, pairs_by(CERTAIN_RULES))
    people = np.unique(components(count, *_rows_of(alike, records)))
    prior = _FIRST_PRIOR
    comparisons: list[Comparison] = []
    for _ in range(_MOST_ROUNDS):
        with scratch() as connection:
            comparisons = _count_u(connection, records.take(people[:_SAMPLED_RECORDS]))
        with scratch(threads=1) as connection:
            _create(connection, records)
            comparisons = _estimate_m(connection, comparisons, prior=prior)
            if len(comparisons) < 2:
                return None
            prior, likely = _score(connection, comparisons, prior=prior)
        found = np.unique(components(count, *_rows_of(likely, records)))
        if len(found) == len(people):
            break
        people = found
    return MatchModel(
        learnt_from=learnt_from, record_count=count, prior=prior, comparisons=comparisons
    )


def _create(connection: duckdb.DuckDBPyConnection, records: pa.Table) -> None:
    connection.register("given", records)
    connection.execute("create table records as select * from given")


def _count_u(connection: duckdb.DuckDBPyConnection, people: pa.Table) -> list[Comparison]:
    """Count each level in all pairs of people; a field never known of two of them is left out."""
    _create(connection, people)
    linker = open_linker(
        open_api(connection), "records", settings(list(COMPARISONS), prior=_FIRST_PRIOR)
    )
    linker.training.estimate_u_using_random_sampling(
        max_pairs=float(_SAMPLED_RECORDS) ** 2, seed=1, min_count_per_level=None, num_chunks=1
    )
    unseen = 1 / (people.num_rows * (people.num_rows - 1))
    return [
        _with_all_u(comparison, unseen=unseen)
        for comparison in linker.misc.save_model_to_json()["comparisons"]
        if _is_learnt(comparison, "u_probability")
    ]


def _estimate_m(
    connection: duckdb.DuckDBPyConnection, comparisons: list[Comparison], *, prior: float
) -> list[Comparison]:
    """Estimate m, as the median of what the rules teach; what none teaches is left out."""
    lessons = [
        _lesson(connection, rule, comparisons, prior=prior)
        for rule in TRAINING_RULES
        if _count_pairs(connection, rule) >= _LEAST_PAIRS
    ]
    estimated = copy.deepcopy(comparisons)
    for comparison in estimated:
        for level in _levels(comparison):
            name = comparison["output_column_name"], level["label_for_charts"]
            found = [lesson[name] for lesson in lessons if name in lesson]
            if found:
                level["m_probability"] = median(found)
    return [
        _with_all_m(comparison)
        for comparison in estimated
        if _is_learnt(comparison, "m_probability")
    ]


def _lesson(
    connection: duckdb.DuckDBPyConnection,
    rule: str,
    comparisons: list[Comparison],
    *,
    prior: float,
) -> dict[tuple[str, str], float]:
    """Estimate m in the pairs of a rule, by comparison and level."""
    from splink.internals.exceptions import SplinkException

    for iterations in _ITERATIONS:
        linker = open_linker(
            open_api(connection), "records", settings(comparisons, prior=prior, most=iterations)
        )
        # A rule that uses every comparison teaches none. Where the pairs are all alike, what never
        # differs becomes less likely than a float can be: then fewer iterations have to do.
        with suppress(SplinkException, ValueError):
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, estimate_without_term_frequencies=True
            )
            return {
                (comparison["output_column_name"], level["label_for_charts"]): level[
                    "m_probability"
                ]
                for comparison in linker.misc.save_model_to_json()["comparisons"]
                for level in _levels(comparison)
                if "m_probability" in level
            }
    return {}


def _score(
    connection: duckdb.DuckDBPyConnection, comparisons: list[Comparison], *, prior: float
) -> tuple[float, pd.DataFrame]:
    """Score all pairs worth it.

    Returns:
        The share of all pairs that are one person, and the pairs that most probably are.
    """
    connection.execute("create table new_records as select * from records")
    choose_pairs(connection)
    api = open_api(connection)
    linker = open_linker(api, "records", settings(comparisons, prior=prior))
    linker.table_management.register_blocked_pairs_for_predict(api.register("pairs"))
    scores = linker.inference.predict().physical_name
    # Millionths are whole numbers, whose sum does not depend on their order.
    sums = read_frame(
        connection,
        f"""
        select
            (select coalesce(sum(cast(round(match_probability * 1e6) as bigint)), 0) from {scores})
                as millionths,
            (select count(*) from records) as records
        """,
    )
    count = int(sums["records"][0])
    matches = max(1.0, int(sums["millionths"][0]) / 1e6)
    likely = read_frame(
        connection,
        "select identifier_key_l as join_key_l, identifier_key_r as join_key_r "
        f"from {scores} "
        f"where match_probability >= {_ONE_PERSON} order by all",
    )
    return _rounded(matches / (count * (count - 1) / 2)), likely


def _rows_of(pairs: pd.DataFrame, records: pa.Table) -> tuple[Integers, Integers]:
    """Return the rows of the records, which are in the order of their keys, of both ends."""
    keys = records["identifier_key"].to_numpy()
    left, right = (
        np.searchsorted(keys, pairs[end].to_numpy(dtype=object)).astype(np.int64)
        for end in ("join_key_l", "join_key_r")
    )
    return left, right


def _count_pairs(connection: duckdb.DuckDBPyConnection, rule: str) -> int:
    counted = read_frame(connection, f"select count(*) as pairs from ({pairs_by([rule])})")
    return int(counted["pairs"][0])


def _levels(comparison: Comparison) -> list[dict[str, Any]]:
    return [one for one in comparison["comparison_levels"] if not one.get("is_null_level")]


def _is_learnt(comparison: Comparison, parameter: str) -> bool:
    return any(parameter in level for level in _levels(comparison))


def _with_all_u(comparison: Comparison, *, unseen: float) -> Comparison:
    completed = copy.deepcopy(comparison)
    for level in _levels(completed):
        level["u_probability"] = _rounded(max(level.get("u_probability", 0.0), unseen))
    return completed


def _with_all_m(comparison: Comparison) -> Comparison:
    """Give every level its m: what no pair of one person showed never speaks for one person."""
    completed = copy.deepcopy(comparison)
    for level in _levels(completed):
        least = min(level["u_probability"], _RAREST)
        level["m_probability"] = _rounded(max(level.get("m_probability", 0.0), least))
    return completed


def _rounded(figure: float) -> float:
    return float(f"{figure:.{_DIGITS}g}")
