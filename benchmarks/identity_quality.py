"""How well identity is resolved, by the sample company's truth, beside simpler ways and the limit.

    python -m benchmarks.identity_quality

Worlds with people whom the bank holds twice, families, kiosks, recycled numbers, wallets that move
and contacts with slips of the pen go through the pipeline's own stages up to the resolver.
"""

import argparse
import logging
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.cluster_scores import Scores, score
from benchmarks.identity_partitions import (
    ACCOUNTS_AND_CRM,
    Identifiers,
    Partition,
    best_by_shared_keys,
    last_user_wins,
    plain_components,
    read_identifiers,
    resolved,
)
from benchmarks.pipeline import Pipeline
from simulation import SimulationParameters, simulate
from warehouse import connect

SEEDS = (11, 12, 13)
CUSTOMERS, DAYS = 8_500, 30
MIN_RECORDS = 100_000
KINDS, SHARES = ("pairs'", "B-cubed"), ("precision", "recall", "F1")
LARGEST = ("largest cluster", "largest true one")
PLAIN, DETERMINISTIC, MATCHED = "plain components", "tiers and guards", "with matching"
# The least that is accepted of each partition: precision and F1 of pairs, of which identifiers.
FLOORS = {
    (DETERMINISTIC, "accounts and CRM"): (0.998, 0.925),
    (MATCHED, "accounts and CRM"): (0.998, 0.97),
    (DETERMINISTIC, "all"): (0.0, 0.915),
    (MATCHED, "all"): (0.0, 0.915),
}


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What was found in one world.

    Args:
        record_count: Identifiers of which the truth knows.
        scores: By partition and by what it was asked of.
    """

    record_count: int
    scores: Mapping[tuple[str, str], Scores]


def measure(folder: Path, parameters: SimulationParameters) -> Quality:
    """Simulate a world, bring it up to the resolver, compare every partition with the truth.

    Args:
        folder: Where the world is made; empty.
        parameters: What it is made from.
    """
    simulate(parameters, folder / "exports", folder / "truth")
    pipeline = Pipeline(folder / "data", as_of=parameters.as_of)
    pipeline.land(folder / "exports")
    pipeline.register_raw()
    pipeline.dbt("resource_type:seed")
    pipeline.dbt("fqn:trustlift.staging")
    pipeline.standardise()
    pipeline.dbt("fqn:trustlift.identity")
    pipeline.resolve_identity()
    with connect(pipeline.build) as connection:
        known = read_identifiers(connection, folder / "truth")
        found = partitions(connection, known)
    pipeline.match_contacts()
    pipeline.resolve_identity()
    with connect(pipeline.build) as connection:
        found[MATCHED] = resolved(connection, known)
    return compare(known, found)


def partitions(connection: duckdb.DuckDBPyConnection, known: Identifiers) -> dict[str, Partition]:
    """Make customers in every way that is compared; the resolver has made its own."""
    return {
        PLAIN: plain_components(known),
        "last user wins": last_user_wins(known),
        "best that shared keys allow": best_by_shared_keys(known),
        DETERMINISTIC: resolved(connection, known),
    }


def compare(known: Identifiers, found: Mapping[str, Partition]) -> Quality:
    """Score partitions on the identifiers of which the truth knows."""
    asked = {
        "accounts and CRM": known.is_known & np.isin(known.types, ACCOUNTS_AND_CRM),
        "all": known.is_known,
    }
    return Quality(
        record_count=int(known.is_known.sum()),
        scores={
            (name, of): score(partition[members], known.person[members])
            for of, members in asked.items()
            for name, partition in found.items()
        },
    )


def table(quality: Quality) -> str:
    """Lay the scores out as a table of Markdown."""
    heads = "of", "partition", *(f"{of} {what}" for of in KINDS for what in SHARES), *LARGEST
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [
        f"| {of} | {name} | {one.pair_precision:.4f} | {one.pair_recall:.4f} | {one.pair_f1:.4f} "
        f"| {one.member_precision:.4f} | {one.member_recall:.4f} | {one.member_f1:.4f} "
        f"| {one.largest} | {one.largest_true} |"
        for (name, of), one in quality.scores.items()
    ]
    return "\n".join(lines)


def shortcomings(quality: Quality) -> list[str]:
    """Say what lies below its floor."""
    found = []
    for (name, of), (precision, f1) in FLOORS.items():
        one = quality.scores.get((name, of))
        if one is None:
            continue
        for what, least, value in (
            ("precision", precision, one.pair_precision),
            ("F1", f1, one.pair_f1),
        ):
            if value < least:
                found.append(f"{name}, {of}: {what} {value:.4f} is below {least}")
        if one.largest > one.largest_true:
            found.append(
                f"{name}, {of}: a cluster of {one.largest} is larger than any true one "
                f"({one.largest_true})"
            )
    return found


def main() -> int:
    """Measure each seed's world; the exit code says whether all floors hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="customers of a world")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), help="one world each")
    arguments = parser.parse_args()
    logging.disable(logging.INFO)
    missed: list[str] = []
    for seed in arguments.seeds:
        parameters = SimulationParameters(seed=seed, customers=arguments.customers, days=DAYS)
        with tempfile.TemporaryDirectory() as folder:
            quality = measure(Path(folder), parameters)
        print(f"\nseed {seed}: {quality.record_count:,} records\n\n{table(quality)}", flush=True)
        missed += [f"seed {seed}: {one}" for one in shortcomings(quality)]
        if arguments.customers == CUSTOMERS and quality.record_count < MIN_RECORDS:
            missed.append(f"seed {seed}: {quality.record_count:,} records are too few")
    for one in missed:
        print(one)
    print(f"{len(missed)} shortcomings" if missed else "every floor holds")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
