"""Run the whole graph in this process, and say what came of it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.exits import CommandError
from orchestration.places import Places
from orchestration.run import INTERRUPTIONS
from orchestration.status import Status, read_status

if TYPE_CHECKING:
    import dagster as dg

DAGSTER_HOME = "DAGSTER_HOME"
_INSTANCE_FILE = "dagster.yaml"
_LONGEST_MESSAGE = 800


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a run failed.

    Attributes:
        step: The step that failed.
        kind: Name of the error's class.
        message: What it says.
    """

    step: str
    kind: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a run ended: what the run itself wrote, and why it failed if it did."""

    status: Status
    fault: Fault | None


def load_job() -> "dg.JobDefinition":
    """Import the stages and parse the dbt project."""
    from orchestration.definitions import defs
    from orchestration.jobs import whole_pipeline

    return defs.resolve_job_def(whole_pipeline.name)


def run_pipeline(
    job: "dg.JobDefinition", config_file: Path, *, as_of: datetime, places: Places
) -> Ended:
    """Materialise every asset.

    The caller holds the writer's lock; the run takes it once more, as runs from the user interface
    do.

    Args:
        job: The whole pipeline.
        config_file: The user's configuration.
        as_of: The moment to look from.
        places: Where the run builds, to read what it wrote.

    Raises:
        CommandError: The run could not begin.
    """
    from orchestration.dbt_process import drop_former_queries
    from orchestration.jobs import run_config
    from orchestration.run_log import NAME

    drop_former_queries(places.build)
    config = run_config(config_file=config_file, as_of=as_of.isoformat(), loggers=[NAME])
    with dagster_instance() as instance:
        result = job.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
    fault = first_fault(result)
    status = read_status(places.status)
    if status is None or status.run_id != result.run_id:
        reason = fault.message if fault else "no stage started"
        raise CommandError(f"The run could not begin: {reason}.", remedy=f"See {places.run_log}.")
    return Ended(status=status, fault=fault)


def first_fault(result: "dg.ExecuteInProcessResult") -> Fault | None:
    """Find the first step that failed, and its innermost cause."""
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        if error is None or not (event.is_step_failure or event.is_failure):
            continue
        while error.cause is not None:
            error = error.cause
        if error.cls_name in INTERRUPTIONS:
            said = "The run was stopped before its end. Start it again when you like."
            return Fault(step=event.step_key or "", kind=error.cls_name, message=said)
        return Fault(
            step=event.step_key or "",
            kind=str(error.cls_name),
            message=shortened(error.message.strip().partition(f"{error.cls_name}: ")[2])
            or shortened(error.message),
        )
    return None


def shortened(message: str) -> str:
    """Cut a message that is too long to be read; the log has all of it."""
    text = message.strip()
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE].rstrip()} …"


@contextmanager
def dagster_instance() -> Iterator["dg.DagsterInstance"]:
    """Use the instance of DAGSTER_HOME, so that the run shows in the user interface, or none."""
    import dagster as dg

    home = os.environ.get(DAGSTER_HOME)
    if not home:
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance
        return
    prepare_home(Path(home))
    with dg.DagsterInstance.get() as instance:
        yield instance


def prepare_home(home: Path) -> None:
    """Make the instance's folder, with our settings unless it has its own."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / _INSTANCE_FILE).exists():
        shutil.copy(Path(__file__).with_name(_INSTANCE_FILE), home / _INSTANCE_FILE)
