"""The small company that the chaos befalls, and what must be equal after it."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ingestion.contracts import load_contracts
from ingestion.landing import land
from orchestration.config_load import load_settings
from orchestration.ingestion_stage import source_files
from simulation import SimulationParameters
from tests.chaos import forks
from tests.integration.company import Company, copied, day_of, simulated

PARAMETERS = SimulationParameters(customers=60, days=30)
SINCE = PARAMETERS.start + timedelta(days=22)
# What a clock measured differs from run to run.
MEASURED = frozenset({"kpi_pipeline_latency_daily.parquet"})


def marts(company: Company) -> dict[str, bytes]:
    """Return every published mart's bytes but those of what a clock measured."""
    published = company.published_bytes()
    return {name: content for name, content in published.items() if name not in MEASURED}


def land_everything(company: Company) -> None:
    """Land a company's exports as a run does."""
    settings, pulled = load_settings(company.config), company.data / "pulled"
    names = sorted(settings.sources.all)
    sources = [source_files(settings, name, pulled=pulled) for name in names]
    land([one for one in sources if one], company.data / "lake", contracts=load_contracts())


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


def differing(found: Mapping[str, bytes], expected: Mapping[str, bytes]) -> list[str]:
    """Name the marts that are not the same in both."""
    names = found.keys() | expected.keys()
    return sorted(name for name in names if found.get(name) != expected.get(name))


@dataclass(frozen=True)
class Start:
    """A state that a run is started from, and what it leads to.

    Attributes:
        name: Its name.
        company: Exports and data before the run.
        published: The marts before the run; none before the first.
        expected: The marts after it.
        lake: The lake's files after it.
        durations: Seconds by stage of the run.
    """

    name: str
    company: Company
    published: Mapping[str, bytes]
    expected: Mapping[str, bytes]
    lake: frozenset[tuple[str, int]]
    durations: Mapping[str, float]

    def again(self, root: Path) -> Company:
        """Bring the state about in another place."""
        return copied(self.company, root, exports_only=not self.published)


def first_run(root: Path) -> Start:
    """Run a company's whole history at once, undisturbed."""
    company = simulated(root / "whole", PARAMETERS)
    return _undisturbed("first run", company, published={}, root=root)


def increment(whole: Company, root: Path) -> Start:
    """Run a company's last days on what was published before them, undisturbed.

    Args:
        whole: All of its exports.
        root: Where to build.
    """
    company = copied(whole, root / "increment", exports_only=True)
    for path in later_files(company):
        path.unlink()
    forks.run_to_its_end(company)
    shutil.copytree(whole.exports, company.exports, dirs_exist_ok=True)
    return _undisturbed("increment", company, published=marts(company), root=root)


def _undisturbed(
    name: str, company: Company, *, published: Mapping[str, bytes], root: Path
) -> Start:
    run = copied(company, root / f"{name} undisturbed", exports_only=not published)
    durations = forks.run_to_its_end(run).durations
    return Start(
        name=name,
        company=company,
        published=published,
        expected=marts(run),
        lake=frozenset(lake_files(run)),
        durations=durations,
    )


def remove(folders: Iterable[Path]) -> None:
    """Remove folders, if they are there."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
