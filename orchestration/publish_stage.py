"""Publish: the customer ids, the snapshot, and the word that it is there."""

from collections.abc import Mapping
from typing import Any

import warehouse
from orchestration.exits import CommandError
from orchestration.publishes import record_publish
from orchestration.retention import apply_retention
from orchestration.run import Run
from orchestration.segments import PUBLISH, STAGES_BEFORE_PUBLISH
from orchestration.stages import Metadata
from orchestration.stamps import require_whole_run

# What analysts get beside the marts: what was judged, and how; what was said of features, and when.
EXTRA_TABLES = {"gate_results": "gates.results", "verdict_history": "verdicts.history"}


def publish(run: Run) -> Metadata:
    """Swap in the snapshot, if this run built all of it.

    The customer ids are committed first: ids that are known and never seen do no harm, while ids
    that are published and forgotten would be given to others by the next run. So are the verdicts:
    one that is seen and not logged could be changed without anybody being told.

    Raises:
        CommandError: Another run built a stage, or this one built it in part.
    """
    from identity.state import commit_state

    order_by = primary_keys(run.project.nodes)
    with run.connect() as connection:
        require_whole_run(connection, STAGES_BEFORE_PUBLISH, run_id=run.run_id)
    with run.stage(PUBLISH, "python") as stage:
        commit_state(run.places.identity_candidate, run.places.identity_state)
        commit_state(run.places.verdict_candidate, run.places.verdict_log)
        marts = warehouse.publish(
            run.places.build,
            run.places.published,
            order_by=order_by,
            extra_tables=EXTRA_TABLES,
            keep_snapshots=run.settings.retention.snapshots,
        )
        record_publish(
            run.places.publishes,
            published_at=run.clock(),
            as_of=run.as_of,
            lake=run.places.lake,
        )
        stage.result = f"{len(marts)} marts"
    run.announce_published()
    apply_retention(run)
    return {"marts": len(marts), "folder": str(run.places.published)}


def primary_keys(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """Read each mart's primary key from its meta.

    Raises:
        CommandError: A mart declares none.
    """
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    marts = [node for node in models if warehouse.is_mart(node["name"])]
    return {node["name"]: _primary_key(node) for node in marts}


def _primary_key(node: Mapping[str, Any]) -> list[str]:
    columns = node["config"]["meta"].get("primary_key")
    if not columns:
        raise CommandError(
            f"Mart {node['name']} declares no primary key, the order its rows are published in.",
            remedy="Add meta.primary_key beside it in models/marts.",
        )
    return list(columns)
