"""The small company that the chaos befalls, and what must be equal after it."""

import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from simulation import SimulationParameters
from tests.integration.company import Company, day_of

PARAMETERS = SimulationParameters(customers=80, days=40)
SINCE = PARAMETERS.start + timedelta(days=30)
# What a clock measured differs from run to run.
MEASURED = frozenset({"kpi_pipeline_latency_daily.parquet"})


def marts(company: Company) -> dict[str, bytes]:
    """Return every published mart's bytes but those of what a clock measured."""
    published = company.published_bytes()
    return {name: content for name, content in published.items() if name not in MEASURED}


def lake_files(company: Company) -> set[tuple[str, int]]:
    """Return name and size of every row file of the lake and its quarantine."""
    lake = company.data / "lake"
    return {
        (path.relative_to(lake).as_posix(), path.stat().st_size)
        for path in lake.rglob("*.parquet")
        if "_scratch" not in path.parts
    }


def files(folder: Path) -> list[Path]:
    """List a folder's files in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def later_files(company: Company) -> list[Path]:
    """List the exports of the last days."""
    dated = ((path, day_of(path, company.exports)) for path in files(company.exports))
    return [path for path, day in dated if day is not None and day >= SINCE]


def differing(found: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """Name the marts that are not the same in both."""
    names = found.keys() | expected.keys()
    return sorted(name for name in names if found.get(name) != expected.get(name))


def remove(folders: Iterable[Path]) -> None:
    """Remove folders, if they are there."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
