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


def test_only_risen_opt_outs_have_a_first_day(kpi_company: Company) -> None:
    days = kpi_company.mart("kpi_opt_out_daily")
    rising = days[days["is_mature"] & days["is_rising"].eq(other=True)]
    first = rising.groupby("feature_id")["activity_date"].min()
    file = kpi_company.data / "published" / "kpi.duckdb"
    query = Path("examples/queries/02_opt_outs_after_a_release.sql").read_text(encoding="utf-8")
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(query).df().set_index("feature_id")["first_rising_date"]
    assert len(first) > 0
    assert found.dropna().dt.date.to_dict() == first.to_dict()
