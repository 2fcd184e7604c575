"""The thin door to the engine: connect, read a frame, write a table, publish a snapshot.

Every Python stage goes through it and nothing else here knows a table's name. What a table means,
and when a snapshot may be published, is decided elsewhere.
"""

from warehouse.duckdb import connect
from warehouse.publish import publish
from warehouse.tables import read_frame, write_table

__all__ = ["connect", "publish", "read_frame", "write_table"]
