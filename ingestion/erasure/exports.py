"""The exports that hold a forgotten person still: they are the vendor's, and are not changed."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from ingestion.lake import data_files, quarantine_folder
from ingestion.manifest import read_manifests
from ingestion.scratch import scratch_database
from ingestion.sql import file_literal, literal
from ingestion.withdrawal import ERASED


def exports_holding(lake: Path, roots: Mapping[str, Path]) -> list[Path]:
    """Return the files that brought rows of forgotten people and are still there.

    Args:
        lake: Root of the lake.
        roots: The folder of each source's exports.
    """
    holding = set[Path]()
    with scratch_database(lake) as connection:
        for (source, table), manifest in read_manifests(lake).items():
            paths = data_files(quarantine_folder(lake, source, table))
            if source not in roots or not paths:
                continue
            rows = connection.execute(
                f"select distinct _file_no from read_parquet([{_listed(paths)}], "
                f"hive_partitioning = false) where reason = {literal(ERASED)} or original_text = ''"
            ).fetchall()
            numbers = {number for (number,) in rows}
            named = (file.path for file in manifest.files if file.file_no in numbers)
            holding |= {path for name in named if (path := roots[source] / name).exists()}
    return sorted(holding)


def _listed(paths: Iterable[Path]) -> str:
    return ", ".join(map(file_literal, paths))
