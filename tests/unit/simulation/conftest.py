"""One small company for all tests of the simulation, and ways to read its exports back."""

import csv
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import orjson
import pyarrow.parquet as pq
import pytest

from simulation import SimulationParameters, simulate

SMALL = SimulationParameters(customers=240, days=45, chunk_size=130)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("company")
    simulate(SMALL, root / "exports", root / "truth")
    return root


@pytest.fixture(scope="session")
def truth(company: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for path in (company / "truth").glob("*.parquet"):
        connection.execute(f"create view {path.stem} as from '{path}'")
    yield connection
    connection.close()


def read_records(path: Path) -> list[Any]:
    """Read an export file's records; a broken JSON line is None."""
    if path.name.endswith(".gz"):
        return [_loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    if path.suffix == ".avro":
        with path.open("rb") as binary:
            return list(fastavro.reader(binary))
    records: list[Any]
    if path.suffix == ".parquet":
        records = pq.ParquetFile(path).read().to_pylist()
        return records
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    page = orjson.loads(path.read_bytes())
    records = next(value for value in page.values() if isinstance(value, list))
    return records


def _loads(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


@pytest.fixture(scope="session")
def amplitude_rows(company: Path) -> list[tuple[str, int, Any]]:
    """Give (file, line, record) of every exported product event."""
    return [
        (path.name, line, record)
        for path in sorted((company / "exports/amplitude").glob("187520_*"))
        for line, record in enumerate(read_records(path), 1)
    ]


@pytest.fixture(scope="session")
def records_of(company: Path) -> Callable[[str], list[Any]]:
    """Give all sound records of the export files that match a pattern."""

    def read(pattern: str) -> list[Any]:
        paths = sorted((company / "exports").glob(pattern))
        assert paths, f"no export matches {pattern}"
        return [r for path in paths for r in read_records(path) if r is not None]

    return read
