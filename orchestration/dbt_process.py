"""Run dbt inside this process: the project is parsed once, and its manifest serves every segment.

Starting dbt afresh for each segment would cost more than the SQL of a daily run.
"""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from orchestration.exits import CommandError

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

WAREHOUSE_VARIABLE = "TRUSTLIFT_WAREHOUSE"
# The manifest holds the database's name, which dbt takes from the file's: parse with the name that
# runs use. And always the same path, because another would make dbt parse everything again.
_PARSE_WAREHOUSE = "build.duckdb"
_QUIET = ("--quiet", "--no-print", "--log-level", "none", "--log-level-file", "none")

_log = logging.getLogger("trustlift.dbt")


@dataclass(frozen=True, kw_only=True)
class DbtProject:
    """A parsed project.

    Attributes:
        folder: Folder of `dbt_project.yml`.
        manifest: dbt's own object, handed back to it at every call.
        nodes: The manifest as dbt wrote it, for Dagster.
    """

    folder: Path
    manifest: "Manifest"
    nodes: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class NodeOutcome:
    """What became of one model, seed or test.

    Attributes:
        unique_id: dbt's id.
        name: Its name.
        resource_type: `model`, `seed` or `test`.
        status: dbt's word: success, pass, warn, fail, error, skipped.
        seconds: Time it took.
        failures: Failing rows of a test.
        message: dbt's message.
        models: Names of the models that a test is about.
        query: File of the query as it ran; empty if there is none.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    seconds: float
    failures: int | None
    message: str
    models: tuple[str, ...] = ()
    query: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether it stops the run."""
        return self.status in {"error", "fail", "runtime error", "skipped", "partial success"}


@cache
def parse_project(folder: Path) -> DbtProject:
    """Parse a project; dbt keeps what has not changed since the last time.

    Raises:
        CommandError: The project cannot be parsed.
    """
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    with _warehouse(Path(_PARSE_WAREHOUSE)):
        result = dbtRunner().invoke(["parse", *_place(folder), *_QUIET])
    if not isinstance(result.result, Manifest) or not result.success:
        raise CommandError(
            f"dbt cannot parse {folder / 'dbt_project.yml'}: {result.exception}",
            remedy="Correct the model it names; `dbt parse` shows the same.",
        )
    nodes = orjson.loads((folder / "target" / "manifest.json").read_bytes())
    return DbtProject(folder=folder, manifest=result.result, nodes=nodes)


def build(
    project: DbtProject,
    *,
    select: Sequence[str],
    exclude: Sequence[str],
    with_neighbouring_tests: bool,
    variables: Mapping[str, object],
    warehouse: Path,
    on_node: Callable[[str], None],
) -> list[NodeOutcome]:
    """Build seeds and models and run their tests; unit tests and saved queries are for development.

    A test that reads models of two segments runs with the later one (`buildable`).

    Args:
        project: The parsed project.
        select: dbt selection.
        exclude: dbt selection taken out of it.
        with_neighbouring_tests: Also run the tests of what is selected.
        variables: dbt vars.
        warehouse: The build database.
        on_node: Called with the name of each model, seed or test as it ends.

    Raises:
        CommandError: dbt could not start at all. Failing models and tests come back as outcomes.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    arguments = ["build", *_place(project.folder), *_QUIET, "--select", *select]
    arguments += ["--exclude", *exclude] if exclude else []
    tests = "buildable" if with_neighbouring_tests else "empty"
    for kind in ("seed", "model", "test"):
        arguments += ["--resource-type", kind]
    arguments += ["--indirect-selection", tests]
    arguments += ["--vars", json.dumps(dict(variables))]
    # The same order with fewer edges: else dbt looks upstream of each model, for each segment.
    arguments += ["--use-fast-test-edges"]
    # The manifest does not change: dbt need not write it out again after every segment.
    arguments += ["--no-write-json", "--target-path", str(_queries(warehouse))]
    with _warehouse(warehouse):
        runner = dbtRunner(manifest=project.manifest, callbacks=[_listener(on_node)])
        try:
            return _outcomes(runner.invoke(arguments))
        finally:
            # dbt keeps the file open, which would refuse the next stage's connection.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def drop_former_queries(warehouse: Path) -> None:
    """Remove the queries that dbt wrote of an earlier run: a file written over costs four new ones.

    Args:
        warehouse: The build database.
    """
    shutil.rmtree(_queries(warehouse), ignore_errors=True)


def _queries(warehouse: Path) -> Path:
    return warehouse.parent / "dbt"


def _outcomes(result: "dbtRunnerResult") -> list[NodeOutcome]:
    results = getattr(result.result, "results", None)
    if results is None:
        if result.exception is not None and not isinstance(result.exception, Exception):
            # dbt catches Ctrl-C as well and hands it back as a result.
            raise result.exception
        raise CommandError(
            f"dbt could not run: {result.exception}",
            remedy="See run.log beside the build database.",
        )
    return [_outcome(node_result) for node_result in results]


def _outcome(result: "NodeResult") -> NodeOutcome:
    return NodeOutcome(
        unique_id=result.node.unique_id,
        name=result.node.name,
        resource_type=str(result.node.resource_type),
        status=str(result.status),
        seconds=result.execution_time,
        failures=result.failures,
        message=str(result.message or ""),
        models=_models_of(result.node),
        query=str(getattr(result.node, "compiled_path", None) or ""),
    )


def _models_of(node: Any) -> tuple[str, ...]:
    """Name what a test is about: the model that declares it, else all that its query reads."""
    if str(node.resource_type) != "test":
        return ()
    declared = getattr(node, "attached_node", None)
    ids = [declared] if declared else sorted(node.depends_on_nodes)
    return tuple(one.rpartition(".")[2] for one in ids)


def _listener(on_node: Callable[[str], None]) -> Callable[["EventMsg"], None]:
    def listen(event: "EventMsg") -> None:
        info: Any = event.info
        data: Any = event.data
        if info.name == "NodeFinished":
            on_node(data.node_info.node_name)
        if info.level in {"info", "warn", "error"}:
            _log.info("%s", info.msg)

    return listen


def _place(folder: Path) -> list[str]:
    return ["--project-dir", str(folder), "--profiles-dir", str(folder)]


@contextmanager
def _warehouse(path: Path) -> Iterator[None]:
    before = os.environ.get(WAREHOUSE_VARIABLE)
    os.environ[WAREHOUSE_VARIABLE] = str(path)
    try:
        yield
    finally:
        if before is None:
            del os.environ[WAREHOUSE_VARIABLE]
        else:
            os.environ[WAREHOUSE_VARIABLE] = before
