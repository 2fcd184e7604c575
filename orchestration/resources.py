"""What Dagster gives every step: one run, which holds the writer's lock from start to end."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import dagster as dg

from orchestration.as_of import parse_as_of
from orchestration.config import Settings
from orchestration.config_load import DEFAULT_FILE, load_settings
from orchestration.dbt_process import DbtProject
from orchestration.lock import hold_writer_lock
from orchestration.places import Places, main_places, places_for
from orchestration.run import Run, utc_now
from orchestration.status import last_published_as_of

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
        settings = load_settings(Path(config["config_file"]))
        lock = main_places(settings.data_dir).lock
        with hold_writer_lock(lock, now=utc_now(), wait=config["wait"]):
            as_of = choose_as_of(config["as_of"], settings, now=utc_now())
            yield Run(
                run_id=context.run_id or "",
                as_of=as_of,
                settings=settings,
                places=choose_places(settings, as_of=as_of),
                project=project,
            )

    return run


def choose_as_of(given: str, settings: Settings, *, now: datetime) -> datetime:
    """Take the moment given, else the configured one, else now."""
    return parse_as_of(given) if given else settings.as_of or now.replace(microsecond=0)


def choose_places(settings: Settings, *, as_of: datetime) -> Places:
    """Choose where a run builds, by what is published now."""
    published = last_published_as_of(main_places(settings.data_dir).status)
    return places_for(settings.data_dir, as_of=as_of, last_published=published)
