"""Each rule of hygiene finds its noise, and standard fields find their form, by the truth."""

import duckdb
import pytest

from benchmarks.rules import QUESTIONS, Answer, measure
from tests.integration.company import Company

# What is found at least, where it is less than nearly all: nothing tells a stealthy machine from a
# person.
RECALL = {"stealth bots, by any rule of bots": 0.0, "bots in a browser's name, by behaviour": 0.7}

# Neither library knows every machine; together they know all of the company's.
LIBRARIES = {"bot_user_agent_crawler": 0.9, "bot_user_agent_detector": 0.4}


@pytest.fixture(scope="module")
def answers(company: Company) -> dict[str, Answer]:
    build = company.data / "warehouse/build.duckdb"
    return {answer.name: answer for answer in measure(build, company.root / "truth")}


@pytest.fixture(scope="module")
def build(company: Company) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(company.data / "warehouse/build.duckdb"), read_only=True)


@pytest.mark.parametrize("name", [question.name for question in QUESTIONS])
def test_a_rule_finds_its_noise_and_no_person(answers: dict[str, Answer], name: str) -> None:
    answer = answers[name]
    assert answer.noise_count > 0
    assert answer.recall is not None
    assert answer.recall >= RECALL.get(name, LIBRARIES.get(name, 0.98))
    assert answer.precision is not None
    assert answer.precision >= 0.99


def test_however_a_phone_number_is_spelt_it_is_its_owners(
    company: Company, build: duckdb.DuckDBPyConnection
) -> None:
    spelt = build.execute(
        "select count(*) from standardiser.phone_numbers where phone <> standard_phone"
    ).fetchall()
    assert spelt[0][0] > 20
    owners = build.execute(
        f"""
        select count(*), count(case when by_phone.customer_id = by_ref.customer_id then 1 end)
        from '{company.root}/truth/customers.parquet' as people
        inner join resolver.identifier_customers as by_ref
            on by_ref.identifier_key = md5('customer_ref:' || people.customer_ref)
        left join resolver.identifier_customers as by_phone
            on by_phone.identifier_key = md5('phone:' || people.phone)
        where people.phone like '+34%'
        """
    ).fetchall()
    people, found = owners[0]
    assert people > 200
    assert found == people


def test_words_spelt_in_many_ways_are_the_houses_words(build: duckdb.DuckDBPyConnection) -> None:
    words = {
        field: {
            word
            for (word,) in build.execute(
                f"select distinct {field} from core.dim_customers where {field} is not null"
            ).fetchall()
        }
        for field in ("country", "lifecycle_stage", "risk_segment")
    }
    assert words["country"] == {"ES", "GB", "PT"}
    assert words["lifecycle_stage"] <= {"onboarding", "active", "engaged", "closed"}
    assert words["risk_segment"] == {"high", "low", "medium"}
    raw = build.execute(
        "select count(*) from staging.stg_core_banking__customers where country not in "
        "('ES', 'GB', 'PT')"
    ).fetchall()
    assert raw[0][0] > 20


def test_what_has_no_standard_form_is_counted(build: duckdb.DuckDBPyConnection) -> None:
    fields = build.execute(
        "select field, sum(value_count - mapped_count) from hygiene.hygiene_mapping_coverage "
        "group by field"
    ).fetchall()
    unmapped = dict(fields)
    assert unmapped["country"] == unmapped["currency"] == unmapped["timezone"] == 0
    assert unmapped["event_name"] > 0
    assert unmapped["phone"] > 0
