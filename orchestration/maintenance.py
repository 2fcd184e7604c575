"""What `replay` does: repairs of the lake that a person asks for."""

from datetime import date
from pathlib import Path

from orchestration.commands import tell
from orchestration.config_load import load_settings
from orchestration.exits import CommandError, Exit
from orchestration.hints import command_line
from orchestration.lock import hold_writer_lock
from orchestration.places import main_places
from orchestration.run import utc_now

_NAMED = 3


def replay_source(
    config: Path, source: str, *, first: date, last: date, wait: bool, as_json: bool
) -> None:
    """Land a source's files of a period again.

    Raises:
        CommandError: The source is not configured, its folder is missing, or the period is none.
    """
    from ingestion.contracts import ContractError, load_contracts
    from ingestion.replay import replay
    from orchestration.ingestion_stage import source_files

    settings = load_settings(config)
    places = main_places(settings.data_dir)
    files = source_files(settings, source, pulled=places.pulled)
    if files is None:
        known = ", ".join(sorted(settings.sources.all)) or "none"
        raise CommandError(
            f"source {source!r} must be one of those in {config.name}: {known}.",
            remedy="Correct its name.",
            code=Exit.USAGE,
        )
    try:
        with hold_writer_lock(places.lock, now=utc_now(), wait=wait):
            done = replay(files, places.lake, contracts=load_contracts(), first=first, last=last)
    except (ContractError, FileNotFoundError, ValueError) as error:
        raise CommandError(str(error), remedy="", code=Exit.USAGE) from error
    told: dict[str, object] = {
        "replayed": done.files,
        "gone": len(done.gone),
        "rows": done.rows,
        "malformed": done.malformed,
    }
    if done.gone:
        told["such as"] = ", ".join(done.gone[:_NAMED])
    tell(told, as_json=as_json, next_step=command_line("trustlift run", config))
