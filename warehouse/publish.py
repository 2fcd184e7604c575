"""Swap in a snapshot of the marts, whole and at once.

```
published/snapshots/00000012/…   one snapshot: kpi.duckdb and a Parquet file per mart
published/current                -> snapshots/00000012
published/kpi.duckdb             -> current/kpi.duckdb
published/<mart>.parquet         -> current/<mart>.parquet
```

The swap is one rename of the link `current`, so every plain path changes in the same instant. What
a reader can observe: a file opened before the swap stays the old one for as long as it is open; a
path opened after it is the new one; two paths opened around it may differ by one snapshot, which
a reader excludes by resolving `current` once. The snapshot before the current one is always kept
for such readers; of older ones, as many as are asked for.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from warehouse.duckdb import connect

DATABASE = "kpi.duckdb"
# What is published: figures, and lists of what is to be done.
IS_MART = "(starts_with(table_name, 'kpi_') or ends_with(table_name, '_due'))"


def is_mart(name: str) -> bool:
    """Say whether a table is published, by its name."""
    return name.startswith("kpi_") or name.endswith("_due")


def publish(
    build: Path,
    published: Path,
    *,
    marts_schema: str = "marts",
    order_by: Mapping[str, Sequence[str]],
    extra_tables: Mapping[str, str] | None = None,
    keep_snapshots: int = 2,
) -> tuple[str, ...]:
    """Publish every `kpi_*` and `*_due` table of the build.

    Args:
        build: The build database; no other connection of this process may have it open read-only.
        published: The folder that analysts read.
        marts_schema: Schema of the marts in the build.
        order_by: Primary key columns of each mart: the total order its rows are written in.
        extra_tables: Further tables for `kpi.duckdb` only, as published name -> `schema.table`.
        keep_snapshots: How many stay, at least the new one and the one before it.

    Returns:
        The names of the marts published.

    Raises:
        ValueError: A mart has no primary key in `order_by`, a further table does not exist, or
            there is no mart.
    """
    snapshots = published / "snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(path.name) for path in snapshots.glob("[0-9]*")), default=0)
    draft = snapshots / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    connection = connect(build)
    try:
        marts = _marts(connection, marts_schema)
        _check_order(marts, order_by)
        _check_tables(connection, (extra_tables or {}).values())
        connection.execute("checkpoint")
        _write(connection, draft, _selects(marts, marts_schema, order_by), extra_tables or {})
    finally:
        connection.close()
    draft.rename(snapshots / f"{number:08d}")
    _swap(published, f"snapshots/{number:08d}", [DATABASE, *(f"{mart}.parquet" for mart in marts)])
    for old in sorted(snapshots.glob("[0-9]*"))[: -max(2, keep_snapshots)]:
        shutil.rmtree(old)
    return tuple(marts)


def drop_former_snapshots(published: Path) -> None:
    """Remove every snapshot but the one that is published."""
    current = (published / "current").resolve().name
    for path in (published / "snapshots").glob("*"):
        if path.name != current:
            shutil.rmtree(path)


def _marts(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables "
        f"where table_schema = ? and {IS_MART} order by table_name",
        [schema],
    ).fetchall()
    return [name for (name,) in rows]


def _check_order(marts: Sequence[str], order_by: Mapping[str, Sequence[str]]) -> None:
    if not marts:
        raise ValueError("the build has no table `kpi_*`: nothing to publish. Build the marts.")
    for mart in marts:
        if not order_by.get(mart):
            raise ValueError(
                f"mart {mart!r} must have a primary key to be written in a total order. "
                "Declare its key columns."
            )


def _check_tables(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    rows = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables"
    ).fetchall()
    for table in tables:
        if (table,) not in rows:
            raise ValueError(
                f"table {table!r} must be in the build to be published. Correct its name."
            )


def _selects(
    marts: Sequence[str], schema: str, order_by: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    return {
        mart: f'select * from "{schema}"."{mart}" order by '
        + ", ".join(f'"{column}" nulls last' for column in order_by[mart])
        for mart in marts
    }


def _write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    selects: Mapping[str, str],
    extra_tables: Mapping[str, str],
) -> None:
    for mart, select in selects.items():
        target = _quoted(folder / f"{mart}.parquet")
        connection.execute(f"copy ({select}) to {target} (format parquet, compression zstd)")
    connection.execute(f"attach {_quoted(folder / DATABASE)} as snapshot")
    for name, select in selects.items():
        connection.execute(f'create table snapshot.main."{name}" as {select}')
    for name, table in extra_tables.items():
        connection.execute(f'create table snapshot.main."{name}" as select * from {table}')
    connection.execute("checkpoint snapshot")
    connection.execute("detach snapshot")


def _swap(published: Path, snapshot: str, names: Sequence[str]) -> None:
    _link(published / "current", snapshot)
    for name in names:
        _link(published / name, f"current/{name}")
    for path in published.glob("*.parquet"):
        if path.name not in names:
            path.unlink()


def _link(path: Path, target: str) -> None:
    if path.is_symlink() and str(path.readlink()) == target:
        return
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(path)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
