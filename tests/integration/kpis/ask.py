"""Ask MetricFlow many questions in a process of its own, for dbt keeps adapters while one lives.

`python -m tests.integration.kpis.ask FOLDER` reads a JSON list of requests from standard input and
writes the rows of the answers to `answers.json`.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

PROJECT = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests")


def _engine(folder: Path) -> Any:
    from dbt.cli.main import dbtRunner
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration

    for name in PROJECT:
        (folder / name).symlink_to(Path.cwd() / name)
    os.environ["DBT_LOG_PATH"] = str(folder / "logs")
    places = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
    parsed = dbtRunner().invoke(["--quiet", "parse", *places])
    assert parsed.success, parsed.exception
    configuration = CLIConfiguration()
    configuration.setup(folder, folder, configure_file_logging=False)
    return configuration.mf


def main() -> None:
    """Answer each request with a list of rows, as MetricFlow orders them."""
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    engine = _engine(Path(sys.argv[1]))
    answers = []
    for request in json.load(sys.stdin):
        table = engine.query(MetricFlowQueryRequest.create(**request)).result_df
        names = [column.column_name for column in table.column_descriptions]
        answers.append([dict(zip(names, row, strict=True)) for row in table.rows])
    Path(sys.argv[1], "answers.json").write_text(json.dumps(answers, default=str))


if __name__ == "__main__":
    main()
