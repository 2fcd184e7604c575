"""What `trustlift registry` says: which experiments are registered, and what breaks the rules."""

import json
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

import warehouse
from orchestration.config_load import load_settings
from orchestration.exits import CommandError, Exit
from orchestration.hints import command_line
from orchestration.lock import hold_writer_lock
from orchestration.places import main_places
from orchestration.registry import Registry, read_registry
from orchestration.run import utc_now
from orchestration.screen import make_console
from warehouse import counted


def show_registry(config: Path, *, wait: bool, as_json: bool) -> Exit:
    """Print the registry as the last run saw it; 3 if something in force breaks a rule."""
    registry = load_registry(config, wait=wait)
    if as_json:
        told = {**asdict(registry), "exit_code": int(registry.exit_code)}
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        print_registry(make_console(), registry)
    return registry.exit_code


def load_registry(config: Path, *, wait: bool) -> Registry:
    """Read the registry of a configuration's build.

    Raises:
        CommandError: Nothing has run yet, or another run is writing.
    """
    places = main_places(load_settings(config).data_dir)
    run = command_line("trustlift run", config)
    if not places.build.exists():
        raise CommandError("Nothing has run yet, so no registry was read.", remedy=f"Run {run}.")
    try:
        with (
            hold_writer_lock(places.lock, now=utc_now(), wait=wait),
            closing(warehouse.connect(places.build, read_only=True)) as build,
        ):
            return read_registry(build)
    except duckdb.CatalogException as error:
        raise CommandError("The build has no registry.", remedy=f"Run {run}.") from error


def print_registry(console: Console, registry: Registry) -> None:
    """Print experiments and faults in 80 columns."""
    if not registry.experiments:
        console.print("No experiment is registered: see docs/experiments.md.")
    else:
        console.print(_experiments_table(registry))
    for fault in registry.faults:
        about = f"{fault.subject_type} {fault.subject}: {fault.message}"
        style = "yellow" if fault.is_current else "dim"
        ended = "" if fault.is_current else " (ended)"
        console.print(Text(f"FAULT {about}{ended}", style=style, overflow="fold"))
    current = sum(fault.is_current for fault in registry.faults)
    console.print(f"{counted(current, 'fault')} in force.")


def _experiments_table(registry: Registry) -> Table:
    table = Table(box=None, pad_edge=False, title="Experiments", title_justify="left")
    for column in ("experiment", "kind", "started", "ended", "primary metric"):
        table.add_column(column, overflow="fold")
    table.add_column("minimum", justify="right")
    table.add_column("held out", justify="right")
    for one in registry.experiments:
        table.add_row(
            one.experiment_id,
            one.kind,
            one.started_at[:10],
            "" if one.ended_at is None else one.ended_at[:10],
            one.primary_metric or "none",
            "none" if one.minimum_effect is None else f"{one.minimum_effect:g}",
            f"{one.holdout_share:.0%}",
        )
    return table
