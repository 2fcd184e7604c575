"""Assemble the graph; what an asset does is not said here."""

import dagster as dg

from ingestion.contracts import load_contracts
from orchestration.assets.dbt import dbt_assets
from orchestration.assets.gates import batch_gate, mart_gate
from orchestration.assets.ingestion import lake_asset, raw_assets
from orchestration.assets.publish import publish_asset
from orchestration.assets.stages import (
    inference_assets,
    matcher_asset,
    phone_number_asset,
    resolver_assets,
    user_agent_asset,
    verdict_assets,
)
from orchestration.dbt_process import DbtProject
from orchestration.segments import SEGMENTS
from orchestration.translator import Translator


def pipeline_assets(project: DbtProject) -> list[dg.AssetsDefinition]:
    """Make every asset, from the contracts and the parsed dbt project."""
    contracts = load_contracts()
    translator = Translator(project.nodes)
    return [
        *(lake_asset(contract) for contract in contracts.values()),
        raw_assets(contracts),
        *(dbt_assets(project, segment, translator) for segment in SEGMENTS),
        user_agent_asset(translator),
        phone_number_asset(translator),
        matcher_asset(translator),
        resolver_assets(translator),
        batch_gate(translator),
        inference_assets(translator),
        verdict_assets(translator),
        mart_gate(translator),
        publish_asset(translator),
    ]
