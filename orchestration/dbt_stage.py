"""Build a segment of the dbt project, and turn what became of it into Dagster's events."""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from orchestration import dbt_process
from orchestration.dbt_process import NodeOutcome
from orchestration.run import Run
from orchestration.segment_nodes import SegmentNodes
from orchestration.segments import Segment
from warehouse import counted

_SHOWN_FAILURES = 5


def build_segment(
    run: Run, segment: Segment, *, only: SegmentNodes | None = None
) -> list[NodeOutcome]:
    """Build a segment, or some nodes of it.

    Args:
        run: The run.
        segment: The segment.
        only: The models and tests to build, in place of the whole segment.
    """
    with run.stage(segment.name, "sql", is_whole=only is None) as stage:
        outcomes = dbt_process.build(
            run.project,
            select=segment.select.split() if only is None else only.names(run.project),
            exclude=segment.exclude.split() if only is None else [],
            with_neighbouring_tests=only is None,
            variables=run.dbt_variables,
            warehouse=run.places.build,
            on_node=stage.working_on,
        )
        stage.result = _describe(outcomes)
        stage.fault, stage.remedy = describe_failures(outcomes)
    return outcomes


def segment_events(
    outcomes: Sequence[NodeOutcome],
    nodes: SegmentNodes,
    *,
    row_counts: Mapping[str, int],
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Yield a materialisation for every model built and a check result for every test run.

    Args:
        outcomes: What became of each node.
        nodes: The assets and checks that this step may report.
        row_counts: Rows of each table, by dbt id.
    """
    for outcome in outcomes:
        seconds = dg.MetadataValue.float(round(outcome.seconds, 3))
        if outcome.unique_id in nodes.assets and not outcome.has_failed:
            rows = row_counts.get(outcome.unique_id)
            counted = {} if rows is None else {"dagster/row_count": dg.MetadataValue.int(rows)}
            key = nodes.assets[outcome.unique_id]
            yield dg.MaterializeResult(asset_key=key, metadata={"seconds": seconds, **counted})
        elif outcome.unique_id in nodes.checks and outcome.status != "skipped":
            yield _check_result(outcome, nodes.checks[outcome.unique_id])


def raise_on_failure(segment: Segment, outcomes: Sequence[NodeOutcome]) -> None:
    """Fail the step when a model could not be built or a test does not hold.

    Raises:
        dagster.Failure: Naming the first of them.
    """
    fault, remedy = describe_failures(outcomes)
    if fault:
        said = [one.message for one in _failed(outcomes) if one.resource_type != "test"]
        details = "".join(f"\n{message}" for message in said[:_SHOWN_FAILURES])
        raise dg.Failure(f"{segment.name}: {fault}. {remedy}{details}", allow_retries=False)


def describe_failures(outcomes: Sequence[NodeOutcome]) -> tuple[str, str]:
    """Name the models that could not be built and the tests that do not hold, without any data.

    Returns:
        What failed and what to do, in a sentence each; empty if nothing did.
    """
    failed = _failed(outcomes)
    if not failed:
        return "", ""
    named = [_describe_failure(one) for one in failed[:_SHOWN_FAILURES]]
    rest = len(failed) - len(named)
    fault = "; ".join([*named, *[f"and {rest:,} more"] * (rest > 0)])
    first = next((one for one in failed if one.resource_type == "test"), None)
    if first is None:
        return fault, "The log has the engine's words: correct the model, and run again."
    shown = f" {first.query} is the query that finds the rows." if first.query else ""
    return fault, (
        "A test that does not hold is a broken invariant: nothing is published until the model, or "
        f"what it reads, is corrected.{shown}"
    )


def _failed(outcomes: Sequence[NodeOutcome]) -> list[NodeOutcome]:
    return [one for one in outcomes if one.has_failed and one.status != "skipped"]


def _describe_failure(outcome: NodeOutcome) -> str:
    if outcome.resource_type != "test":
        return f"{outcome.resource_type} {outcome.name} could not be built"
    if outcome.failures is None:
        return f"test {outcome.name} of {', '.join(outcome.models)} could not be run"
    rows = counted(outcome.failures, "row")
    return f"test {outcome.name} of {', '.join(outcome.models)} does not hold: {rows}"


def count_rows(run: Run, outcomes: Sequence[NodeOutcome]) -> dict[str, int]:
    """Count the rows of the tables that were built; a view's would cost a scan.

    Returns:
        Row counts by dbt id.
    """
    nodes = run.project.nodes["nodes"]
    built = [
        one.unique_id for one in outcomes if one.resource_type != "test" and not one.has_failed
    ]
    tables = [one for one in built if nodes[one]["config"]["materialized"] != "view"]
    with run.connect() as connection:
        return {
            one: connection.execute(f"select count(*) from {_relation(nodes[one])}").fetchall()[0][
                0
            ]
            for one in tables
        }


def _relation(node: Mapping[str, str]) -> str:
    return f'"{node["schema"]}"."{node["alias"]}"'


def _check_result(outcome: NodeOutcome, key: dg.AssetCheckKey) -> dg.AssetCheckResult:
    is_warning = outcome.status == "warn"
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=outcome.status == "pass",
        severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
        metadata={"failing_rows": outcome.failures or 0, "seconds": round(outcome.seconds, 3)},
    )


def _describe(outcomes: Sequence[NodeOutcome]) -> str:
    tests = sum(outcome.resource_type == "test" for outcome in outcomes)
    failed = sum(outcome.has_failed for outcome in outcomes)
    text = f"{len(outcomes) - tests} models, {tests} tests"
    return f"{text}, {failed} failed" if failed else text
