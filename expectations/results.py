"""Keep `gates.results`: every gate replaces its own part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from expectations.verdicts import RESULTS, to_table
from warehouse import write_table

if TYPE_CHECKING:
    import duckdb

    from expectations.verdicts import GateReport

_EXISTS = """
    select count(*) from information_schema.tables
    where table_schema = 'gates' and table_name = 'results'
"""


def write_results(connection: duckdb.DuckDBPyConnection, report: GateReport) -> None:
    """Put the report in place of the same gate's former one; what other gates found stays.

    Args:
        connection: the build database.
        report: what the gate found.
    """
    kept = RESULTS.empty_table()
    if connection.execute(_EXISTS).fetchall() != [(0,)]:
        columns = ", ".join(RESULTS.names)
        others = f"select {columns} from gates.results where gate <> '{report.gate}'"
        kept = connection.sql(others).to_arrow_table().cast(RESULTS)
    parts = {report.gate: to_table(report)}
    for gate in kept["gate"].unique().to_pylist():
        parts[gate] = kept.filter(pc.equal(kept["gate"], gate))
    write_table(
        connection, "gates.results", pa.concat_tables(parts[gate] for gate in sorted(parts))
    )
