"""What `simulate`, `reject` and `restore` do; `cli` only reads the words typed."""

import json
import shutil
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from orchestration.config_load import load_settings
from orchestration.exits import CommandError, Exit
from orchestration.hints import command_line
from orchestration.lock import hold_writer_lock
from orchestration.places import main_places
from orchestration.run import utc_now
from orchestration.screen import make_console

if TYPE_CHECKING:
    from simulation.parameters import Scenario

DRAFT = "simulated.draft"
"""Folder under the data folder in which a company is while it is being written."""


def simulate_company(
    config: Path,
    *,
    seed: int,
    customers: int,
    days: int,
    start: date,
    scenario: str | None,
    scenario_date: date | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Write the sample company under the configured data folder.

    It is written beside and moved in whole, so that an interruption leaves what was there before.

    Raises:
        CommandError: A parameter breaks its rule, exports are there already, or a run is writing.
    """
    from simulation import SimulationParameters, simulate

    settings = load_settings(config)
    exports, truth = settings.data_dir / "exports", settings.data_dir / "truth"
    try:
        parameters = SimulationParameters(
            seed=seed,
            customers=customers,
            days=days,
            start=start,
            scenario=cast("Scenario | None", scenario),
            scenario_date=scenario_date,
        )
    except ValueError as error:
        raise CommandError(str(error), remedy="", code=Exit.USAGE) from error
    console = make_console(stderr=True)
    lock = main_places(settings.data_dir).lock
    with hold_writer_lock(lock, now=utc_now()), console.status("simulating") as spinner:
        check_room(exports, truth, replace=replace)
        draft = settings.data_dir / DRAFT
        shutil.rmtree(draft, ignore_errors=True)
        summary = simulate(
            parameters,
            draft / exports.name,
            draft / truth.name,
            progress=lambda what, share: spinner.update(f"{what} {share:.0%}"),
        )
        move_in(draft, exports, truth)
    told: dict[str, object] = {
        "exports": str(exports),
        "as_of": summary.as_of.isoformat(),
        "files": summary.files,
        "rows": sum(summary.rows.values()),
        "seconds": round(summary.seconds, 1),
    }
    if settings.as_of != summary.as_of:
        said = "has none" if settings.as_of is None else f"says {settings.as_of.isoformat()}"
        told["note"] = (
            f"{config.name} {said}: write `as_of: {summary.as_of.isoformat()}` there, or each run "
            "without --as-of looks from another moment than the one at which these exports end"
        )
    as_of = "" if settings.as_of == summary.as_of else f" --as-of {summary.as_of:%Y-%m-%d}"
    tell(told, as_json=as_json, next_step=command_line(f"trustlift run{as_of}", config))


def check_room(exports: Path, truth: Path, *, replace: bool) -> None:
    """See that no other company's exports are in the way.

    Only what has its truth beside it was simulated, and may be replaced.

    Raises:
        CommandError: There are exports, and they are not to be replaced or are no sample.
    """
    if not exports.exists() or not any(exports.iterdir()):
        return
    if not truth.exists():
        raise CommandError(
            f"{exports} holds exports that were not simulated.",
            remedy="Choose another data_dir, or move them away.",
            code=Exit.USAGE,
        )
    if not replace:
        raise CommandError(
            f"{exports} holds a sample company already.",
            remedy="Add --replace to write another in its place.",
            code=Exit.USAGE,
        )


def move_in(draft: Path, exports: Path, truth: Path) -> None:
    """Put a company that is written in whole in the place of the one before.

    Exports go first and come last, each by a rename: there is never a part of them, nor any without
    their truth beside them.
    """
    for old in (exports, truth):
        if old.exists():
            old.rename(draft / f"old_{old.name}")
    for new in (truth, exports):
        (draft / new.name).rename(new)
    shutil.rmtree(draft)


def reject_batch(config: Path, batch: str, *, reason: str, wait: bool, as_json: bool) -> None:
    """Set a batch aside.

    Raises:
        CommandError: There is no such batch, it is set aside already, or the reason is empty.
    """
    from ingestion.setaside import SetAsideError, reject

    if not reason.strip():
        raise CommandError("--reason is empty.", remedy="Say why.", code=Exit.USAGE)
    places = main_places(load_settings(config).data_dir)
    now = utc_now()
    try:
        with hold_writer_lock(places.lock, now=now, wait=wait):
            rejection = reject(places.lake, batch, reason=reason.strip(), now=now)
    except SetAsideError as error:
        raise CommandError(str(error), remedy="", code=Exit.USAGE) from error
    undo = command_line(f"trustlift restore {batch}", config)
    told = {"rejected": batch, "rows": rejection.rows, "undo": undo}
    tell(told, as_json=as_json, next_step=command_line("trustlift run", config))


def restore_batch(config: Path, batch: str, *, wait: bool, as_json: bool) -> None:
    """Bring a rejected batch back.

    Raises:
        CommandError: No such batch is set aside.
    """
    from ingestion.setaside import SetAsideError, restore

    places = main_places(load_settings(config).data_dir)
    try:
        with hold_writer_lock(places.lock, now=utc_now(), wait=wait):
            rejection = restore(places.lake, batch)
    except SetAsideError as error:
        raise CommandError(str(error), remedy="", code=Exit.USAGE) from error
    told = {"restored": batch, "rows": rejection.rows}
    tell(told, as_json=as_json, next_step=command_line("trustlift run", config))


def tell(facts: Mapping[str, object], *, as_json: bool, next_step: str) -> None:
    """Print what was done, for people or for machines."""
    if as_json:
        sys.stdout.write(json.dumps({**facts, "next": next_step}) + "\n")
        return
    console = make_console()
    for name, value in facts.items():
        if isinstance(value, bool):
            shown = "yes" if value else "no"
        else:
            shown = f"{value:,}" if isinstance(value, int) else str(value)
        console.print(f"{name:<9} {shown}", overflow="fold")
    console.print(f"Next: {next_step}")
