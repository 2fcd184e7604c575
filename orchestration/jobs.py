"""When the pipeline runs by itself: every morning, and when files have arrived."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import dagster as dg

from orchestration.config_load import load_settings
from orchestration.resources import default_config_file

CHECK_SECONDS = 60
EVERY_MORNING = "0 5 * * *"

whole_pipeline = dg.define_asset_job(
    "whole_pipeline",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Everything, from the exports to the published snapshot.",
)


def daily_schedule(timezone: str) -> dg.ScheduleDefinition:
    """Run every morning in the company's zone, looking from the moment the run was due."""

    @dg.schedule(
        job=whole_pipeline,
        name="daily",
        cron_schedule=EVERY_MORNING,
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Lands what came and publishes, as of the moment it was due.",
    )
    def daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        due = context.scheduled_execution_time.isoformat()
        is_fixed = load_settings(default_config_file()).as_of is not None
        return dg.RunRequest(run_key=due, run_config=run_config(as_of="" if is_fixed else due))

    return daily


@dg.sensor(
    job=whole_pipeline,
    name="new_files",
    minimum_interval_seconds=CHECK_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Runs when the files in the configured source folders have changed.",
)
def new_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Ask for a run when files have come or gone since the last one, and are at rest."""
    folders = load_settings(default_config_file()).sources.folders.values()
    cursor, run_key = next_look(context.cursor, files_digest(folders))
    if run_key is None:
        context.update_cursor(cursor)
        return dg.SkipReason("The source folders hold nothing new, or files are still arriving.")
    request = dg.RunRequest(run_key=run_key, run_config=run_config())
    return dg.SensorResult(run_requests=[request], cursor=cursor)


def next_look(cursor: str | None, digest: str) -> tuple[str, str | None]:
    """Compare what lies in the folders with the last look.

    The first look only remembers: what lies there may have run already. A change counts once two
    looks in a row see the same.

    Returns:
        The new cursor, and the key of the run to ask for, or None.
    """
    last = json.loads(cursor) if cursor else {"run": digest, "seen": digest}
    is_due = last["run"] != digest == last["seen"]
    after = {"run": digest if is_due else last["run"], "seen": digest}
    return json.dumps(after), digest if is_due else None


def files_digest(folders: Iterable[Path]) -> str:
    """Digest the names and sizes of all files under some folders; contents are not read."""
    digest = hashlib.sha256()
    for folder in sorted(folders):
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{file}\0{file.stat().st_size}\n".encode())
    return digest.hexdigest()


def run_config(
    *, config_file: Path | None = None, as_of: str = "", loggers: Sequence[str] = ()
) -> dict[str, object]:
    """Configure a run that waits its turn.

    Args:
        config_file: The user's configuration; by default the one of this installation.
        as_of: The moment to look from; empty for the configured one, or now.
        loggers: Dagster's loggers to use in place of the console.
    """
    run = {"config_file": str(config_file or default_config_file()), "as_of": as_of, "wait": True}
    config: dict[str, object] = {"resources": {"run": {"config": run}}}
    return {**config, "loggers": {name: {} for name in loggers}} if loggers else config
