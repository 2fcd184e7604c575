"""The gates: their verdicts as assets, each with a check that stops what follows."""

from collections.abc import Iterator

import dagster as dg

from orchestration.gate_stage import Judged, judge_batches, judge_marts
from orchestration.run import Run
from orchestration.segments import BATCH_GATE_KEY, MART_GATE_KEY
from orchestration.translator import DEFAULT_OWNER, Translator

CHECK = "is_fit_to_publish"


def batch_gate(translator: Translator) -> dg.AssetsDefinition:
    """Make the gate on every batch received: marts are not built on one that is unfit."""

    @dg.asset(
        key=BATCH_GATE_KEY,
        deps=translator.keys_in("hygiene", "core"),
        check_specs=[_check(BATCH_GATE_KEY, "No batch breaks a blocking expectation.")],
        description="What was expected of each batch, what was found, and what blocks.",
        group_name="gates",
        owners=[DEFAULT_OWNER],
        kinds={"python", "greatexpectations"},
    )
    def gate_on_batches(run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
        yield materialise(judge_batches(run))

    return gate_on_batches


def mart_gate(translator: Translator) -> dg.AssetsDefinition:
    """Make the gate on the marts: what is unfit is not published."""

    @dg.asset(
        key=MART_GATE_KEY,
        deps=translator.keys_in("marts"),
        check_specs=[_check(MART_GATE_KEY, "No mart breaks a blocking expectation.")],
        description="What was expected of each mart, what was found, and what blocks.",
        group_name="gates",
        owners=[DEFAULT_OWNER],
        kinds={"python", "greatexpectations"},
    )
    def gate_on_marts(run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
        yield materialise(judge_marts(run))

    return gate_on_marts


def materialise(judged: Judged) -> dg.MaterializeResult[None]:
    """Turn a gate's findings into the asset's materialisation and its check's result."""
    counts = {
        "verdicts": judged.verdict_count,
        "warnings": judged.warning_count,
        "blocking": len(judged.blocked),
    }
    check = dg.AssetCheckResult(
        check_name=CHECK,
        passed=not judged.blocked,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={**counts, "blocked_subjects": [one.subject for one in judged.blocked]},
    )
    return dg.MaterializeResult(metadata=counts, check_results=[check])


def _check(key: tuple[str, ...], description: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(CHECK, asset=dg.AssetKey(key), description=description, blocking=True)
