"""What has landed, a source at a time, and the views on it that dbt reads."""

from collections.abc import Iterator, Mapping

import dagster as dg

from ingestion.contracts import SourceContract
from orchestration.ingestion_stage import land_source, register_views
from orchestration.run import Run
from orchestration.segments import RAW

GROUP = "ingestion"


def lake_key(source: str) -> dg.AssetKey:
    """Name what has landed of a source."""
    return dg.AssetKey(["lake", source])


def lake_asset(contract: SourceContract) -> dg.AssetsDefinition:
    """Make the asset of one source's landed rows."""

    @dg.asset(
        key=lake_key(contract.source),
        description=f"{contract.description} Landed as received; malformed rows in quarantine.",
        group_name=GROUP,
        owners=[f"team:{contract.owner}"],
        kinds={"python", "parquet"},
    )
    def land(run: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=land_source(run, contract.source))

    return land


def raw_assets(contracts: Mapping[str, SourceContract]) -> dg.AssetsDefinition:
    """Make the assets of the views: one a table, on the rows received up to `as_of`."""

    @dg.multi_asset(name=RAW, specs=raw_specs(contracts))
    def register(run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
        for view, rows in register_views(run).items():
            metadata = {"dagster/row_count": dg.MetadataValue.int(rows)}
            yield dg.MaterializeResult(asset_key=[RAW, view], metadata=metadata)

    return register


def raw_specs(contracts: Mapping[str, SourceContract]) -> list[dg.AssetSpec]:
    """Describe every view of schema `raw`."""
    tables = [
        dg.AssetSpec(
            key=[RAW, f"{source}__{name}"],
            deps=[lake_key(source)],
            description=table.description or f"The source's {name}.",
            group_name=GROUP,
            owners=[f"team:{table.owner}"],
            kinds={"duckdb"},
        )
        for source, contract in contracts.items()
        for name, table in contract.tables.items()
    ]
    return tables + [
        dg.AssetSpec(
            key=[RAW, view],
            deps=[lake_key(source) for source in contracts],
            description=description,
            group_name=GROUP,
            owners=["team:data-engineering"],
            kinds={"duckdb"},
        )
        for view, description in _OVERVIEWS.items()
    ]


_OVERVIEWS = {
    "batches": "What each table received on each date, and whether it changed.",
    "contracts": "Every table's owner, limit of age, and whether it delivers.",
    "delivered_hours": "Hours that a source delivered a file for, be it an empty one.",
    "pulls": "How the last pull of each live source ended.",
    "publishes": "When each snapshot was published, and what had landed by then.",
    "quiet_days": "Days on which nothing is due from a source.",
    "schema_drift": "What came that no contract says, and what did not come that one requires.",
    "quarantined_rows": "Rows that are not read, and why; without their text.",
}
