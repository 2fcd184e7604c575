"""The queries an analyst starts from run on the published file and say something."""

from pathlib import Path

import duckdb
import pytest

from tests.integration.company import Company

QUERIES = sorted(Path("examples/queries").glob("*.sql"))


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
def test_a_worked_query_has_an_answer(kpi_company: Company, query: Path) -> None:
    file = kpi_company.data / "published" / "kpi.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute(query.read_text(encoding="utf-8")).fetchall()
