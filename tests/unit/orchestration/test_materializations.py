"""Models are replaced where they stand, and stay as they were when they cannot be built."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.dbt_process import NodeOutcome, build, parse_project

DIALECT = Path(__file__).parents[3] / "macros" / "dialect.sql"
FILES = {
    "dbt_project.yml": """
name: trustlift
version: "0.1"
profile: trustlift
flags: {send_anonymous_usage_stats: false}
vars: {value: 1}
""",
    "profiles.yml": """
trustlift:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('TRUSTLIFT_WAREHOUSE') }}", schema: main, threads: 2}
""",
    "models/stored.sql": """
{{ config(materialized="table", post_hook="insert into hooks select * from {{ this }}") }}
select {{ var("value") }} as value
""",
    "models/shown.sql": """
{{ config(materialized="view") }}
select {{ var("value") }} as value from {{ ref("stored") }}
""",
    "models/agreed.sql": """
{{ config(materialized="table", contract={"enforced": true}) }}
select {{ var("value") }} as value
""",
    "models/agreed.yml": """
version: 2
models:
  - name: agreed
    columns:
      - name: value
        data_type: integer
        constraints: [{type: check, expression: value < 10}]
""",
    "macros/dialect.sql": DIALECT.read_text(encoding="utf-8"),
}
Build = Callable[[object], list[NodeOutcome]]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "data" / "build.duckdb"


@pytest.fixture(scope="module")
def project_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text.strip() + "\n")
    return folder


@pytest.fixture
def built(project_folder: Path, warehouse: Path) -> Build:
    """Build all models with a value; what they held before is of the other kind."""
    warehouse.parent.mkdir()
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table hooks (value integer)")
        connection.execute("create view stored as select 0 as value")
        connection.execute("create table shown as select 0 as value")
    project = parse_project(project_folder)

    def run(value: object) -> list[NodeOutcome]:
        return build(
            project,
            select=["stored", "shown", "agreed"],
            exclude=[],
            with_neighbouring_tests=True,
            variables={"value": value},
            warehouse=warehouse,
            on_node=lambda _name: None,
        )

    return run


def values(warehouse: Path) -> list[tuple[int, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            "select stored.value, shown.value, agreed.value from stored, shown, agreed"
        ).fetchall()


def test_each_model_is_replaced_by_one_of_its_own_kind(built: Build, warehouse: Path) -> None:
    for value in (1, 2):
        assert {one.status for one in built(value)} == {"success"}
        assert values(warehouse) == [(value, value, value)]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        kinds = connection.execute(
            "select table_name, table_type from information_schema.tables order by all"
        ).fetchall()
        hooked = connection.execute("select value from hooks order by all").fetchall()
    assert kinds == [
        ("agreed", "BASE TABLE"),
        ("hooks", "BASE TABLE"),
        ("shown", "VIEW"),
        ("stored", "BASE TABLE"),
    ]
    assert hooked == [(1,), (2,)]


@pytest.mark.parametrize(
    "value", ["no_such_column", "error('while it is written')", "'text'", "10"]
)
def test_a_model_that_cannot_be_built_leaves_the_former_one(
    built: Build, warehouse: Path, value: str
) -> None:
    built(1)
    failed = {one.name for one in built(value) if one.has_failed}
    assert "agreed" in failed
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("select value from agreed").fetchall() == [(1,)]
    if value not in {"'text'", "10"}:
        assert values(warehouse) == [(1, 1, 1)]
