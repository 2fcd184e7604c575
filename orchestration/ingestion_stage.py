"""Land the sources' files, and register the views that dbt reads."""

from ingestion.contracts import load_contracts
from ingestion.custom import parse_inputs
from ingestion.landing import land
from ingestion.sources import SourceFiles
from ingestion.views import register_raw
from orchestration.config import CUSTOM, Settings
from orchestration.run import Run, Stage
from orchestration.segments import RAW
from orchestration.stages import Metadata


def land_source(run: Run, source: str) -> Metadata:
    """Bring a source's new files into the lake; one that is not configured has none."""
    files = source_files(run.settings, source)
    if files is None:
        return {"configured": False}
    with run.stage(f"land {source}", "python") as stage:
        landed = land(
            [files],
            run.places.lake,
            contracts=load_contracts(),
            progress=_Teller(stage),
        )
        new_files = sum(table.new_files for table in landed.tables)
        stage.result = f"{new_files:,} new files, {landed.rows_landed:,} rows"
    return {
        "configured": True,
        "new_files": new_files,
        "rows_landed": landed.rows_landed,
        "rows_quarantined": landed.rows_quarantined,
        "unclaimed_files": landed.unclaimed_files[source],
    }


def source_files(settings: Settings, source: str) -> SourceFiles | None:
    """Say where a source's files lie, or None if it is not configured."""
    root = settings.sources.folders.get(source)
    if root is None:
        return None
    custom = settings.sources.custom
    if source != CUSTOM or custom is None:
        return SourceFiles(source, root)
    inputs = parse_inputs(
        custom.inputs, load_contracts()[CUSTOM], file="trustlift.yml", key="sources.custom.inputs"
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
        )
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'raw'"
        ).fetchall()
        rows = {
            table: connection.execute(f'select count(*) from raw."{table}"').fetchall()[0][0]
            for (table,) in sorted(tables)
        }
        stage.result = f"{sum(rows.values()):,} rows in {len(rows)} tables"
    return rows


class _Teller:
    """Pass the landing's progress on."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __call__(self, description: str, *, completed: int, total: int) -> None:
        """Report how many files are done."""
        self._stage.working_on(f"{description}, {completed:,} of {total:,} files")
