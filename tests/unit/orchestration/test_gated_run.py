"""The graph at work on a small dbt project; the Python stages are stand-ins."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.contracts import load_contracts
from orchestration import graph
from orchestration.alerts.heartbeat import last_heartbeat
from orchestration.alerts.ledger import open_alerts
from orchestration.alerts.outbox import waiting
from orchestration.assets import gates, ingestion, stages
from orchestration.config import Policy, Settings
from orchestration.dbt_process import DbtProject, parse_project
from orchestration.gate_stage import Judged
from orchestration.jobs import run_config, whole_pipeline
from orchestration.pipeline import first_fault
from orchestration.places import Places, main_places
from orchestration.resources import run_resource
from orchestration.run import Run
from orchestration.status import read_status
from tests.unit.orchestration.samples import BLOCKED
from tests.unit.orchestration.small_project import write_small_project
from tests.unit.report.html import read

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    return parse_project(write_small_project(tmp_path_factory.mktemp("project")))


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture(autouse=True)
def _one_source(monkeypatch: pytest.MonkeyPatch) -> None:
    only = {"amplitude": load_contracts()["amplitude"]}
    monkeypatch.setattr(graph, "load_contracts", lambda: only)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return main_places(tmp_path / "data")


@pytest.fixture
def blocking() -> set[str]:
    """Name the gates that block."""
    return set()


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch, blocking: set[str]) -> None:
    def write(run: Run, stage: str, *tables: str) -> dict[str, int]:
        with run.stage(stage, "python"), run.connect() as connection:
            for table in tables:
                connection.execute(f"create schema if not exists {table.split('.')[0]}")
                connection.execute(f"create or replace table {table} as select 1 as row_id")
        return {}

    def register(run: Run) -> dict[str, int]:
        write(run, "raw", "raw.amplitude__events")
        tables = [f"amplitude__{name}" for name in load_contracts()["amplitude"].tables]
        return dict.fromkeys(
            [*tables, "contracts", "quarantined_rows", "quiet_days", "publishes"], 1
        )

    def resolve(run: Run) -> dict[str, int]:
        run.places.identity_candidate.parent.mkdir(parents=True, exist_ok=True)
        run.places.identity_candidate.write_text("ids")
        return write(run, "resolver", "resolver.identifier_customers")

    def judge_features(run: Run) -> dict[str, int]:
        run.places.verdict_candidate.parent.mkdir(parents=True, exist_ok=True)
        run.places.verdict_candidate.write_text("log")
        return write(run, "verdicts", "verdicts.weekly", "verdicts.history")

    def judge(stage: str) -> Callable[[Run], Judged]:
        def judged(run: Run) -> Judged:
            write(run, stage, "gates.results")
            blocked = (BLOCKED,) if stage in blocking else ()
            if blocked:
                run.announce_blocked(blocked)
            return Judged(verdict_count=1, warning_count=0, blocked=blocked)

        return judged

    monkeypatch.setattr(ingestion, "land_source", lambda *_: {})
    monkeypatch.setattr(ingestion, "register_views", register)
    monkeypatch.setattr(
        stages,
        "match_contacts",
        lambda run: write(run, "matcher", "matcher.contact_matches"),
    )
    monkeypatch.setattr(
        stages,
        "classify_user_agents",
        lambda run: write(run, "user_agents", "user_agents.classified"),
    )
    monkeypatch.setattr(
        stages,
        "standardise_phones",
        lambda run: write(run, "standardiser", "standardiser.phone_numbers"),
    )
    monkeypatch.setattr(stages, "resolve_identity_of_the_remembered", resolve)
    monkeypatch.setattr(
        stages, "infer", lambda run: write(run, "inference", "inference.clustered_ratios")
    )
    monkeypatch.setattr(stages, "judge_features", judge_features)
    monkeypatch.setattr(gates, "judge_batches", judge("gate_on_batches"))
    monkeypatch.setattr(gates, "judge_marts", judge("gate_on_marts"))


@pytest.fixture
def materialise(
    project: DbtProject, instance: dg.DagsterInstance, write_config: Write
) -> Callable[..., dg.ExecuteInProcessResult]:
    config = write_config(alerts={"sinks": [{"kind": "file", "path": "alerts.jsonl"}]})
    definitions = dg.Definitions(
        assets=graph.pipeline_assets(project),
        resources={"run": run_resource(project)},
        jobs=[whole_pipeline],
        loggers={"console": _silent},
    )

    def run(
        selection: list[dg.AssetKey] | None = None, as_of: str = "2026-06-28"
    ) -> dg.ExecuteInProcessResult:
        return definitions.resolve_job_def(whole_pipeline.name).execute_in_process(
            run_config=run_config(config_file=config, as_of=as_of),
            asset_selection=selection,
            instance=instance,
            raise_on_error=False,
        )

    return run


@dg.logger({})
def _silent(_: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.getLogger("tests.silent")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger


def published(places: Places) -> list[tuple[int, str]]:
    with duckdb.connect(str(places.published / "kpi.duckdb"), read_only=True) as connection:
        return connection.execute("select event_count, as_of from kpi_events").fetchall()


def built(result: dg.ExecuteInProcessResult) -> set[str]:
    events = result.get_asset_materialization_events()
    return {event.asset_key.path[-1] for event in events if event.asset_key is not None}


def test_a_later_run_replaces_what_is_published_and_a_look_back_does_not(
    materialise: Callable[..., dg.ExecuteInProcessResult], places: Places
) -> None:
    assert materialise().success
    assert published(places) == [(1, "2026-06-28 00:00:00")]
    assert places.identity_state.read_text() == "ids"
    assert places.verdict_log.read_text() == "log"
    assert materialise(as_of="2026-06-29").success
    assert materialise(as_of="2026-01-01").success
    assert published(places) == [(1, "2026-06-29 00:00:00")]
    root = places.data_dir / "as_of" / "20260101T000000Z"
    assert published(Places(data_dir=places.data_dir, root=root)) == [(1, "2026-01-01 00:00:00")]
    status = read_status(places.status)
    assert status is not None
    assert (status.state, status.as_of) == ("published", "2026-06-29T00:00:00+00:00")


def test_the_gate_on_batches_keeps_marts_from_being_built(
    materialise: Callable[..., dg.ExecuteInProcessResult],
    places: Places,
    blocking: set[str],
) -> None:
    blocking.add("gate_on_batches")
    result = materialise()
    assert not result.success
    assert "fct_events" in built(result)
    assert not built(result) & {"sums_clustered_ratios", "kpi_events", "kpi"}
    assert not places.published.joinpath("kpi.duckdb").exists()
    status = read_status(places.status)
    assert status is not None
    assert (status.state, status.blocked) == ("blocked", (BLOCKED,))
    assert not open_alerts(places.alerts), "a run that a gate ended has not failed"


def test_the_gate_on_marts_keeps_them_from_being_published(
    materialise: Callable[..., dg.ExecuteInProcessResult], places: Places, blocking: set[str]
) -> None:
    blocking.add("gate_on_marts")
    result = materialise()
    assert "kpi_events" in built(result)
    assert not places.published.joinpath("kpi.duckdb").exists()
    assert not places.identity_state.exists()
    assert not places.verdict_log.exists()


def test_a_broken_invariant_fails_the_run_and_names_the_test(
    materialise: Callable[..., dg.ExecuteInProcessResult],
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = property(lambda _: {**Policy().model_dump(), "broken": True})
    monkeypatch.setattr(Settings, "dbt_variables", broken)
    result = materialise()
    fault = first_fault(result)
    assert fault is not None
    assert "not_null_fct_events_row_id" in fault.message
    assert not built(result) & {"results", "kpi_events"}
    [check] = [one for one in result.get_asset_check_evaluations() if not one.passed]
    assert check.check_name == "not_null_fct_events_row_id"
    status = read_status(places.status)
    assert status is not None
    assert status.state == "failed"
    named = "stage hygiene_and_core: test not_null_fct_events_row_id of fct_events does not hold: 1"
    assert status.message.startswith(named)
    assert "broken invariant" in status.remedy
    query = status.remedy.split()[-8]
    assert Path(query).exists(), query
    [alert] = open_alerts(places.alerts)
    assert alert.finding.condition == "run_failed"
    assert (alert.finding.found, alert.finding.remedy) == (status.message, status.remedy)
    page = read((places.validation / "index.html").read_text()).text
    assert status.message in page
    assert status.remedy in page

    monkeypatch.setattr(Settings, "dbt_variables", property(lambda _: Policy().model_dump()))
    assert materialise().success
    assert not open_alerts(places.alerts)
    told = [(one.message.kind, one.message.condition) for one in waiting(places.alerts)]
    assert told == [("opened", "run_failed"), ("recovered", "run_failed")]
    assert last_heartbeat(places.heartbeat) is not None


def test_a_part_of_the_graph_never_publishes(
    materialise: Callable[..., dg.ExecuteInProcessResult], places: Places
) -> None:
    places.warehouse.mkdir(parents=True)
    with duckdb.connect(str(places.build)) as build:
        build.execute("create schema staging; create view staging.stg_events as select 1 as row_id")
    part = [dg.AssetKey(["staging", "stg_web_user_agents"]), dg.AssetKey(["published", "kpi"])]
    result = materialise(selection=part)
    fault = first_fault(result)
    assert fault is not None
    assert fault.message.startswith("Not published: this run did not build")
    assert built(result) == {"stg_web_user_agents"}
    assert not places.published.exists()


def test_a_stage_built_in_part_does_not_count_as_built(
    materialise: Callable[..., dg.ExecuteInProcessResult],
    project: DbtProject,
) -> None:
    keys = [key for assets in graph.pipeline_assets(project) for key in assets.keys]
    result = materialise(selection=[key for key in keys if key.path[-1] != "stg_web_user_agents"])
    fault = first_fault(result)
    assert fault is not None
    assert "did not build staging in whole" in fault.message
