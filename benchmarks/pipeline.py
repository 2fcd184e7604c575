"""The pipeline's own stages, called one by one and timed."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml

from hygiene import phone_numbers, user_agents
from identity import resolver
from identity.matching import matcher
from ingestion.calendars import register_quiet_days
from ingestion.contracts import load_contracts
from ingestion.landing import land
from ingestion.live.pulls import register_pulls
from ingestion.sources import SourceFiles
from ingestion.views import register_raw
from orchestration import dbt_process
from orchestration.code_digest import code_digest
from orchestration.config import Policy
from orchestration.dbt_process import DbtProject, parse_project
from orchestration.publishes import register_publishes
from orchestration.run import KEPT_BY_BATCH
from warehouse import connect

PROJECT = Path(__file__).parents[1]
Result = TypeVar("Result")


def write_config(folder: Path) -> Path:
    """Write the sample's configuration into a folder that holds a company's `exports`.

    Returns:
        The file; its data folder is `data`, beside it.
    """
    sample = yaml.safe_load((PROJECT / "trustlift.yml").read_text(encoding="utf-8"))
    sources = {
        name: {**source, "path": f"exports/{name}"} for name, source in sample["sources"].items()
    }
    config = folder / "trustlift.yml"
    settings = {"timezone": sample["timezone"], "data_dir": "data", "sources": sources}
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return config


class Pipeline:
    """One data folder with its lake and its build."""

    def __init__(self, data: Path, *, as_of: datetime) -> None:
        """Parse the project; nothing is built yet.

        Args:
            data: The folder; its lake may be there already.
            as_of: The moment to look from.
        """
        self.lake = data / "lake"
        self.build = data / "build.duckdb"
        self.as_of = as_of
        self.seconds: dict[str, float] = {}
        self._data = data
        self._project: DbtProject = parse_project(PROJECT)

    def land(self, exports: Path) -> None:
        """Bring what is new in a folder of exports, one folder a vendor's source, into the lake."""
        contracts = load_contracts()
        for root in sorted(path for path in exports.iterdir() if path.name in contracts):
            land([SourceFiles(root.name, root)], self.lake, contracts=contracts)

    def register_raw(self) -> None:
        """Make the views on the lake."""
        with connect(self.build) as connection:
            register_raw(connection, self.lake, contracts=load_contracts(), as_of=self.as_of)
            register_pulls(connection, self._data, sources=frozenset())
            register_publishes(connection, self._data / "publishes.jsonl")
            register_quiet_days(connection, {}, timezone="UTC", as_of=self.as_of)

    def classify_user_agents(self) -> None:
        """Ask the libraries which user agents are machines."""
        with connect(self.build) as connection:
            user_agents.run(connection, self._data / "user_agents.parquet")

    def standardise(self) -> None:
        """Give every spelling of a phone number its one form."""
        with connect(self.build) as connection:
            phone_numbers.run(connection)

    def match_contacts(self) -> None:
        """Find contact records that are probably one person."""
        policy = Policy()
        with connect(self.build) as connection:
            matcher.run(
                connection,
                self._data / "matching",
                threshold=policy.matching_threshold,
                min_records=policy.matching_min_records,
            )

    def resolve_identity(self) -> None:
        """Find which identifiers are one customer."""
        with connect(self.build) as connection:
            resolver.run(
                connection,
                self._data / "state.npz",
                self._data / "next.npz",
                as_of=self.as_of,
            )

    def dbt(
        self, select: str, *, exclude: tuple[str, ...] = (), with_tests: bool = False
    ) -> dict[str, float]:
        """Build models.

        Args:
            select: dbt selection.
            exclude: dbt selections taken out of it.
            with_tests: Also run the tests of what is selected, as a run does.

        Returns:
            Seconds by model.

        Raises:
            RuntimeError: A model failed.
        """
        variables: dict[str, Any] = {"as_of": self.as_of.strftime("%Y-%m-%d %H:%M:%S")}
        variables["code_digest"] = code_digest(self._project.nodes, {}, models=KEPT_BY_BATCH)
        outcomes = dbt_process.build(
            self._project,
            select=select.split(),
            exclude=[*exclude, *([] if with_tests else ["resource_type:test"])],
            with_neighbouring_tests=with_tests,
            variables=variables,
            warehouse=self.build,
            on_node=lambda _: None,
        )
        failed = [f"{one.name}: {one.message}" for one in outcomes if one.has_failed]
        if failed:
            raise RuntimeError("; ".join(failed))
        return {one.name: one.seconds for one in outcomes}

    def timed(self, stage: str, work: Callable[[], Result]) -> Result:
        """Do some work and add the time it takes to its stage."""
        started = time.perf_counter()
        result = work()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started
        return result
