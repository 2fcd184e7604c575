"""A live source is pulled before it is landed, and one that is away stops nobody."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from orchestration.config_load import load_settings
from orchestration.dbt_process import DbtProject
from orchestration.ingestion_stage import land_source, register_views
from orchestration.places import main_places
from orchestration.run import Run
from orchestration.screen import make_console
from orchestration.status import record_outcome
from orchestration.status_command import gather_report, print_report
from orchestration.unread import unread_sources
from tests.unit.ingestion.live.vendors import TOKEN, Vendors, serving, ticket

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
USER, SECRET = TOKEN.split("/token:")


@pytest.fixture
def start(write_config: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    monkeypatch.setenv("ZENDESK_API_TOKEN", SECRET)

    def make(url: str, now: datetime = NOW, **changes: Any) -> Run:
        rest = {"url": url, "user": USER, "tables": ["tickets"]}
        file = write_config(sources={"zendesk": {"rest": rest, **changes}})
        settings = load_settings(file)
        return Run(
            run_id="1",
            as_of=now,
            config_file=file,
            settings=settings,
            places=main_places(settings.data_dir),
            project=cast("DbtProject", None),
            clock=lambda: now,
        )

    return make


def pulls(run: Run) -> list[tuple[Any, ...]]:
    register_views(run)
    with run.connect() as connection:
        return connection.execute("select source_name, state, row_count from raw.pulls").fetchall()


def test_what_was_pulled_is_in_the_lake_of_the_same_run(start: Callable[..., Run]) -> None:
    vendors = Vendors(tickets=[ticket(n, NOW - timedelta(days=1)) for n in range(3)])
    with serving(vendors) as url:
        run = start(url)
        landed = land_source(run, "zendesk")
    assert (landed["pull"], landed["rows_landed"], landed["unclaimed_files"]) == ("succeeded", 3, 0)
    assert pulls(run) == [("zendesk", "succeeded", 3)]
    assert unread_sources(run.settings) == ()


def test_a_source_that_is_away_leaves_its_rows_and_a_word(
    start: Callable[..., Run], capsys: pytest.CaptureFixture[str]
) -> None:
    vendors = Vendors(tickets=[ticket(1, NOW - timedelta(days=1))])
    with serving(vendors) as url:
        land_source(start(url), "zendesk")
        vendors.tickets.append(ticket(2, NOW))
        run = start(url, NOW + timedelta(days=1))
        vendors.faults = [lambda handler: handler.reply(403, {}, {})]
        landed = land_source(run, "zendesk")
    assert (landed["pull"], landed["rows_landed"]) == ("failed", 0)
    assert pulls(run) == [("zendesk", "failed", 0)]
    with run.connect() as connection:
        [(rows,)] = connection.execute("select count(*) from raw.zendesk__tickets").fetchall()
    assert rows == 1

    record_outcome(run.places.status, "published", as_of=NOW, run_id="1", now=NOW)
    report = gather_report(run.config_file)
    print_report(make_console(), report)
    told = capsys.readouterr().out
    assert "NOT READ IN WHOLE zendesk" in told
    assert "answered 403" in told
    assert "last read in whole 2026-03-01T09:30:00+00:00" in told
    assert max(map(len, told.splitlines())) <= 80
    assert json.dumps([one.source for one in report.unread]) == '["zendesk"]'


def test_a_closed_source_is_not_asked(start: Callable[..., Run]) -> None:
    vendors = Vendors(tickets=[ticket(1, NOW)])
    with serving(vendors) as url:
        landed = land_source(start(url, closed=True), "zendesk")
    assert vendors.asked == []
    assert landed["rows_landed"] == 0
