"""Open Splink quietly: it talks a lot, and of levels that no pair showed training takes care."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    from splink import DuckDBAPI, Linker


def open_api(connection: duckdb.DuckDBPyConnection) -> DuckDBAPI:
    """Let Splink work in a scratch database."""
    from splink import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.CRITICAL)
    return DuckDBAPI(connection=connection)


def open_linker(api: DuckDBAPI, table: str, settings: dict[str, Any]) -> Linker:
    """Open a model on the records of a table.

    Args:
        api: a scratch database.
        table: its records.
        settings: Splink's settings, with trained parameters or without.
    """
    from splink import Linker

    return Linker(api.register(table), settings, log_level=None, validate_settings=False)
