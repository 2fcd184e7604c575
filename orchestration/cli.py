"""The command line. Nothing heavy is imported before a command needs it: help comes at once."""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from orchestration.exits import CommandError, Exit

app = typer.Typer(
    name="trustlift",
    help="Tell whether AI personalisation improves the customer's experience.",
    epilog="Exit codes: 0 published, 2 bad configuration or usage, 3 blocked by a gate, 1 failed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
alerts_app = typer.Typer(
    invoke_without_command=True, help="Say what is open, and what has not reached whom."
)
app.add_typer(alerts_app, name="alerts")
triggers_app = typer.Typer(no_args_is_help=True, help="Hand what is owed to sending systems.")
app.add_typer(triggers_app, name="triggers")

ConfigOption = Annotated[
    Path, typer.Option("--config", help="The configuration file.", show_default=True)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait for another run to end.")]
BatchArgument = Annotated[
    str, typer.Argument(metavar="BATCH", help="<source>/<table>/<received_date>")
]
DEFAULT_CONFIG = Path("trustlift.yml")
DEFAULT_START = datetime(2025, 9, 1, tzinfo=UTC)


@app.command()
def simulate(
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    customers: Annotated[int, typer.Option(help="Customers in all.")] = 4_000,
    days: Annotated[int, typer.Option(help="Days simulated.")] = 300,
    start: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="First day.")
    ] = DEFAULT_START,
    scenario: Annotated[
        str | None, typer.Option(help="duplicated_batch or empty_fields_batch.")
    ] = None,
    scenario_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The received day it spoils.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="First remove the sample company that is there.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the sample company's exports, in the vendors' formats, and the truth beside them."""
    from orchestration.commands import simulate_company

    simulate_company(
        config,
        seed=seed,
        customers=customers,
        days=days,
        start=start.date(),
        scenario=scenario,
        scenario_date=scenario_date.date() if scenario_date else None,
        replace=replace,
        as_json=as_json,
    )


@app.command()
def run(
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    as_of: Annotated[
        str | None,
        typer.Option(help="Moment to look from, such as 2026-06-28T00:00:00Z. Default: now."),
    ] = None,
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run the whole pipeline and publish, unless a gate blocks."""
    from orchestration.run_command import run_once

    raise typer.Exit(
        run_once(config, as_of=as_of, wait=wait, as_json=as_json, started_at=_STARTED_AT)
    )


@app.command()
def status(*, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Say what is published, how fresh each source is, and what blocks."""
    from orchestration.status_command import show_status

    show_status(config, as_json=as_json)


@app.command()
def registry(
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the registered experiments and what breaks the registry's rules: 3 if anything does."""
    from orchestration.registry_command import show_registry

    raise typer.Exit(show_registry(config, wait=wait, as_json=as_json))


@app.command()
def assign(
    experiment: Annotated[str, typer.Argument(metavar="EXPERIMENT", help="A registered one.")],
    *,
    units: Annotated[Path, typer.Option(help="A file of units; - for stdin.")] = Path("-"),
    column: Annotated[
        str | None, typer.Option(help="Column of a CSV file. Default: one unit a line.")
    ] = None,
    unit_type: Annotated[str, typer.Option(help="customer, device or anonymous.")] = "customer",
    salt: Annotated[
        str | None, typer.Option(help="Default: the registered one, else the experiment's id.")
    ] = None,
    holdout_share: Annotated[
        float | None, typer.Option(help="Default: the registered one; another is refused.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="Root of the platform's exports. Default: stdout.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Draw who is held out of an experiment: uniformly, for good, as no other experiment does."""
    from orchestration.assign_command import assign_units

    assign_units(
        config,
        experiment,
        units=units,
        column=column,
        unit_type=unit_type,
        salt=salt,
        holdout_share=holdout_share,
        folder=to,
        wait=wait,
        as_json=as_json,
    )


@app.command()
def explain(
    feature: Annotated[str, typer.Argument(metavar="FEATURE", help="A feature's id.")],
    *,
    week: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="A day of the week. Default: the last one."),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Say what a feature's verdict is, why, and what happens next."""
    from orchestration.explain_command import explain_feature

    explain_feature(config, feature, day=week.date() if week else None, as_json=as_json)


@alerts_app.callback()
def alerts(
    context: typer.Context, *, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False
) -> None:
    """Say what is open, and what has not reached whom."""
    from orchestration.alerts.commands import show_alerts

    context.obj = (config, as_json)
    if context.invoked_subcommand is None:
        show_alerts(config, as_json=as_json)


@alerts_app.command("test")
def try_alerts(
    context: typer.Context, *, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False
) -> None:
    """Send a test message to every sink."""
    from orchestration.alerts.commands import try_sinks

    chosen, as_json = _alert_options(context, config, as_json=as_json)
    raise typer.Exit(try_sinks(chosen, as_json=as_json))


@alerts_app.command("retry")
def retry_alerts(
    context: typer.Context, *, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False
) -> None:
    """Send once more what sinks refused."""
    from orchestration.alerts.commands import retry_refused

    chosen, as_json = _alert_options(context, config, as_json=as_json)
    raise typer.Exit(retry_refused(chosen, as_json=as_json))


@alerts_app.command("drop")
def drop_alerts(
    context: typer.Context, *, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False
) -> None:
    """Forget the messages that sinks refused."""
    from orchestration.alerts.commands import drop_refused

    chosen, as_json = _alert_options(context, config, as_json=as_json)
    drop_refused(chosen, as_json=as_json)


@triggers_app.command("export")
def export_triggers(
    *,
    to: Annotated[
        Path | None, typer.Option(help="Folder of the sending system. Default: the data folder's.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the follow-ups that are due as JSON lines for Braze, each once."""
    from orchestration.triggers_command import export_triggers as export

    export(config, folder=to, wait=wait, as_json=as_json)


def _alert_options(context: typer.Context, config: Path, *, as_json: bool) -> tuple[Path, bool]:
    """Take options that stand before the word behind `alerts` as well as those behind it."""
    before, json_before = context.obj
    return before if config == DEFAULT_CONFIG else config, as_json or json_before


@app.command()
def reject(
    batch: BatchArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks later.")],
    config: ConfigOption = DEFAULT_CONFIG,
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Set a batch aside: its rows count as quarantined from the next run on."""
    from orchestration.commands import reject_batch

    reject_batch(config, batch, reason=reason, wait=wait, as_json=as_json)


@app.command()
def restore(
    batch: BatchArgument,
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a rejected batch back."""
    from orchestration.commands import restore_batch

    restore_batch(config, batch, wait=wait, as_json=as_json)


@app.command()
def replay(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A source of the configuration.")],
    *,
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First received date.")
    ],
    last: Annotated[
        datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last received date, included.")
    ],
    config: ConfigOption = DEFAULT_CONFIG,
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read landed files of a source again, as after a correction of their reader."""
    from orchestration.maintenance import replay_source

    replay_source(config, source, first=first.date(), last=last.date(), wait=wait, as_json=as_json)


@app.command()
def retention(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be let go.")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Let go of what is older than the configuration keeps; each published run does so too."""
    from orchestration.retention import show_retention

    show_retention(config, dry_run=dry_run, wait=wait, as_json=as_json)


@app.command()
def erase(
    identifier_type: Annotated[
        str | None,
        typer.Argument(metavar="[TYPE]", help="email, phone, customer_ref …; the value is asked."),
    ] = None,
    *,
    customer: Annotated[str | None, typer.Option(help="Or a customer's id.")] = None,
    listed: Annotated[
        Path | None,
        typer.Option("--from", help="Or a file of types and values, a line each; - for stdin."),
    ] = None,
    requested: Annotated[
        bool, typer.Option("--requested", help="Or everybody whom sources asked to forget.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is known of them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Forget a person: every row that names them goes, and none comes back."""
    from orchestration.erase_command import Whom, erase_person, read_requests

    ways = (identifier_type, customer, listed, requested or None)
    if sum(given is not None for given in ways) != 1:
        raise CommandError(
            "Say who is to be forgotten, in one way.",
            remedy="Give a type of identifier, --customer, --from or --requested.",
            code=Exit.USAGE,
        )
    erase_person(
        config,
        Whom(asked=read_requests(identifier_type, listed), customer=customer, requested=requested),
        dry_run=dry_run,
        yes=yes,
        wait=wait,
        as_json=as_json,
    )


@app.command()
def erasures(*, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Say what was forgotten when, and which exports still hold it."""
    from orchestration.erase_command import show_erasures

    show_erasures(config, as_json=as_json)


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    try:
        app(standalone_mode=True)
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        if "--json" in sys.argv:
            told = {"exit_code": int(error.code), "error": str(error)}
            sys.stdout.write(json.dumps(told) + "\n")
        sys.exit(int(error.code))
    except SystemExit as ended:
        if ended.code != _INTERRUPTED:
            raise
        sys.stderr.write("Stopped before its end. Start it again when you like.\n")
        sys.exit(int(Exit.FAILED))
    except Exception as error:  # noqa: BLE001 - the last resort: a command ends with words
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.exit(int(Exit.FAILED))
    sys.exit(int(Exit.PUBLISHED))


_STARTED_AT = time.monotonic()
# What typer makes of Ctrl-C.
_INTERRUPTED = 130

if __name__ == "__main__":
    main()
