"""dbt's models and tests as assets and checks, one step a segment."""

from collections.abc import Iterator

import dagster as dg

from orchestration.dbt_process import DbtProject
from orchestration.dbt_stage import build_segment, count_rows, raise_on_failure, segment_events
from orchestration.run import Run
from orchestration.segment_nodes import SegmentNodes, segment_specs
from orchestration.segments import Segment
from orchestration.translator import Translator


def dbt_assets(
    project: DbtProject, segment: Segment, translator: Translator
) -> dg.AssetsDefinition:
    """Make the step of one segment, with the specs that dagster-dbt derives."""
    specs, checks = segment_specs(project, segment, translator)
    nodes = SegmentNodes.of(specs, checks)

    @dg.multi_asset(
        name=segment.name,
        specs=specs,
        check_specs=checks,
        can_subset=True,
        allow_arbitrary_check_specs=True,
    )
    def build(
        context: dg.AssetExecutionContext, run: dg.ResourceParam[Run]
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        chosen = nodes.selected(context.selected_asset_keys, context.selected_asset_check_keys)
        outcomes = build_segment(run, segment, only=None if chosen == nodes else chosen)
        yield from segment_events(outcomes, chosen, row_counts=count_rows(run, outcomes))
        raise_on_failure(segment, outcomes)

    return build
