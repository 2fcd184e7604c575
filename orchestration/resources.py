"""What Dagster gives every step: one run, which holds the writer's lock from start to end."""

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from orchestration.as_of import choose_as_of
from orchestration.config_load import DEFAULT_FILE, load_settings
from orchestration.dbt_process import DbtProject
from orchestration.lock import hold_writer_lock
from orchestration.places import choose_places, main_places
from orchestration.run import Run, utc_now

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
CONFIG_VARIABLE = "TRUSTLIFT_CONFIG"


def default_config_file() -> Path:
    """Give the configuration that the user interface and the schedule use."""
    return Path(os.environ.get(CONFIG_VARIABLE) or PROJECT_FOLDER / DEFAULT_FILE)


def run_resource(project: DbtProject) -> dg.ResourceDefinition:
    """Make the resource `run`.

    Its configuration: `config_file`, the user's `trustlift.yml`; `as_of`, the moment to look from,
    empty for the file's or now; `wait`, to wait for another writer instead of failing.
    """
    schema = {
        "config_file": dg.Field(str, default_value=str(default_config_file())),
        "as_of": dg.Field(str, default_value=""),
        "wait": dg.Field(bool, default_value=False),
    }

    @dg.resource(config_schema=schema, description="One run, and the writer's lock.")
    def run(context: dg.InitResourceContext) -> Iterator[Run]:
        config = context.resource_config
        config_file = Path(config["config_file"])
        settings = load_settings(config_file)
        lock = main_places(settings.data_dir).lock
        with hold_writer_lock(lock, now=utc_now(), wait=config["wait"]):
            as_of = choose_as_of(config["as_of"], settings.as_of, now=utc_now())
            this = Run(
                run_id=context.run.run_id if context.run else "",
                as_of=as_of,
                config_file=config_file,
                settings=settings,
                places=choose_places(settings.data_dir, as_of=as_of),
                project=project,
            )
            with this.in_history():
                yield this

    return run
