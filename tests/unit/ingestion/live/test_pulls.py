"""The register of pulls, and the cursors that a pull goes on from."""

from pathlib import Path

import pytest

from ingestion.live.deliveries import Deliveries
from ingestion.live.faults import PullError
from ingestion.live.pulls import read_pulls, register_pulls
from tests.unit.ingestion.live.conftest import Site, days
from tests.unit.ingestion.live.vendors import status, ticket
from warehouse import connect


def test_the_register_says_how_each_live_source_was_read(site: Site) -> None:
    site.vendors.tickets = [ticket(1, days(-1))]
    site.pull("zendesk", site.zendesk("tickets"), days(0))
    site.vendors.faults = [status(500)] * 6
    site.pull("zendesk", site.zendesk("tickets"), days(1))
    site.pull("zigpoll", site.zigpoll(), days(1))
    with connect(None) as connection:
        register_pulls(connection, site.folder, sources=frozenset({"zendesk"}))
        rows = connection.execute(
            "select source_name, state, row_count, attempted_at, succeeded_at from raw.pulls"
        ).fetchall()
    assert rows == [("zendesk", "failed", 0, days(1), days(0))]
    assert read_pulls(site.folder).keys() == {"zendesk", "zigpoll"}


def test_without_live_sources_the_register_is_an_empty_table(tmp_path: Path) -> None:
    with connect(None) as connection:
        register_pulls(connection, tmp_path, sources=frozenset())
        assert connection.execute("select count(*) from raw.pulls").fetchall() == [(0,)]


def test_a_damaged_cursor_is_named_and_nothing_is_read_anew(site: Site) -> None:
    site.vendors.tickets = [ticket(1, days(-1))]
    site.pull("zendesk", site.zendesk("tickets"), days(0))
    (site.folder / "zendesk" / "_cursor.json").write_text("{")
    record = site.pull("zendesk", site.zendesk("tickets"), days(1))
    assert (record.state, record.rows) == ("failed", 0)
    assert "Put the last good copy back" in record.message
    assert len(site.vendors.asked) == 1


def test_a_leftover_does_not_take_the_place_of_what_was_committed(tmp_path: Path) -> None:
    kept = Deliveries(tmp_path)
    kept.draft().write_text("first")
    kept.commit("t", {"at": 1}, [(tmp_path / "_incoming" / "draft-0", "t/day/page-{}.json")])
    # Killed after it wrote the next draft and before it committed it.
    kept.draft().write_text("second")
    again = Deliveries(tmp_path)
    assert again.cursor("t") == {"at": 1}
    [page] = again.files("t", ".json")
    assert page.read_text() == "first"
    assert list((tmp_path / "_incoming").iterdir()) == []


def test_a_cursor_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "_cursor.json").write_text('{"cursors": {}, "moves": [], "later": 1}')
    with pytest.raises(PullError, match="must be the cursors"):
        Deliveries(tmp_path)
