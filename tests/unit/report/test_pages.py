import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from report import (
    Findings,
    Page,
    Refusal,
    RunRecord,
    SourceRows,
    find,
    prune_records,
    read_records,
    write_pages,
    write_record,
)
from report.pages import SetAside
from report.record import page_path, record_path
from tests.unit.report.html import read

AS_OF = datetime(2026, 6, 28, tzinfo=UTC)
BATCHES = ("amplitude/events/2026-06-21", "braze/messages/2026-06-20")
NASTY = '<script>alert("x")</script> & "co" http://example.com/'


def record(run_id: str = "1", *, blocked: bool = True, minutes: int = 0) -> RunRecord:
    return RunRecord(
        run_id=run_id,
        state="blocked" if blocked else "published",
        as_of=AS_OF,
        finished_at=AS_OF + timedelta(minutes=minutes),
        seconds=12.3,
        rows=(SourceRows(source="amplitude", received=1_000, kept=900, excluded={"bot": 100}),),
        verdicts={"batches passed": 3, "batches error failed": 2},
        refusals=tuple(
            Refusal(
                subject=batch,
                source="amplitude",
                owner="data-engineering",
                expectation="duplication_rate at most 0.15",
                found="0.31",
                remedy="Set it aside.",
                commands=(f'trustlift reject {batch} --reason "…"',),
            )
            for batch in (BATCHES if blocked else ())
        ),
    )


@pytest.fixture
def build() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("""
            create schema gates; create schema core; create schema raw;
            create table core.fct_batch_hygiene as
                select 'amplitude' as source_name, 'events' as table_name,
                    date '2026-06-21' as received_date,
                    timestamp '2026-06-27 22:00:00' as last_received_at;
            create table raw.contracts as
                select 'amplitude' as source_name, 'events' as table_name, false as is_closed;
            create table raw.quarantined_rows as
                select 'amplitude' as source_name, 'events' as table_name,
                    date '2026-06-21' as received_date, 7 as _row_id,
                    'wrong_type:event_at' as reason, 'malformed' as kind;
            create table raw.schema_drift as
                select 'crm' as source_name, 'spend' as table_name,
                    date '2026-06-21' as received_date, 'renamed_column' as kind,
                    'currency' as field, 'currency string required' as expected,
                    'currency_code varchar' as found, 12 as row_count, 1 as file_count;
            create table gates.results as
                select 'batches' as gate, 'amplitude/' || t || '/' || cast(d as date) as subject,
                    'amplitude' as source_name, t as table_name, cast(d as date) as received_date,
                    'duplication_rate' as metric,
                    case when cast(d as date) = '2026-06-21' and t = 'events' then .31
                        when t = 'events' then .02 end::double as value,
                    cast(null as double) as threshold_min, .15::double as threshold_max,
                    100 as row_count, 'error' as severity,
                    case when cast(d as date) = '2026-06-21' and t = 'events' then 'failed'
                        when t = 'events' then 'passed' else 'not_evaluated' end as status,
                    'data-engineering' as owner, '<why> not' as why
                from generate_series(date '2026-06-19', date '2026-06-23', interval 1 day) as r(d),
                    (values ('events'), ('merged_ids')) as tables(t)
                where t = 'events' or d = '2026-06-22';
            insert into gates.results
                select 'marts', 'kpi_opt_out_daily', null, null, null, 'row_count', 0, 1, null, 0,
                    'warning', 'failed', 'product', 'it may be empty';
        """)
        yield connection


def test_findings_are_of_the_gates_that_judged_in_this_run(
    build: duckdb.DuckDBPyConnection,
) -> None:
    nothing = find(build, as_of=AS_OF, gates=(), has_hygiene=False)
    assert nothing == Findings()
    found = find(build, as_of=AS_OF, gates=("batches",), has_hygiene=True)
    assert found.wholes == []
    assert [one.subject for one in found.breaches] == [
        "amplitude/merged_ids/2026-06-22",
        "amplitude/events/2026-06-21",
    ]
    assert [one.hours for one in found.freshness] == [2.0]
    assert [(one.reason, one.rows) for one in found.quarantined] == [("wrong_type:event_at", 1)]
    assert [(one.kind, one.field, one.rows) for one in found.drift] == [
        ("renamed column", "currency", 12)
    ]
    both = find(build, as_of=AS_OF, gates=("batches", "marts"), has_hygiene=True)
    assert [one.subject for one in both.wholes] == ["kpi_opt_out_daily"]


def test_a_rule_shows_its_worst_table_a_date_and_counts_every_verdict(
    build: duckdb.DuckDBPyConnection,
) -> None:
    [rule] = find(build, as_of=AS_OF, gates=("batches",), has_hygiene=True).rules
    assert (rule.metric, rule.source) == ("duplication_rate", "amplitude")
    assert rule.limit == "at most 0.15"
    assert (rule.judged, rule.failed, rule.newest, rule.worst) == (6, 2, 0.02, 0.31)
    assert len(rule.line.faults) == 2
    assert len(rule.line.limits) == 1


def test_a_page_is_whole_well_formed_and_asks_nobody(
    tmp_path: Path, build: duckdb.DuckDBPyConnection
) -> None:
    found = find(build, as_of=AS_OF, gates=("batches", "marts"), has_hygiene=True)
    aside = SetAside(
        batch=BATCHES[0], reason=NASTY, since=AS_OF, rows=3, undo="trustlift restore x"
    )
    page = Page(record=record(), findings=found, set_aside=[aside])
    write_record(tmp_path, page.record)
    index = write_pages(tmp_path, page)
    for path in (index, page_path(tmp_path, "1")):
        html = path.read_text()
        seen = read(html)
        assert seen.faults == []
        assert "script" not in seen.tags
        assert "url(" not in html
        assert "@import" not in html
        links = [value for _, name, value in seen.attributes if name in {"href", "src"}]
        assert links
        assert not [link for link in links if re.match(r"[a-z]+:|//", link) and link != "data:,"]
        policy = [
            value for tag, name, value in seen.attributes if (tag, name) == ("meta", "content")
        ]
        assert any("default-src 'none'" in value for value in policy)
        for batch in BATCHES:
            assert f"trustlift reject {batch}" in seen.text
        assert NASTY in seen.text
        assert "<why>" in {value[:5] for _, name, value in seen.attributes if name == "title"}
        assert "0.31" in seen.text
        assert "wrong_type:event_at" in seen.text
        assert "currency string required" in seen.text
        assert "svg" in seen.tags


def test_a_run_that_did_not_come_to_the_gates_says_so(tmp_path: Path) -> None:
    failed = replace(
        record(blocked=False),
        state="failed",
        message="stage seeds ended with X",
        rows=(),
        verdicts={},
    )
    write_record(tmp_path, failed)
    text = read(write_pages(tmp_path, Page(record=failed, findings=Findings())).read_text()).text
    assert "stage seeds ended with X" in text
    assert "ended before its rows were judged" in text
    assert "Every rule that was judged has passed" not in text


def test_the_history_lists_every_run_that_is_kept_the_newest_first(tmp_path: Path) -> None:
    for number in (2, 1, 3):
        one = record(str(number), blocked=number == 2, minutes=number)
        write_record(tmp_path, one)
        write_pages(tmp_path, Page(record=one, findings=Findings()))
    assert [one.run_id for one in read_records(tmp_path)] == ["3", "2", "1"]
    assert prune_records(tmp_path, keep=2, dry_run=True) == ["1"]
    assert record_path(tmp_path, "1").exists()
    assert prune_records(tmp_path, keep=2) == ["1"]
    index = write_pages(tmp_path, Page(record=record("3", minutes=3), findings=Findings()))
    links = [value for _, name, value in read(index.read_text()).attributes if name == "href"]
    assert [link for link in links if link.startswith("runs/")] == ["runs/3.html", "runs/2.html"]
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {
        f"{number}.{kind}" for number in (2, 3) for kind in ("html", "json")
    }


def test_a_run_told_of_twice_is_in_the_history_once(tmp_path: Path) -> None:
    write_record(tmp_path, record("1"))
    write_record(tmp_path, record("1", blocked=False, minutes=1))
    assert [one.state for one in read_records(tmp_path)] == ["published"]


def test_a_damaged_record_is_named_with_its_remedy(tmp_path: Path) -> None:
    write_record(tmp_path, record("1"))
    record_path(tmp_path, "1").write_text('{"run_id": "1"')
    with pytest.raises(ValueError, match=r"1\.json is no record of a run: .*Remove it"):
        read_records(tmp_path)
