"""Forget people: who asked through a source is forgotten in the run that sees the request."""

import shutil
from collections.abc import Callable, Iterable
from datetime import datetime

import warehouse
from identity.erasure import KnownIdentifier, Linked, requested
from identity.forgetting import forget_keys
from ingestion.contracts import load_contracts
from ingestion.erasure.deliveries import roots_of
from ingestion.erasure.erasing import Asker, Eraser, Erasure, is_under_way
from ingestion.erasure.tokens import Identifier
from orchestration.dbt_stage import build_segment, raise_on_failure
from orchestration.ingestion_stage import register_views
from orchestration.places import Places
from orchestration.run import Run
from orchestration.segments import SEGMENTS
from orchestration.stages import (
    Metadata,
    classify_user_agents,
    match_contacts,
    resolve_identity,
    standardise_phones,
)
from warehouse import counted

ERASURE = "erasure"


def resolve_identity_of_the_remembered(run: Run) -> Metadata:
    """Find which identifiers are one customer, after forgetting who asked for it.

    A request names one identifier; whose it is, and what else is theirs, only the resolver knows.
    So the build is made up to there, the people are taken out of the lake, and the build is made
    once more without them. A look back changes nothing, and neither does a run that is told to
    leave requests to people.
    """
    metadata = resolve_identity(run)
    if not run.places.is_current or not _forget(run):
        return metadata
    return _rebuild(run)


def make_eraser(places: Places, *, clock: Callable[[], datetime]) -> Eraser:
    """Make what forgets people in the lake and in all that is made of it."""
    contracts = load_contracts()
    return Eraser(
        lake=places.lake,
        contracts=contracts,
        clock=clock,
        elsewhere=lambda is_theirs: forget_elsewhere(places, is_theirs),
        delivered=roots_of(places.pulled, contracts),
    )


def erase_people(eraser: Eraser, people: Linked, *, asked_by: Asker) -> Erasure:
    """Forget people by every identifier that is theirs."""
    return eraser.erase(
        _given(people.identifiers),
        keys=[one.key for one in people.identifiers if one.key],
        requests=_given(people.requests),
        asked_by=asked_by,
    )


def forget_elsewhere(places: Places, is_theirs: Callable[[str], bool]) -> None:
    """Forget people in what was made of the lake: identity's state, builds, caches, snapshots.

    What can be made again is removed rather than changed: the file of a database keeps what was
    deleted from its tables.
    """
    forget_keys(places.identity_state.parent, is_theirs)
    for path in (places.build, places.build.with_name(f"{places.build.name}.wal")):
        path.unlink(missing_ok=True)
    places.user_agent_cache.unlink(missing_ok=True)
    for folder in (places.matching, places.looks_back):
        shutil.rmtree(folder, ignore_errors=True)
    warehouse.drop_former_snapshots(places.published)


def _forget(run: Run) -> bool:
    """Do the erasures that are due; say whether there were any."""
    eraser = make_eraser(run.places, clock=run.clock)
    resumed = is_under_way(run.places.lake)
    if resumed:
        with run.stage(ERASURE, "python", is_whole=False) as stage:
            eraser.resume()
            stage.result = "what was under way is finished"
        return True
    if not run.settings.erasure.carry_out_requests:
        return False
    with run.connect() as connection:
        people = requested(connection)
    if not people.requests:
        return False
    with run.stage(ERASURE, "python", is_whole=False) as stage:
        done = erase_people(eraser, people, asked_by="source")
        stage.result = (
            f"{counted(len(people.customers), 'customer')}, {counted(done.rows, 'row')} and "
            f"{counted(done.texts, 'text')} are gone"
        )
    return True


def _rebuild(run: Run) -> Metadata:
    """Make the build anew up to the resolver."""
    _build(run, "seeds")
    register_views(run)
    _build(run, "staging")
    classify_user_agents(run)
    standardise_phones(run)
    _build(run, "identity")
    match_contacts(run)
    return resolve_identity(run)


def _build(run: Run, name: str) -> None:
    segment = next(one for one in SEGMENTS if one.name == name)
    raise_on_failure(segment, build_segment(run, segment))


def _given(identifiers: Iterable[KnownIdentifier]) -> list[Identifier]:
    return [Identifier(one.type, one.value, comes_back=one.comes_back) for one in identifiers]
