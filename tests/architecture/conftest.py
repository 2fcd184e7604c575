"""What several architecture tests need and is slow to get: the compiled dbt project."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import ROOT


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Compile the project as Spark would be given it; return dbt's manifest.

    The adapter is DuckDB's, so Spark need not be there; only the macros that dispatch by engine are
    made to choose Spark's form. The warehouse is asked nothing.
    """
    from dbt.cli.main import dbtRunner
    from dbt.context.providers import BaseDatabaseWrapper

    target = tmp_path_factory.mktemp("dbt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRUSTLIFT_WAREHOUSE", str(target / "build.duckdb"))
        patch.setattr(
            BaseDatabaseWrapper, "_get_adapter_macro_prefixes", lambda _: ["spark", "default"]
        )
        outcome = dbtRunner().invoke(_compile_arguments(target))
    assert outcome.success, f"dbt compile failed: {outcome.exception or outcome.result}"
    loaded: dict[str, Any] = json.loads((target / "manifest.json").read_text())
    return loaded


def _compile_arguments(target: Path) -> list[str]:
    options = ["--quiet", "--no-partial-parse", "--no-populate-cache", "--no-introspect"]
    folders = {
        "--target-path": target,
        "--log-path": target,
        "--project-dir": ROOT,
        "--profiles-dir": ROOT,
    }
    return ["compile", *options, *(str(part) for pair in folders.items() for part in pair)]
