from __future__ import annotations

import os
import re
from collections import Counter
from importlib.metadata import version as installed_version
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from hygiene import user_agents

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CURL = "curl/7.38.0"
FEED_PARSER = "UniversalFeedParser/4.2-pre-314-svn +http://feedparser.org/"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
COMBINED_FORMAT = re.compile(r'^\S+ \S+ \S+ \[[^\]]+\] ".*?" \d{3} \S+ ".*?" "(?P<agent>.*)"$')


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def stage(connection: duckdb.DuckDBPyConnection, agents: list[str | None]) -> None:
    connection.execute("create schema if not exists staging")
    connection.execute("create or replace table staging.stg_web_user_agents (user_agent varchar)")
    if agents:
        connection.executemany(
            "insert into staging.stg_web_user_agents values (?)", [[agent] for agent in agents]
        )


def classified(
    connection: duckdb.DuckDBPyConnection,
) -> dict[str, tuple[bool, bool, str | None]]:
    rows = connection.execute("select * from user_agents.classified").fetchall()
    return {row[0]: row[1:] for row in rows}


def test_either_library_flags_and_the_verdicts_stay_apart(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    stage(connection, [GOOGLEBOT, GOOGLEBOT, CURL, FEED_PARSER, SAFARI])
    summary = user_agents.run(connection, tmp_path / "agents.parquet")
    assert summary == user_agents.ClassifiedUserAgents(agent_count=4, parsed_count=4)
    assert classified(connection) == {
        GOOGLEBOT: (True, True, "Googlebot"),
        CURL: (True, False, "curl"),
        FEED_PARSER: (False, True, "UniversalFeedParser"),
        SAFARI: (False, False, None),
    }


@pytest.mark.parametrize("agent", ["", "-", "  ", None])
def test_an_empty_agent_is_flagged_by_no_library(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, agent: str | None
) -> None:
    stage(connection, [agent])
    user_agents.run(connection, tmp_path / "agents.parquet")
    assert classified(connection) == {agent or "": (False, False, None)}


def test_a_second_run_parses_nothing(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "deep" / "agents.parquet"
    stage(connection, [GOOGLEBOT, SAFARI, ""])
    user_agents.run(connection, cache)
    first = classified(connection)
    written = cache.read_bytes()

    def refuse(agent: str) -> str:
        raise AssertionError(agent)

    monkeypatch.setattr(user_agents, "crawler_name", refuse)
    monkeypatch.setattr(user_agents, "device_detector_name", refuse)
    summary = user_agents.run(connection, cache)
    assert summary.parsed_count == 0
    assert classified(connection) == first
    assert cache.read_bytes() == written


def test_only_new_agents_are_parsed_and_absent_ones_stay_remembered(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    cache = tmp_path / "agents.parquet"
    stage(connection, [GOOGLEBOT])
    user_agents.run(connection, cache)
    stage(connection, [CURL])
    assert user_agents.run(connection, cache).parsed_count == 1
    assert list(classified(connection)) == [CURL]
    assert pq.read_table(cache)["user_agent"].to_pylist() == sorted([GOOGLEBOT, CURL])


def test_another_version_of_a_library_is_asked_again(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "agents.parquet"
    stage(connection, [GOOGLEBOT])
    user_agents.run(connection, cache)
    monkeypatch.setattr(
        user_agents,
        "version",
        lambda name: "99" if name == "device-detector" else installed_version(name),
    )
    assert user_agents.run(connection, cache).parsed_count == 1
    assert user_agents.run(connection, cache).parsed_count == 0


def test_a_cache_that_cannot_be_read_is_rebuilt(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    cache = tmp_path / "agents.parquet"
    cache.write_bytes(b"not parquet")
    stage(connection, [CURL])
    assert user_agents.run(connection, cache).parsed_count == 1
    assert user_agents.run(connection, cache).parsed_count == 0


def test_no_agents_make_an_empty_typed_table(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    stage(connection, [])
    user_agents.run(connection, tmp_path / "agents.parquet")
    types = connection.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = 'user_agents' order by ordinal_position"
    ).fetchall()
    assert types == [
        ("user_agent", "VARCHAR"),
        ("is_crawler_user_agents", "BOOLEAN"),
        ("is_device_detector", "BOOLEAN"),
        ("bot_name", "VARCHAR"),
    ]


def test_a_real_access_log_gives_the_known_counts(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = Path(os.environ.get("TRUSTLIFT_REAL_DATA", "../shared/data"))
    log = folder / "apache_access.log"
    if not log.exists():
        pytest.skip(f"no {log}: set TRUSTLIFT_REAL_DATA to the folder of public data sets")
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    hits = Counter(match["agent"] for match in map(COMBINED_FORMAT.match, lines) if match)
    assert (hits.total(), len(hits), hits["-"]) == (9_999, 558, 190)
    stage(connection, list(hits))
    user_agents.run(connection, tmp_path / "agents.parquet")
    verdicts = classified(connection)
    assert sum(hits[agent] for agent, verdict in verdicts.items() if verdict[0]) == 1_955
    assert sum(hits[agent] for agent, verdict in verdicts.items() if verdict[1]) == 2_514
