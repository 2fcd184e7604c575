"""Classify user agents as bots by two libraries, and remember the verdicts between runs.

Neither library covers the other: device-detector knows feed readers and crawlers that
crawler-user-agents lacks, which in turn knows HTTP libraries and headless browsers. Both verdicts
are kept, so that a reader of the data can tell who said so.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hygiene.bot_libraries import crawler_name, device_detector_name
from warehouse import read_frame, write_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb

logger = logging.getLogger(__name__)

VERDICTS = pa.schema(
    [
        pa.field("user_agent", pa.string(), nullable=False),
        pa.field("is_crawler_user_agents", pa.bool_(), nullable=False),
        pa.field("is_device_detector", pa.bool_(), nullable=False),
        pa.field("bot_name", pa.string()),
    ]
)
_VERSIONS = {
    "crawler_user_agents_version": "crawler-user-agents",
    "device_detector_version": "device-detector",
}
_CACHED = pa.schema([*VERDICTS, *(pa.field(name, pa.string()) for name in _VERSIONS)])
# Servers write a hyphen where the client sent no user agent.
_PLACEHOLDERS = frozenset({"", "-"})


@dataclass(frozen=True)
class ClassifiedUserAgents:
    """What a run did.

    Attributes:
        agent_count: distinct user agents classified.
        parsed_count: those of them that no earlier run had classified.
    """

    agent_count: int
    parsed_count: int


def run(connection: duckdb.DuckDBPyConnection, cache: Path) -> ClassifiedUserAgents:
    """Write `user_agents.classified`, one row per distinct user agent of web-origin rows.

    A NULL agent is classified as the empty string, so that the table's key is never NULL.

    Args:
        connection: the build database, with `staging.stg_web_user_agents`.
        cache: Parquet file of verdicts of earlier runs; made when absent.

    Returns:
        How many agents there are and how many had to be parsed.
    """
    frame = read_frame(
        connection,
        "select distinct coalesce(user_agent, '') as user_agent "
        "from staging.stg_web_user_agents order by user_agent",
    )
    agents: list[str] = frame["user_agent"].tolist()
    known = _read_cache(cache)
    remembered = set(known["user_agent"].to_pylist())
    fresh = classify(agent for agent in agents if agent not in remembered)
    verdicts = pa.concat_tables([known, fresh])
    if fresh.num_rows:
        _write_cache(cache, verdicts.sort_by("user_agent"))
    wanted = pc.is_in(verdicts["user_agent"], value_set=pa.array(agents, pa.string()))
    classified = verdicts.filter(wanted).sort_by("user_agent")
    write_table(connection, "user_agents.classified", classified)
    return ClassifiedUserAgents(agent_count=classified.num_rows, parsed_count=fresh.num_rows)


def classify(agents: Iterable[str]) -> pa.Table:
    """Ask both libraries about each user agent.

    Args:
        agents: distinct user agents.

    Returns:
        A table of schema `VERDICTS`, in the order given. `bot_name` is device-detector's name,
        else the words crawler-user-agents matched; NULL for what neither takes for a bot.
    """
    rows = [_judge(agent) for agent in agents]
    return pa.Table.from_pylist(rows, schema=VERDICTS)


def _judge(agent: str) -> dict[str, str | bool | None]:
    is_empty = agent.strip() in _PLACEHOLDERS
    crawler = None if is_empty else crawler_name(agent)
    device = None if is_empty else device_detector_name(agent)
    return {
        "user_agent": agent,
        "is_crawler_user_agents": crawler is not None,
        "is_device_detector": device is not None,
        "bot_name": device or crawler,
    }


def _library_versions() -> dict[str, str]:
    return {column: version(library) for column, library in _VERSIONS.items()}


def _read_cache(cache: Path) -> pa.Table:
    """Read the verdicts given by the library versions installed now; others are forgotten."""
    if not cache.exists():
        return VERDICTS.empty_table()
    try:
        table = pq.read_table(cache, schema=_CACHED)
    except (pa.ArrowException, OSError, KeyError) as error:
        # A cache is only time saved: what can't be read is classified again.
        logger.warning("user agent cache %s can't be read (%s): it is rebuilt", cache.name, error)
        return VERDICTS.empty_table()
    for column, current in _library_versions().items():
        table = table.filter(pc.equal(table[column], current))
    return table.select(VERDICTS.names).cast(VERDICTS)


def _write_cache(cache: Path, verdicts: pa.Table) -> None:
    for column, current in _library_versions().items():
        verdicts = verdicts.append_column(
            pa.field(column, pa.string()), pa.array([current] * verdicts.num_rows, pa.string())
        )
    cache.parent.mkdir(parents=True, exist_ok=True)
    partial = cache.with_name(f"{cache.name}.partial")
    pq.write_table(verdicts, partial, compression="zstd")
    partial.replace(cache)
