"""A sample company with a data folder of its own, and the pipeline run on it in this process."""

import re
import shutil
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import yaml

from orchestration.run_command import run_once
from simulation import SimulationParameters, simulate

ZONE = "Europe/Madrid"
_SAMPLE = yaml.safe_load((Path(__file__).parents[2] / "trustlift.yml").read_text())["sources"]
MEASURED_BY_CLOCK = "kpi_pipeline_latency_daily"
# What was found when: other runs on the same rows find it at other times.
FOUND_BY_RUNS = {
    "kpi_identity_daily": ["merge_count", "split_count"],
    "kpi_feature_verdicts_weekly": ["first_verdict", "revision", "is_corrected"],
}
PARAMETERS = SimulationParameters(customers=220, days=75)
# Fewer customers for longer: retention, value and savings need months.
KPI_PARAMETERS = SimulationParameters(customers=150, days=240)
# Enough a day for the gates to judge, and few days: what runs several times reads few files.
SMALL = SimulationParameters(customers=220, days=30)


@dataclass(frozen=True)
class Company:
    """Where a company's files lie.

    Attributes:
        root: Holds its configuration, exports and data.
        parameters: What it was simulated from.
    """

    root: Path
    parameters: SimulationParameters

    @property
    def as_of(self) -> datetime:
        """The moment its runs look from: the end of what was simulated."""
        return self.parameters.as_of

    @property
    def exports(self) -> Path:
        """Its systems' exports."""
        return self.root / "exports"

    @property
    def config(self) -> Path:
        """Its `trustlift.yml`."""
        return self.root / "trustlift.yml"

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.root / "data"

    def run(self, *, as_of: datetime | None = None) -> int:
        """Run the whole pipeline and return the exit code."""
        moment = (as_of or self.as_of).isoformat()
        return int(
            run_once(
                self.config, as_of=moment, wait=False, as_json=False, started_at=time.monotonic()
            )
        )

    def mart(self, name: str) -> pd.DataFrame:
        """Read a published mart."""
        return pd.read_parquet(self.data / "published" / f"{name}.parquet")

    def published_bytes(self) -> dict[str, bytes]:
        """Read every published mart's file, but for what the clock or the runs made say of it."""
        marts = sorted((self.data / "published").glob("kpi_*.parquet"))
        return {path.name: _bytes(path) for path in marts if path.stem != MEASURED_BY_CLOCK}


def _bytes(path: Path) -> bytes:
    if path.stem not in FOUND_BY_RUNS:
        return path.read_bytes()
    return pd.read_parquet(path).drop(columns=FOUND_BY_RUNS[path.stem]).to_csv().encode()


def write_config(root: Path, *, forgets: bool = False) -> None:
    """Write a configuration whose sources are those that have exports.

    Args:
        root: The company's folder.
        forgets: A run carries out requests to forget; else it judges their rows as any other's, so
            that each can be compared with its truth.
    """
    names = sorted(path.name for path in (root / "exports").iterdir())
    sources = {name: {**_SAMPLE[name], "path": f"exports/{name}"} for name in names}
    erasure = {"carry_out_requests": forgets}
    text = yaml.safe_dump(
        {"timezone": ZONE, "data_dir": "data", "sources": sources, "erasure": erasure}
    )
    (root / "trustlift.yml").write_text(text, encoding="utf-8")


def simulated(root: Path, parameters: SimulationParameters = PARAMETERS) -> Company:
    """Write a company's exports and truth, and its configuration."""
    root.mkdir(parents=True, exist_ok=True)
    simulate(parameters, root / "exports", root / "truth")
    write_config(root)
    return Company(root, parameters)


def copied(company: Company, root: Path, *, exports_only: bool = False) -> Company:
    """Copy a company, with what it has published or without."""
    root.mkdir(parents=True)
    shutil.copytree(company.exports, root / "exports")
    if not exports_only:
        shutil.copytree(company.data, root / "data", symlinks=True)
    write_config(root)
    return Company(root, company.parameters)


def day_of(path: Path, exports: Path) -> date | None:
    """Return the day that a file's path says it was received, None for reference data."""
    found = re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", path.relative_to(exports).as_posix())
    return date.fromisoformat(found[0]) if found else None
