"""What people see: progress while it runs, and a summary that fits 80 columns."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.status import Status as Spinner
from rich.table import Table
from rich.text import Text

from orchestration.progress import LOGGER, Progress, progress_of
from orchestration.status import Blocked
from orchestration.summary import Summary
from orchestration.unread import print_unread
from report import SourceRows

WIDTH = 80


def make_console(*, stderr: bool = False) -> Console:
    """Make a console no wider than 80 columns, which prints words as they were written."""
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    console.width = min(console.width, WIDTH)
    return console


class ProgressHandler(logging.Handler):
    """Show the stage that runs in a spinner, and a line for each that has ended."""

    def __init__(self, console: Console, spinner: Spinner) -> None:
        super().__init__(logging.DEBUG)
        self._console = console
        self._spinner = spinner

    def emit(self, record: logging.LogRecord) -> None:
        """Show a report; other records are not ours."""
        progress = progress_of(record)
        if progress is None:
            return
        if progress.seconds is None:
            self._spinner.update(_fitted(f"{_label(progress.stage)} {progress.detail}"))
        else:
            self._console.print(_line(progress))


@contextmanager
def showing_progress(console: Console) -> Iterator[None]:
    """Show the run's progress while the block lasts."""
    with console.status("starting") as spinner:
        handler = ProgressHandler(console, spinner)
        level = LOGGER.level
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            LOGGER.removeHandler(handler)
            LOGGER.setLevel(level)


def print_summary(console: Console, summary: Summary) -> None:
    """Print what a run did and where to look."""
    if summary.rows:
        console.print(_rows_table(summary.rows))
    for table, changes in summary.drift.items():
        console.print(Text(f"DRIFT {table}: {changes}", style="yellow", overflow="fold"))
    if summary.gates:
        console.print(f"Gates: {_listed(summary.gates)}.")
    if summary.marts:
        console.print(_marts_table(summary.marts))
        console.print(f"Published as of {summary.status.as_of}. Look into:")
        console.print(Text(f"  {summary.published}/kpi.duckdb", overflow="fold"))
        console.print("  and a Parquet file for each mart beside it.")
        if any(finding.endswith("warning failed") for finding in summary.gates):
            console.print("Table gate_results in it says what drew a warning, and why.")
    if summary.kept_as_of is not None:
        console.print("This run looks back: what `trustlift status` tells of stays,")
        console.print(f"  published as of {summary.kept_as_of}.")
    if summary.fault is not None and summary.status.state == "failed":
        console.print(Text(f"FAILED {summary.fault.step}", style="bold red"))
        console.print(Text(summary.fault.message, overflow="fold"))
        console.print(Text(f"The details are in {summary.log}", overflow="fold"))
    for blocked in summary.status.blocked:
        print_blocked(console, blocked)
    for unread in summary.unread:
        print_unread(console, unread)
    console.print(Text(f"Every verdict: {summary.validation}", overflow="fold"))
    spent = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in summary.seconds.items())
    console.print(f"Time: {spent}.", style="dim")


def print_blocked(console: Console, blocked: Blocked, *, note: str = "") -> None:
    """Print why a batch or mart blocks, and what to run, or a note that it is dealt with."""
    console.print(Text(f"BLOCKED {blocked.subject}", style="bold red", overflow="fold"))
    for line in (
        f"expected {blocked.expectation}, found {blocked.found}",
        f"source {blocked.source}, owner {blocked.owner}",
        note or blocked.remedy,
    ):
        console.print(Padding(Text(line, overflow="fold"), (0, 0, 0, 2)))
    # Not indented: they are to be copied.
    for command in () if note else blocked.commands:
        console.print(Text(command, overflow="fold"))


def _rows_table(rows: tuple[SourceRows, ...]) -> Table:
    table = Table(box=None, pad_edge=False, title_justify="left", title="Rows")
    table.add_column("source")
    table.add_column("received", justify="right")
    table.add_column("kept", justify="right")
    table.add_column("excluded", overflow="fold")
    for row in rows:
        table.add_row(row.source, f"{row.received:,}", f"{row.kept:,}", _listed(row.excluded))
    return table


def _marts_table(marts: Mapping[str, int]) -> Table:
    table = Table(box=None, pad_edge=False, title_justify="left", title="Marts")
    table.add_column("mart")
    table.add_column("rows", justify="right")
    for mart, rows in marts.items():
        table.add_row(mart, f"{rows:,}")
    return table


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())


def _line(progress: Progress) -> Text:
    mark, style = ("✓", "green") if progress.state == "done" else ("✗", "red")
    text = f"{mark} {_label(progress.stage):<24} {progress.seconds:>7.1f} s  {progress.detail}"
    return Text(_fitted(text), style=style if progress.state == "failed" else "")


def _label(stage: str) -> str:
    return stage.replace("_", " ")


def _fitted(text: str) -> str:
    return text if len(text) < WIDTH else f"{text[: WIDTH - 2]}…"
