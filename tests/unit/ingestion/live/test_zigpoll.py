"""Zigpoll's responses are read by the time they were given."""

import pytest

from tests.unit.ingestion.live.conftest import Site, days
from tests.unit.ingestion.live.vendors import ids, response, status

PATH = "/responses"


@pytest.fixture
def responses(site: Site) -> Site:
    site.vendors.listed[PATH] = [response(n, days(-3 + n * 0.5)) for n in range(5)]
    return site


def test_each_response_comes_once(responses: Site) -> None:
    connector = responses.zigpoll()
    assert responses.pull("zigpoll", connector, days(0)).rows == 5
    # The window of the next pull begins a little earlier: what is in both is left out.
    responses.vendors.listed[PATH] += [response(8, days(-0.01)), response(9, days(0.5))]
    assert responses.pull("zigpoll", connector, days(1)).rows == 2
    assert responses.pull("zigpoll", connector, days(2)).rows == 0
    assert sorted(ids(responses.delivered("zigpoll/responses"))) == [
        "r0",
        "r1",
        "r2",
        "r3",
        "r4",
        "r8",
        "r9",
    ]
    since = int(responses.vendors.asked[-1][1]["createdAfter"])
    assert since == int(days(1).timestamp() - 61 * 60) * 1000


def test_the_api_is_asked_as_it_wants_to_be(responses: Site) -> None:
    responses.pull("zigpoll", responses.zigpoll(start=days(-2)), days(0))
    path, query = responses.vendors.asked[0]
    assert path == "/responses"
    assert query == {
        "accountId": "acc_1",
        "createdAfter": str(int(days(-2).timestamp()) * 1000),
        "createdBefore": str(int(days(0).timestamp() - 60) * 1000),
        "limit": "1000",
    }
    assert responses.vendors.asked[1][1]["startCursor"] == "c2"


def test_a_busy_server_is_waited_for(responses: Site) -> None:
    responses.vendors.faults = [status(429, retry_after="12")]
    assert responses.pull("zigpoll", responses.zigpoll(), days(0)).rows == 5
    assert responses.waited == [12.0]
