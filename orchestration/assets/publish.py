"""The last step: the snapshot that analysts read."""

import dagster as dg

from orchestration.publish_stage import publish
from orchestration.run import Run
from orchestration.segments import MART_GATE_KEY
from orchestration.translator import DEFAULT_OWNER, Translator

PUBLISH_KEY = dg.AssetKey(["published", "kpi"])


def publish_asset(translator: Translator) -> dg.AssetsDefinition:
    """Make the asset of the published snapshot; it wants every stage from one run."""

    @dg.asset(
        key=PUBLISH_KEY,
        deps=[dg.AssetKey(MART_GATE_KEY), *translator.keys_in("marts")],
        description="kpi.duckdb and one Parquet file a mart, swapped in at once.",
        group_name="publish",
        owners=[DEFAULT_OWNER],
        kinds={"duckdb", "parquet"},
    )
    def published(run: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=publish(run))

    return published
