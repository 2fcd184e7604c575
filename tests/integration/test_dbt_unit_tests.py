"""The unit tests beside the models. They read the types of a built database, so they need one."""

import shutil
from pathlib import Path

import pytest
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner

from tests.integration.company import Company

PROJECT = Path(__file__).parents[2]


def test_definitions_hold_at_their_edges(
    small_company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = tmp_path / "build.duckdb"
    shutil.copy(small_company.data / "warehouse/build.duckdb", build)
    monkeypatch.setenv("TRUSTLIFT_WAREHOUSE", str(build))
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    written = ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    ended = dbtRunner().invoke(["test", "--select", "test_type:unit", *folders, *written])
    assert isinstance(ended.result, RunExecutionResult), ended.exception
    outcomes = {result.node.name: str(result.status) for result in ended.result.results}
    assert len(outcomes) >= 7
    assert set(outcomes.values()) == {"pass"}, outcomes
