"""What `trustlift explain` says: a feature's verdict, why, and what happens next.

Everything is in one published row; nothing is worked out here.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

import warehouse
from orchestration.config_load import load_settings
from orchestration.exits import CommandError, Exit
from orchestration.hints import command_line
from orchestration.places import main_places
from orchestration.screen import make_console
from verdicts.rows import WEEKLY
from warehouse import counted

MART = "kpi_feature_verdicts_weekly"
_COLUMNS = {*WEEKLY.names, "data_quality", "first_verdict", "is_corrected"}
_STYLES = {"scale": "green", "fix": "yellow", "remove": "red", "sunset": "red"}


def explain_feature(config: Path, feature: str, *, day: date | None, as_json: bool) -> None:
    """Print a feature's published verdict.

    Args:
        config: The user's configuration.
        feature: Its id.
        day: A day of the week asked for; None for the last week there is.
        as_json: For machines: the row as it is published.

    Raises:
        CommandError: Nothing is published, or nothing of this feature or week.
    """
    places = main_places(load_settings(config).data_dir)
    row = read_verdict(
        places.published / "kpi.duckdb",
        feature,
        week=None if day is None else day - timedelta(days=day.weekday()),
        run=command_line("trustlift run", config),
    )
    if as_json:
        sys.stdout.write(json.dumps(row, default=str) + "\n")
    else:
        print_verdict(make_console(), row)


def read_verdict(snapshot: Path, feature: str, *, week: date | None, run: str) -> Mapping[str, Any]:
    """Read the published row of a feature and week.

    Args:
        snapshot: `kpi.duckdb`.
        feature: Its id.
        week: The Monday; None for the last one.
        run: The command that publishes, for the reader.

    Raises:
        CommandError: There is no such row.
    """
    if not snapshot.exists():
        raise CommandError("Nothing is published yet.", remedy=f"Run {run}.")
    with closing(warehouse.connect(snapshot, read_only=True)) as connection:
        try:
            weeks = _weeks(connection, feature)
        except duckdb.CatalogException as error:
            raise CommandError(f"What is published has no {MART}.", remedy=f"Run {run}.") from error
        chosen = weeks[-1] if week is None else week
        if chosen not in weeks:
            raise CommandError(
                f"{feature} has no verdict for the week of {chosen}: its verdicts go from the "
                f"week of {weeks[0]} to that of {weeks[-1]}.",
                remedy="Give --week a day between them, or leave it out for the last one.",
                code=Exit.USAGE,
            )
        rows = connection.sql(
            f"from {MART} where feature_id = ? and week_start_date = ?", params=[feature, chosen]
        )
        missing = sorted(_COLUMNS - set(rows.columns))
        if missing:
            raise CommandError(
                f"What is published is of another version: {MART} has no {', '.join(missing)}.",
                remedy=f"Run {run}.",
            )
        return dict(zip(rows.columns, rows.fetchall()[0], strict=True))


def _weeks(connection: duckdb.DuckDBPyConnection, feature: str) -> list[date]:
    weeks = connection.execute(
        f"select week_start_date from {MART} where feature_id = ? order by 1", [feature]
    ).fetchall()
    if weeks:
        return [week for (week,) in weeks]
    known = connection.execute(f"select distinct feature_id from {MART} order by 1").fetchall()
    names = ", ".join(name for (name,) in known)
    raise CommandError(
        f"{feature!r} has no verdict: a feature has one from its first whole week on.",
        remedy=f"Give one of: {names}." if names else "No feature has one yet.",
        code=Exit.USAGE,
    )


def print_verdict(console: Console, row: Mapping[str, Any]) -> None:
    """Print a row for people, within the console's width."""
    verdict = row["verdict"]
    console.print(
        Text.assemble(
            f"{row['feature_id']}: ", (verdict, f"bold {_STYLES.get(verdict, '')}".strip())
        )
    )
    since, weeks = row["since_week_start_date"], counted(row["weeks_in_state"], "week")
    console.print(f"Week of {row['week_start_date']}. Rollout: {row['rollout_action']}.")
    entered = f"since the week of {since}, {weeks} with data: {row['entered_because']}."
    console.print(Text(f"{verdict.capitalize()} {entered}"))
    if row["clock_weeks_left"] is not None:
        left, cycle = counted(row["clock_weeks_left"], "week"), row["fix_cycle_count"]
        console.print(f"Fix clock: {left} left, fix {cycle}.")
    _section(console, "Why", row["reasons"].split("; "))
    step, day = row["next_step"], row["next_step_date"]
    _section(console, "Next", [step if day is None else f"from {day}: {step}"])
    notes = list(_notes(row))
    if notes:
        _section(console, "Mind", notes)


def _notes(row: Mapping[str, Any]) -> list[str]:
    first = f"corrected by late data: it was first said to be {row['first_verdict']}"
    gap = "no live quantitative series" if not row["has_quantitative"] else ""
    voice = "no live qualitative series" if not row["has_qualitative"] else ""
    said = {
        first: row["is_corrected"],
        "a vanity trap: volume is up, and what customers have of it is not": row["is_vanity_trap"],
        f"judged with one eye: {' and '.join(filter(None, [gap, voice]))}": row["has_track_gap"],
        f"without data for {counted(row['blocked_weeks'], 'week')}": row["blocked_weeks"] > 0,
        "a gate did not pass on data of these weeks": row["data_quality"] != "ok",
    }
    return [note for note, holds in said.items() if holds]


def _section(console: Console, title: str, lines: list[str]) -> None:
    console.print(Text(title, style="bold"))
    grid = Table.grid(padding=(0, 1))
    for line in lines:
        grid.add_row("  -", Text(line, overflow="fold"))
    console.print(grid)
