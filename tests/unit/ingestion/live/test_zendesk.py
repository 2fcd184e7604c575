"""Zendesk's export is followed by its cursor, its listings window by window."""

import json
from datetime import timedelta

import pytest

from ingestion.contracts import load_contracts
from ingestion.landing import land
from ingestion.live import deliveries
from ingestion.sources import SourceFiles
from tests.unit.ingestion.live.conftest import Site, days
from tests.unit.ingestion.live.vendors import dropped, html, ids, rating, status, ticket

RATINGS = "/api/v2/satisfaction_ratings.json"
METRICS = {"include": "metric_sets"}
SURVEYS = "/api/v2/guide/survey_responses"


@pytest.fixture
def tickets(site: Site) -> Site:
    site.vendors.tickets = [ticket(n, days(-5 + n * 0.5)) for n in range(5)]
    return site


def test_tickets_are_followed_to_the_end_of_the_stream_and_on_from_there(tickets: Site) -> None:
    connector = tickets.zendesk("tickets")
    assert tickets.pull("zendesk", connector, days(0)).rows == 5
    asked = [query for _, query in tickets.vendors.asked]
    assert asked == [
        {**where, **METRICS} for where in ({"start_time": "0"}, {"cursor": "t2"}, {"cursor": "t4"})
    ]

    tickets.vendors.tickets.append(ticket(1, days(0.5), status="deleted"))
    assert tickets.pull("zendesk", connector, days(1)).rows == 1
    assert tickets.vendors.asked[-1][1] == {"cursor": "t5", **METRICS}
    assert tickets.pull("zendesk", connector, days(2)).rows == 0
    assert sorted(ids(tickets.delivered("zendesk/tickets"))) == [0, 1, 1, 2, 3, 4]


def test_a_page_is_kept_as_it_was_received_also_what_it_repeats(tickets: Site) -> None:
    tickets.vendors.repeated = 1
    tickets.pull("zendesk", tickets.zendesk("tickets"), days(0))
    assert sorted(ids(tickets.delivered("zendesk/tickets"))) == [0, 1, 1, 2, 3, 3, 4]
    pages = sorted((tickets.folder / "zendesk" / "tickets" / "2026-03-01").glob("page-*.json"))
    sent = [
        json.dumps(tickets.vendors.answer("/api/v2/incremental/tickets/cursor.json", query))
        for _, query in tickets.vendors.asked
    ]
    assert sorted(path.read_text() for path in pages) == sorted(sent)


def test_what_was_pulled_lands_by_the_contract(tickets: Site) -> None:
    tickets.vendors.listed[RATINGS] = [rating(n, days(-3)) for n in range(3)]
    tickets.pull("zendesk", tickets.zendesk("tickets", "satisfaction_ratings"), days(0))
    landed = land(
        [SourceFiles("zendesk", tickets.folder / "zendesk")],
        tickets.folder.parent / "lake",
        contracts=load_contracts(),
    )
    assert (landed.rows_landed, landed.rows_quarantined) == (8, 0)
    assert landed.unclaimed_files["zendesk"] == 0


def test_a_start_leaves_out_what_changed_before_it(tickets: Site) -> None:
    assert tickets.pull("zendesk", tickets.zendesk("tickets", start=days(-3.7)), days(0)).rows == 2


def test_a_busy_server_is_waited_for_as_long_as_it_says(tickets: Site) -> None:
    tickets.vendors.faults = [
        status(429, Retry_After="37"),
        status(503),
        None,
        dropped,
        status(500, Retry_After="4"),
    ]
    assert tickets.pull("zendesk", tickets.zendesk("tickets"), days(0)).state == "succeeded"
    assert [wait for wait in tickets.waited if wait > 3] == [37.0, 4.0]
    assert len(tickets.waited) == 4
    assert len(tickets.delivered("zendesk/tickets")) == 5


def test_a_server_that_stays_busy_is_left_and_read_on_next_time(tickets: Site) -> None:
    tickets.vendors.faults = [None, *[status(503)] * 6]
    connector = tickets.zendesk("tickets", "satisfaction_ratings")
    record = tickets.pull("zendesk", connector, days(0))
    assert (record.state, record.rows, record.succeeded_at) == ("failed", 2, None)
    assert "answered 503, 6 times" in record.message
    assert len(tickets.waited) == 5
    # What is wrong with the server is not asked of its other endpoints.
    assert all("ratings" not in path for path, _ in tickets.vendors.asked)

    before = len(tickets.vendors.asked)
    again = tickets.pull("zendesk", tickets.zendesk("tickets"), days(1))
    assert (again.state, again.rows, again.succeeded_at) == ("succeeded", 3, days(1))
    assert tickets.vendors.asked[before][1] == {"cursor": "t2", **METRICS}
    assert sorted(ids(tickets.delivered("zendesk/tickets"))) == [0, 1, 2, 3, 4]


class KilledError(BaseException):
    """Stands for a kill."""


def test_a_kill_between_page_and_cursor_reads_one_page_again(
    tickets: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: object) -> None:
        if len(tickets.vendors.asked) == 2:
            raise KilledError
        real(*_)  # type: ignore[arg-type]

    real = deliveries.write_atomically  # type: ignore[attr-defined]
    connector = tickets.zendesk("tickets")
    with monkeypatch.context() as patched:
        patched.setattr(deliveries, "write_atomically", write)
        with pytest.raises(KilledError):
            tickets.pull("zendesk", connector, days(0))
    tickets.pull("zendesk", connector, days(0))
    assert [query for _, query in tickets.vendors.asked] == [
        {"start_time": "0", **METRICS},
        {"cursor": "t2", **METRICS},
        {"cursor": "t2", **METRICS},
        {"cursor": "t4", **METRICS},
    ]
    assert sorted(ids(tickets.delivered("zendesk/tickets"))) == [0, 1, 2, 3, 4]


def test_a_cursor_that_the_export_refuses_is_named(tickets: Site) -> None:
    connector = tickets.zendesk("tickets")
    tickets.pull("zendesk", connector, days(0))
    tickets.vendors.forgotten = {"t5"}
    record = tickets.pull("zendesk", connector, days(1))
    assert record.state == "failed"
    assert "the cursor t5" in record.message


def test_a_stream_that_does_not_go_on_is_left(tickets: Site) -> None:
    tickets.vendors.page_size = 0
    record = tickets.pull("zendesk", tickets.zendesk("tickets"), days(0))
    assert record.state == "failed"
    assert "would never end" in record.message


def test_a_rating_that_was_changed_comes_again_and_no_other(site: Site) -> None:
    ratings = [rating(n, days(-9 + n)) for n in range(9)]
    site.vendors.listed[RATINGS] = ratings
    site.vendors.repeated = 1
    connector = site.zendesk("satisfaction_ratings")
    assert site.pull("zendesk", connector, days(0)).rows == 9
    ratings[2] = rating(2, days(-7), score="bad", updated_at="2026-03-01T10:00:00Z")
    ratings.append(rating(9, days(0.5)))
    assert site.pull("zendesk", connector, days(1)).rows == 2
    assert site.pull("zendesk", connector, days(2)).rows == 0
    found = site.delivered("zendesk/satisfaction_ratings")
    assert sorted((r["id"], r["score"]) for r in found) == sorted(
        [(n, "good") for n in range(10)] + [(2, "bad")]
    )


def test_the_last_minute_is_left_for_the_next_pull(site: Site) -> None:
    site.vendors.listed[SURVEYS] = [rating(1, days(0) - timedelta(seconds=30))]
    connector = site.zendesk("survey_responses")
    assert site.pull("zendesk", connector, days(0)).rows == 0
    assert site.pull("zendesk", connector, days(1)).rows == 1


def test_a_window_that_failed_is_finished_from_its_cursor(site: Site) -> None:
    site.vendors.listed[RATINGS] = [rating(n, days(-9 + n)) for n in range(7)]
    site.vendors.faults = [None, None, *[status(500)] * 6]
    connector = site.zendesk("satisfaction_ratings")
    assert site.pull("zendesk", connector, days(0)).rows == 4
    before = len(site.vendors.asked)
    assert site.pull("zendesk", connector, days(1)).rows == 3
    assert site.vendors.asked[before][1]["page[after]"] == "c4"
    assert sorted(ids(site.delivered("zendesk/satisfaction_ratings"))) == list(range(7))


def test_a_window_whose_cursor_is_forgotten_is_read_anew_without_repeating(site: Site) -> None:
    site.vendors.listed[RATINGS] = [rating(n, days(-9 + n)) for n in range(7)]
    site.vendors.faults = [None, None, *[status(500)] * 6]
    connector = site.zendesk("satisfaction_ratings")
    site.pull("zendesk", connector, days(0))
    site.vendors.forgotten = {"c4"}
    record = site.pull("zendesk", connector, days(1))
    assert record.state == "failed"
    site.vendors.forgotten = set()
    assert site.pull("zendesk", connector, days(2)).state == "succeeded"
    assert sorted(ids(site.delivered("zendesk/satisfaction_ratings"))) == list(range(7))


def test_an_endpoint_that_is_not_there_does_not_stop_the_others(tickets: Site) -> None:
    tickets.vendors.listed[SURVEYS] = [rating(1, days(-1))]
    record = tickets.pull("zendesk", tickets.zendesk(), days(0))
    assert (record.state, record.rows) == ("failed", 6)
    assert "satisfaction_ratings.json answered 404" in record.message
    assert "leave the table out of `tables`" in record.message


def test_what_is_no_page_is_no_delivery(tickets: Site) -> None:
    tickets.vendors.faults = [html]
    record = tickets.pull("zendesk", tickets.zendesk("tickets"), days(0))
    assert (record.state, record.rows) == ("failed", 0)
    assert "something else than a page" in record.message


def test_a_wrong_token_names_its_variable_and_nothing_of_it(tickets: Site) -> None:
    connector = tickets.zendesk("tickets", login=("user@example.com/token", "hunter2"))
    record = tickets.pull("zendesk", connector, days(0))
    assert (record.state, len(tickets.vendors.asked)) == ("failed", 1)
    assert "401" in record.message
    assert "ZENDESK_API_TOKEN" in record.message
    assert "hunter2" not in record.message + repr(connector)


def test_an_unknown_table_is_refused(tickets: Site) -> None:
    record = tickets.pull("zendesk", tickets.zendesk("ticket"), days(0))
    assert "tables = ticket: must be of tickets, satisfaction_ratings" in record.message
