"""Which assets and checks a segment of the dbt project holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import dagster as dg
from dagster_dbt.asset_utils import DAGSTER_DBT_UNIQUE_ID_METADATA_KEY, build_dbt_specs

from orchestration.dbt_process import DbtProject
from orchestration.segments import BATCH_GATE_KEY, Segment
from orchestration.translator import Translator


@dataclass(frozen=True, kw_only=True)
class SegmentNodes:
    """Models, seeds and tests by dbt's id, with what stands for them in Dagster."""

    assets: Mapping[str, dg.AssetKey]
    checks: Mapping[str, dg.AssetCheckKey]

    @classmethod
    def of(cls, specs: Sequence[dg.AssetSpec], checks: Sequence[dg.AssetCheckSpec]) -> Self:
        """Read the dbt ids that dagster-dbt left in the specs."""
        return cls(
            assets={spec.metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY]: spec.key for spec in specs},
            checks={_id_of(check): check.key for check in checks},
        )

    def selected(
        self, assets: Collection[dg.AssetKey], checks: Collection[dg.AssetCheckKey]
    ) -> Self:
        """Keep what a run selected."""
        return type(self)(
            assets={one: key for one, key in self.assets.items() if key in assets},
            checks={one: key for one, key in self.checks.items() if key in checks},
        )

    def names(self, project: DbtProject) -> list[str]:
        """Name the nodes as dbt's selection does."""
        return [project.nodes["nodes"][one]["name"] for one in (*self.assets, *self.checks)]


def segment_specs(
    project: DbtProject, segment: Segment, translator: Translator
) -> tuple[list[dg.AssetSpec], list[dg.AssetCheckSpec]]:
    """Derive a segment's asset and check specs from the manifest.

    Every asset of a gated segment waits for the gate on batches, also one that reads nothing of it.
    """
    specs, checks = build_dbt_specs(
        manifest=project.nodes,
        translator=translator,
        select=segment.select,
        exclude=segment.exclude,
        selector="",
        io_manager_key=None,
        project=None,
    )
    gated = [_behind_gate(spec) for spec in specs] if segment.is_gated else list(specs)
    return gated, list(checks)


def _behind_gate(spec: dg.AssetSpec) -> dg.AssetSpec:
    gate = dg.AssetKey(BATCH_GATE_KEY)
    has_gate = any(dep.asset_key == gate for dep in spec.deps)
    return spec if has_gate else spec.merge_attributes(deps=[gate])


def _id_of(check: dg.AssetCheckSpec) -> str:
    return str((check.metadata or {})[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY])
