"""What every stage shares: the thin door to the engine, and how figures are written for people.

The door connects, reads a frame, writes a table and publishes a snapshot. Every Python stage goes
through it, and nothing here knows a table's name. What a table means,
and when a snapshot may be published, is decided elsewhere.
"""

from warehouse.duckdb import connect
from warehouse.publish import IS_MART, drop_former_snapshots, is_mart, publish
from warehouse.tables import Columns, as_array, read_columns, read_frame, read_table, write_table
from warehouse.words import counted, show_figure

__all__ = [
    "IS_MART",
    "Columns",
    "as_array",
    "connect",
    "counted",
    "drop_former_snapshots",
    "is_mart",
    "publish",
    "read_columns",
    "read_frame",
    "read_table",
    "show_figure",
    "write_table",
]
