"""What `erase` and `erasures` do: forget a person by command, and say what was forgotten."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

import warehouse
from orchestration.commands import tell
from orchestration.config import Settings
from orchestration.config_load import load_settings
from orchestration.exits import CommandError, Exit
from orchestration.hints import command_line
from orchestration.lock import hold_writer_lock
from orchestration.places import Places, main_places
from orchestration.run import utc_now
from orchestration.screen import make_console
from orchestration.stamps import has_table
from warehouse import counted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from identity.erasure import Linked
    from ingestion.erasure.tombstones import Tombstones

STDIN = "-"
_NAMED = 10
_NEEDED = (("identity", "identity_identifiers"), ("resolver", "identifier_customers"))


@dataclass(frozen=True, kw_only=True)
class Whom:
    """Who is to be forgotten.

    Attributes:
        asked: Type and value of identifiers of theirs.
        customer: Or the id of a customer.
        requested: Or everybody whom sources asked to forget.
    """

    asked: Sequence[tuple[str, str]] = ()
    customer: str | None = None
    requested: bool = False


def read_requests(identifier_type: str | None, listed: Path | None) -> list[tuple[str, str]]:
    """Read the identifiers that are asked about.

    A value is typed at a prompt, piped in or read from a file, never an argument: those stay in the
    shell's history.

    Args:
        identifier_type: Type of the one identifier asked about.
        listed: A file with a type and a value on each line; `-` for the standard input.

    Raises:
        CommandError: There is nothing, or a line is not a type and a value.
    """
    if identifier_type is not None:
        is_asked = sys.stdin.isatty()
        value = typer.prompt(f"{identifier_type} to forget") if is_asked else sys.stdin.read()
        lines = [[identifier_type, value.strip()]]
    elif listed is not None:
        text = sys.stdin.read() if str(listed) == STDIN else listed.read_text(encoding="utf-8")
        lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    else:
        return []
    broken = [place for place, line in enumerate(lines, 1) if not all(line) or len(line) == 1]
    if broken or not lines:
        raise CommandError(
            f"request {broken[0]} has no value." if broken else "there is no request.",
            remedy="Write a type and a value on each line, such as `email ann@example.com`.",
            code=Exit.USAGE,
        )
    return [(type_, value.strip()) for type_, value in lines]


def erase_person(
    config: Path, whom: Whom, *, dry_run: bool, yes: bool, wait: bool, as_json: bool
) -> None:
    """Forget people, with everything that is linked to them.

    Args:
        config: The configuration file.
        whom: Who.
        dry_run: Only say what is known of them.
        yes: Do not ask whether it is meant.
        wait: Wait for another writer.
        as_json: Print one JSON document.

    Raises:
        CommandError: Nobody is like that, no build says whose an identifier is, or it is not meant.
    """
    from ingestion.erasure.erasing import ErasureError
    from ingestion.erasure.tombstones import KeyMissingError
    from orchestration.erasure_stage import erase_people, make_eraser

    settings = load_settings(config)
    places = main_places(settings.data_dir)
    next_step = command_line("trustlift run", config)
    try:
        with hold_writer_lock(places.lock, now=utc_now(), wait=wait):
            eraser = make_eraser(places, clock=utc_now)
            if not dry_run:
                eraser.resume()
            people = find_people(places, whom, next_step=next_step)
            facts = describe(people)
            if dry_run or not people.requests:
                tell(facts, as_json=as_json, next_step=next_step)
                return
            _confirm(people, yes=yes)
            done = erase_people(eraser, people, asked_by="command")
            holding = still_held(settings, places)
    except (ErasureError, KeyMissingError) as error:
        raise CommandError(str(error), remedy="") from error
    facts |= {"erasure": done.number, "rows": done.rows, "texts": done.texts}
    if as_json:
        facts["exports"] = list(map(str, holding))
    tell(facts, as_json=as_json, next_step=next_step)
    if not as_json:
        print_exports(holding)


def show_erasures(config: Path, *, as_json: bool) -> None:
    """Say what was forgotten when, and which exports hold it still."""
    from ingestion.erasure.erasing import is_under_way, read_log

    settings = load_settings(config)
    places = main_places(settings.data_dir)
    log = read_log(places.lake)
    holding = still_held(settings, places)
    if as_json:
        told = {
            "erasures": [one.model_dump(mode="json") for one in log],
            "under_way": is_under_way(places.lake),
            "exports": list(map(str, holding)),
        }
        sys.stdout.write(json.dumps(told) + "\n")
        return
    console = make_console()
    for one in log:
        console.print(
            f"{one.number:>4}  {one.begun_at:%Y-%m-%d %H:%M} UTC, asked by {one.asked_by}: "
            f"{counted(one.rows, 'row')} and {counted(one.texts, 'text')} went"
        )
    if is_under_way(places.lake):
        console.print("One is under way: `trustlift run` finishes it.")
    elif not log:
        console.print("Nobody was forgotten.")
    print_exports(holding)


def find_people(places: Places, whom: Whom, *, next_step: str) -> "Linked":
    """Find whom it is about; nobody if they are all forgotten already.

    Raises:
        CommandError: Nobody is like that, or there is no build to know it from.
    """
    from identity.erasure import Linked, of_customer, of_identifiers, requested
    from ingestion.erasure.tombstones import read_tombstones

    tombstones = read_tombstones(places.lake)
    if not places.build.exists():
        if whom.asked and all(_is_forgotten(tombstones, *one) for one in whom.asked):
            return Linked()
        raise CommandError(
            "There is no build, and only a build says which identifiers are one person's.",
            remedy=f"`{next_step}` first. To forget several people without a run between them, "
            "list them in one file.",
        )
    with closing(warehouse.connect(places.build)) as connection:
        _check_build(connection, next_step=next_step)
        if whom.requested:
            return requested(connection)
        if whom.customer is not None:
            people = of_customer(connection, whom.customer)
            if not people.requests:
                raise CommandError(
                    f"customer {whom.customer!r} is not in the build.",
                    remedy="Take the id from dim_customers, or name an identifier.",
                    code=Exit.USAGE,
                )
            return people
        people, unknown = of_identifiers(connection, whom.asked)
    strangers = [p for p in unknown if not _is_forgotten(tombstones, *whom.asked[p])]
    if strangers:
        place = strangers[0]
        raise CommandError(
            f"nobody has request {place + 1}, of type {whom.asked[place][0]}.",
            remedy="Correct its type or value; nothing was erased.",
            code=Exit.USAGE,
        )
    return people


def describe(people: "Linked") -> dict[str, object]:
    """Say what is known of people, without naming them."""
    if not people.requests:
        return {"customers": 0, "known": "nobody is left to forget"}
    types = Counter(one.type for one in people.identifiers)
    return {
        "customers": len(people.customers),
        "known": ", ".join(f"{type_} {count}" for type_, count in sorted(types.items())),
    }


def still_held(settings: Settings, places: Places) -> list[Path]:
    """Return the exports that hold forgotten people: the vendors' files, which stay as they are."""
    from ingestion.erasure.exports import exports_holding

    return exports_holding(places.lake, settings.sources.folders)


def print_exports(holding: Sequence[Path]) -> None:
    """Name the exports in which people must be deleted by whoever owns them."""
    if not holding:
        return
    console = make_console()
    console.print(
        f"Still in {counted(len(holding), 'export')}, which are not ours to change: have them "
        "deleted there. Landing does not bring them back."
    )
    for path in holding[:_NAMED]:
        console.print(f"  {path}", overflow="fold")
    if len(holding) > _NAMED:
        console.print(f"  and {len(holding) - _NAMED:,} more: `trustlift erasures --json`")


def _is_forgotten(tombstones: "Tombstones", type_: str, value: str) -> bool:
    from identity.erasure import BROUGHT_ALONG
    from ingestion.erasure.erasing import is_forgotten
    from ingestion.erasure.tokens import Identifier

    return is_forgotten(tombstones, Identifier(type_, value, comes_back=type_ in BROUGHT_ALONG))


def _check_build(connection: "DuckDBPyConnection", *, next_step: str) -> None:
    for schema, table in _NEEDED:
        if not has_table(connection, schema, table):
            raise CommandError(
                f"The build has no {schema}.{table}: its run did not come so far.",
                remedy=f"`{next_step}` first.",
            )


def _confirm(people: "Linked", *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(
            "It cannot be undone, and there is nobody to ask whether it is meant.",
            remedy="Add --yes if it is; --dry-run says what is known of them.",
            code=Exit.USAGE,
        )
    who = counted(len(people.customers), "customer")
    if not typer.confirm(f"Forget {who} and {len(people.identifiers)} identifiers for good?"):
        raise CommandError("Nothing was erased.", remedy="", code=Exit.USAGE)
