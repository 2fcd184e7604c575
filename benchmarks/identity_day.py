"""A day's new edges, put into the state's graph without reading its history again."""

from pathlib import Path

import duckdb
import numpy as np

from identity.changes import Changes
from identity.digests import find_digests
from identity.graph import (
    COLUMN_TYPES,
    EDGE_COLUMNS,
    GUARD_COLUMNS,
    IDENTIFIER_COLUMNS,
    IdentityGraph,
)
from identity.reading import read_graph
from warehouse import connect


def read_day(folder: Path) -> IdentityGraph:
    """Read what `benchmarks.identity_graph.generate` wrote, as the pipeline reads the build."""
    with connect(None) as connection:
        register(connection, folder)
        return read_graph(connection)


def register(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Show the files as the tables of schema `identity`."""
    connection.execute("create schema identity")
    for name in ("identifiers", "edges", "guards"):
        connection.execute(
            f"create view identity.identity_{name} as select * from '{folder / name}.parquet'"
        )


def extend(graph: IdentityGraph, day: IdentityGraph) -> tuple[IdentityGraph, Changes]:
    """Add a day's graph to another.

    Args:
        graph: the history.
        day: its new edges and guards, and their identifiers, new ones or known.

    Returns:
        Both in one, and what has changed.
    """
    known = find_digests((day.key_high, day.key_low), among=(graph.key_high, graph.key_low))
    new = np.flatnonzero(known < 0)
    place = np.searchsorted(graph.key_high, day.key_high[new])
    columns = {
        name: np.insert(getattr(graph, name), place, getattr(day, name)[new])
        for name in IDENTIFIER_COLUMNS
    }
    former = np.insert(np.arange(len(graph), dtype=np.int32), place, np.int32(-1))
    later = np.flatnonzero(former >= 0).astype(np.int32)
    of_day = np.empty(len(day), dtype=np.int32)
    of_day[known >= 0] = later[known[known >= 0]]
    of_day[new] = np.flatnonzero(former < 0)
    ends = {"left", "right", "guard_nodes"}
    for name in (*EDGE_COLUMNS, *GUARD_COLUMNS):
        ours, theirs = getattr(graph, name), getattr(day, name)
        if name in ends:
            ours, theirs = later[ours], of_day[theirs]
        columns[name] = np.concatenate([ours, theirs]).astype(COLUMN_TYPES[name])
    extended = IdentityGraph(**columns)
    is_reguarded = np.zeros(len(extended), dtype=np.bool_)
    is_reguarded[of_day[day.guard_nodes]] = True
    is_touched = is_reguarded.copy()
    is_touched[of_day] = True
    changes = Changes(
        former=former,
        later=later,
        added=np.arange(len(graph.left), len(extended.left)),
        withdrawn=np.zeros(0, dtype=np.int64),
        is_reguarded=is_reguarded,
        is_touched=is_touched,
    )
    return extended, changes
