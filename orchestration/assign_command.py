"""What `trustlift assign` does: draw who is held out of a registered experiment."""

import csv
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.commands import tell
from orchestration.exits import CommandError, Exit
from orchestration.hints import command_line
from orchestration.registry import Registry
from orchestration.registry_command import load_registry
from orchestration.run import utc_now

if TYPE_CHECKING:
    from activation import HoldoutDraw

STDIN = Path("-")
UNIT_TYPES = ("customer", "device", "anonymous")


def assign_units(
    config: Path,
    experiment_id: str,
    *,
    units: Path,
    column: str | None,
    unit_type: str,
    salt: str | None,
    holdout_share: float | None,
    folder: Path | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Write an assignment for each unit: to a folder of exports, or to stdout as JSON lines.

    Args:
        config: The user's configuration.
        experiment_id: A registered experiment.
        units: A file of units, `-` for stdin.
        column: Which column of a CSV file they are; None for one unit a line.
        unit_type: customer, device or anonymous.
        salt: What to hash with; None for the registered one, else the experiment's id.
        holdout_share: Share to hold out; None for the registered one.
        folder: Root of the experiment platform's exports; None for stdout.
        wait: Wait for a run to end.
        as_json: For machines.

    Raises:
        CommandError: The experiment is not registered so, or the units can't be read.
    """
    from activation import assignments, write_assignments

    if unit_type not in UNIT_TYPES:
        raise CommandError(
            f"{unit_type!r} is no type of unit.",
            remedy=f"Give one of {', '.join(UNIT_TYPES)}.",
            code=Exit.USAGE,
        )
    registry = load_registry(config, wait=wait)
    draw = make_draw(
        registry,
        experiment_id,
        salt=salt,
        holdout_share=holdout_share,
        run=command_line("trustlift run", config),
    )
    now = utc_now()
    rows = list(assignments(draw, read_units(units, column), unit_type=unit_type, now=now))
    if folder is None:
        sys.stdout.writelines(f"{json.dumps(row)}\n" for row in rows)
        return
    held_out = sum(row["variation_role"] == "holdout" for row in rows)
    file = write_assignments(rows, folder, now=now)
    tell(
        {"assigned": len(rows), "held_out": held_out, "salt": draw.salt, "file": str(file)},
        as_json=as_json,
        next_step="serve nobody who is held out, and log what they would have seen",
    )


def make_draw(
    registry: Registry,
    experiment_id: str,
    *,
    salt: str | None,
    holdout_share: float | None,
    run: str,
) -> "HoldoutDraw":
    """Draw as the registry says.

    Raises:
        CommandError: The experiment is not in it, or is with another share or salt.
    """
    from activation import HoldoutDraw

    experiment = registry.experiment(experiment_id)
    if experiment is None:
        raise CommandError(
            f"{experiment_id} is not in the registry, and what is not declared is not drawn.",
            remedy=f"Add it to the registry's experiments and run {run}.",
            code=Exit.USAGE,
        )
    share = experiment.holdout_share if holdout_share is None else holdout_share
    if not math.isclose(share, experiment.holdout_share):
        raise CommandError(
            f"{experiment_id} is registered with a holdout share of {experiment.holdout_share}, "
            f"not {share}.",
            remedy="Leave --holdout-share out, or register another experiment.",
            code=Exit.USAGE,
        )
    chosen = registry.salt_of(experiment, salt)
    try:
        return HoldoutDraw(experiment_id=experiment_id, salt=chosen, holdout_share=share)
    except ValueError as error:
        raise CommandError(str(error), remedy="", code=Exit.USAGE) from error


def read_units(file: Path, column: str | None) -> Iterator[str]:
    """Read one unit a line, or a column of a CSV file with a header.

    Raises:
        CommandError: The file can't be read, or has no such column.
    """
    try:
        text = sys.stdin.read() if file == STDIN else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{file} can't be read as text: {type(error).__name__}.",
            remedy="Name a file of units, or - for stdin.",
            code=Exit.USAGE,
        ) from error
    if column is None:
        yield from text.splitlines()
        return
    table = csv.DictReader(text.splitlines())
    if column not in (table.fieldnames or ()):
        raise CommandError(
            f"{file} has no column {column!r}.",
            remedy="Name one of its first line, or leave --column out.",
            code=Exit.USAGE,
        )
    yield from (row[column] or "" for row in table)
