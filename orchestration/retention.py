"""Apply the configured retention: after each publish, or when a person asks."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from ingestion.contracts import load_contracts
from ingestion.retention import Expired, expire
from orchestration.as_of import choose_as_of
from orchestration.commands import tell
from orchestration.config import Settings
from orchestration.config_load import load_settings
from orchestration.hints import command_line
from orchestration.lock import hold_writer_lock
from orchestration.places import Places, main_places
from orchestration.run import Run, utc_now
from orchestration.status import last_published_as_of
from warehouse import counted

RETENTION = "retention"


def apply_retention(run: Run) -> None:
    """Let go of what a published run has outlived; one that looks back removes nothing."""
    if not run.places.is_current:
        return
    with run.stage(RETENTION, "python") as stage:
        expired = expire_lake(run.settings, run.places, as_of=run.as_of, dry_run=False)
        rows, texts = sum(one.rows for one in expired), sum(one.texts for one in expired)
        stage.result = f"{counted(rows, 'row')} and {counted(texts, 'text')} let go"


def expire_lake(
    settings: Settings, places: Places, *, as_of: datetime, dry_run: bool
) -> list[Expired]:
    """Expire rows and texts of the lake, by the days configured before a moment."""
    return expire(
        places.lake,
        contracts=load_contracts(),
        rows_from=settings.retention.rows_from(as_of),
        texts_from=settings.retention.texts_from(as_of),
        dry_run=dry_run,
    )


def show_retention(config: Path, *, dry_run: bool, wait: bool, as_json: bool) -> None:
    """Apply retention now, or say what it would let go.

    Raises:
        CommandError: Bad configuration, or another process is writing.
    """
    from report import prune_records

    settings = load_settings(config)
    places = main_places(settings.data_dir)
    now = utc_now()
    # What the file says may lie far behind the data that were run on: nothing goes before its time.
    as_of = min(
        choose_as_of("", settings.as_of, now=now), last_published_as_of(places.status) or now
    )
    with hold_writer_lock(places.lock, now=now, wait=wait):
        expired = expire_lake(settings, places, as_of=as_of, dry_run=dry_run)
        runs = prune_records(
            places.validation, keep=settings.retention.validation_runs, dry_run=dry_run
        )
    facts: dict[str, object] = {
        "as_of": as_of.isoformat(),
        "dry_run": dry_run,
        "rows": sum(one.rows for one in expired),
        "texts": sum(one.texts for one in expired),
        "runs": len(runs),
    }
    if as_json:
        facts["tables"] = [asdict(one) for one in expired]
    else:
        facts |= {
            f"{one.source}/{one.table}": f"{counted(one.rows, 'row')}, {counted(one.texts, 'text')}"
            for one in expired
        }
    next_step = "trustlift retention" if dry_run else "trustlift run"
    tell(facts, as_json=as_json, next_step=command_line(next_step, config))
