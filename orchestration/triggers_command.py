"""What `triggers export` does: hand the follow-ups that are due to the sending system."""

from contextlib import closing
from pathlib import Path

import duckdb

import warehouse
from orchestration.commands import tell
from orchestration.config_load import load_settings
from orchestration.exits import CommandError
from orchestration.hints import command_line
from orchestration.lock import hold_writer_lock
from orchestration.places import main_places
from orchestration.run import utc_now

MART = "flow_triggers_due"


def export_triggers(config: Path, *, folder: Path | None, wait: bool, as_json: bool) -> None:
    """Write the follow-ups that are due and have not left yet.

    Deadlines are held against the configured `as_of`, else against the clock.

    Args:
        config: The user's configuration.
        folder: Where the sending system looks; None for the data folder's own.
        wait: Wait for a run to end.
        as_json: For machines.

    Raises:
        CommandError: Nothing is published, or the memory of exports cannot be used.
    """
    from activation import StoreError, export
    from activation.follow_ups import read_addresses, read_due

    settings = load_settings(config)
    places = main_places(settings.data_dir)
    now = utc_now()
    snapshot = places.published / "kpi.duckdb"
    run = command_line("trustlift run", config)
    if not snapshot.exists():
        raise CommandError("Nothing is published yet.", remedy=f"Run {run}.")
    try:
        with hold_writer_lock(places.lock, now=now, wait=wait):
            with closing(warehouse.connect(snapshot, read_only=True)) as published:
                due = read_due(published, now=settings.as_of or now)
            with closing(warehouse.connect(places.build, read_only=True)) as build:
                addresses = read_addresses(build)
            done = export(
                due,
                addresses,
                store=places.activation / "exports.sqlite",
                folder=folder or places.activation / "outbox",
                now=now,
            )
    except StoreError as error:
        raise CommandError(str(error), remedy="") from error
    except duckdb.CatalogException as error:
        raise CommandError(
            f"What is published, or the build beside it, has no {MART}.", remedy=f"Run {run}."
        ) from error
    tell(
        {
            "exported": done.follow_ups,
            "before": done.before,
            "unknown": done.unknown,
            "files": ", ".join(str(path) for path in done.files) or "none",
        },
        as_json=as_json,
        next_step="have the sending system take the files"
        if done.files
        else f"{run}, for what becomes due later",
    )
