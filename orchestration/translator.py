"""Name dbt's models in Dagster: group, owner, kinds, and which asset a test belongs to."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject
from dagster_dbt.asset_utils import DAGSTER_DBT_UNIQUE_ID_METADATA_KEY

DEFAULT_OWNER = "team:data-engineering"
_ORDER = ("seeds", "staging", "identity", "hygiene", "core", "sums", "marts")


class Translator(DagsterDbtTranslator):
    """Derive asset specs from the dbt manifest by the project's folders."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        super().__init__()
        self._manifest = manifest

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Give the stage's folder, which is the way of the data."""
        return _folder(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str] | None:
        """Give the owner that the model's meta names, else the platform's."""
        meta = dbt_resource_props.get("config", {}).get("meta", {})
        owner = meta.get("owner")
        return [f"team:{owner}"] if owner else [DEFAULT_OWNER]

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """Make a test the check of one asset: the one that is built last of those it reads."""
        if self._tested_id(unique_id) != asset_spec.metadata.get(
            DAGSTER_DBT_UNIQUE_ID_METADATA_KEY
        ):
            return None
        test = manifest["nodes"][unique_id]
        parents = {self.get_asset_spec(manifest, one, project).key for one in _parents(test)}
        return dg.AssetCheckSpec(
            name=test["name"],
            asset=asset_spec.key,
            description=test.get("description") or None,
            additional_deps=parents - {asset_spec.key},
            blocking=test["config"]["severity"].lower() == "error",
            metadata={DAGSTER_DBT_UNIQUE_ID_METADATA_KEY: unique_id},
        )

    def keys(self, *names: str) -> list[dg.AssetKey]:
        """Find the assets of dbt models by the models' names."""
        return [self._key_by_name[name] for name in names]

    def keys_in(self, *folders: str) -> list[dg.AssetKey]:
        """List the assets of the dbt models in some folders."""
        return [self.get_asset_key(one) for one in self._models if _folder(one) in folders]

    def keys_tagged(self, tag: str) -> list[dg.AssetKey]:
        """List the assets of the dbt models that carry a tag."""
        return [self.get_asset_key(one) for one in self._models if tag in one["tags"]]

    def tables_of(self, stage: str) -> Mapping[str, str]:
        """Describe the tables that a Python stage hands back to dbt, by name."""
        return {
            source["name"]: source["description"]
            for _, source in sorted(self._manifest["sources"].items())
            if source["source_name"] == stage
        }

    @cached_property
    def _models(self) -> Sequence[Mapping[str, Any]]:
        nodes = self._manifest["nodes"]
        return [node for _, node in sorted(nodes.items()) if node["resource_type"] == "model"]

    @cached_property
    def _key_by_name(self) -> Mapping[str, dg.AssetKey]:
        return {node["name"]: self.get_asset_key(node) for node in self._models}

    def _tested_id(self, test_id: str) -> str | None:
        nodes = self._manifest["nodes"]
        parents = [one for one in _parents(nodes[test_id]) if one in nodes]
        if not parents:
            return None
        attached = nodes[test_id].get("attached_node")
        return max(parents, key=lambda one: (_rank(nodes[one]), one == attached, one))


def _parents(test: Mapping[str, Any]) -> list[str]:
    return list(test["depends_on"]["nodes"])


def _folder(node: Mapping[str, Any]) -> str:
    if node["resource_type"] == "seed":
        return "seeds"
    return str(node["fqn"][1]) if node["resource_type"] != "source" else str(node["source_name"])


def _rank(node: Mapping[str, Any]) -> int:
    stage = "sums" if "sums" in node.get("tags", ()) else _folder(node)
    return _ORDER.index(stage) if stage in _ORDER else -1
