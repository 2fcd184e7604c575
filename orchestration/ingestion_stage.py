"""Land the sources' files, and register the views that dbt reads."""

import os
from collections.abc import Callable
from pathlib import Path

import duckdb

from ingestion.calendars import register_quiet_days
from ingestion.contracts import load_contracts
from ingestion.custom import parse_inputs
from ingestion.erasure.deliveries import cleaner
from ingestion.erasure.tombstones import read_tombstones
from ingestion.landing import land
from ingestion.live.pulling import pull
from ingestion.live.pulls import PullRecord, register_pulls
from ingestion.sources import SourceFiles
from ingestion.views import register_raw
from orchestration.alerts.conditions import drift_findings, pull_findings
from orchestration.config import Settings
from orchestration.publishes import register_publishes
from orchestration.run import Run, Stage
from orchestration.segments import RAW
from orchestration.source_config import CUSTOM
from orchestration.stages import Metadata
from warehouse import counted


def land_source(run: Run, source: str) -> Metadata:
    """Bring a source's new files into the lake, after pulling them if it is read live.

    A live source that cannot be read stops nobody: what it delivered so far is landed, and how its
    pull ended is noted.
    """
    files = source_files(run.settings, source, pulled=run.places.pulled)
    if files is None:
        return {"configured": False}
    with run.stage(f"land {source}", "python") as stage:
        pulled = pull_source(run, source, say=stage.working_on)
        if pulled is not None:
            found = pull_findings(
                source,
                state=pulled.state,
                message=pulled.message,
                config_file=run.config_file,
            )
            run.observe(f"pull of {source}", found)
        landed = land(
            [files],
            run.places.lake,
            contracts=load_contracts(),
            progress=_Teller(stage),
        )
        new_files = sum(table.new_files for table in landed.tables)
        stage.result = f"{counted(new_files, 'new file')}, {counted(landed.rows_landed, 'row')}"
        if landed.idle_paths:
            stage.result += f"; no file at {', '.join(landed.idle_paths)}"
        if pulled is not None and pulled.message:
            stage.result += f"; not read in whole: {pulled.message}"
    return {
        "configured": True,
        "new_files": new_files,
        "rows_landed": landed.rows_landed,
        "rows_quarantined": landed.rows_quarantined,
        "unclaimed_files": landed.unclaimed_files[source],
        "idle_paths": ", ".join(landed.idle_paths),
        **({} if pulled is None else {"pull": pulled.state, "pull_message": pulled.message}),
    }


def pull_source(run: Run, source: str, *, say: Callable[[str], None]) -> PullRecord | None:
    """Deliver what is new in a source that is read live and is not closed; None for another."""
    sources = run.settings.sources
    reading = sources.readings.get(source)
    if reading is None:
        return None
    (run.places.pulled / source).mkdir(parents=True, exist_ok=True)
    if source in sources.closed:
        return None
    contract = load_contracts()[source]
    return pull(
        contract,
        lambda: reading.connector(os.environ),
        run.places.pulled,
        now=run.clock(),
        clean=cleaner(run.places.lake, contract, read_tombstones(run.places.lake)),
        say=say,
    )


def source_files(settings: Settings, source: str, *, pulled: Path) -> SourceFiles | None:
    """Say where a source's files lie, or None if it is not configured.

    Args:
        settings: The user's configuration.
        source: Its name.
        pulled: Where the files of live sources are.
    """
    sources = settings.sources
    root = pulled / source if source in sources.readings else sources.folders.get(source)
    if root is None:
        return None
    if source != CUSTOM or sources.custom is None:
        return SourceFiles(source, root)
    inputs = parse_inputs(
        sources.custom.inputs,
        load_contracts()[CUSTOM],
        file="trustlift.yml",
        key="sources.custom.inputs",
    )
    return SourceFiles(source, root, inputs)


def register_views(run: Run) -> dict[str, int]:
    """Make the views of schema `raw`, on what was received up to `as_of`.

    Returns:
        Rows of each view.
    """
    with run.stage(RAW, "python") as stage, run.connect() as connection:
        register_raw(
            connection,
            run.places.lake,
            contracts=load_contracts(),
            as_of=run.as_of,
            closed_sources=run.settings.sources.closed,
            rows_from=run.settings.retention.rows_from(run.as_of),
        )
        live = frozenset(run.settings.sources.readings)
        register_pulls(connection, run.places.pulled, sources=live)
        register_publishes(connection, run.places.publishes)
        register_quiet_days(
            connection,
            run.settings.sources.calendars,
            timezone=run.settings.timezone,
            as_of=run.as_of,
        )
        observe_drift(run, connection)
        # A view of the lake is counted from its batches: a count of its own would open every file.
        landed = connection.execute(
            "select source_name || '__' || table_name, cast(sum(row_count) as bigint) "
            "from raw.batches group by all"
        ).fetchall()
        rows = dict.fromkeys(_names(connection, "VIEW"), 0) | dict(landed)
        for table in ("quarantined_rows", *_names(connection, "BASE TABLE")):
            found = connection.execute(f'select count(*) from raw."{table}"').fetchall()
            rows[table] = found[0][0]
        stage.result = f"{counted(sum(rows.values()), 'row')} in {counted(len(rows), 'table')}"
    return rows


def observe_drift(run: Run, connection: duckdb.DuckDBPyConnection) -> None:
    """Alert where columns are no longer those of the contract."""
    rows = connection.execute(
        "select source_name, table_name, kind, field, expected, found, row_count "
        "from raw.schema_drift order by all"
    ).fetchall()
    look = str(run.places.validation / "index.html")
    run.observe("schema drift", drift_findings(rows, look=look))


def _names(connection: duckdb.DuckDBPyConnection, kind: str) -> list[str]:
    found = connection.execute(
        "select table_name from information_schema.tables "
        "where table_schema = 'raw' and table_type = ? order by table_name",
        [kind],
    ).fetchall()
    return [name for (name,) in found]


class _Teller:
    """Pass the landing's progress on."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __call__(self, description: str, *, completed: int, total: int) -> None:
        """Report how many files are done."""
        self._stage.working_on(f"{description}, {completed:,} of {total:,} files")
