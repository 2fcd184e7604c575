"""Take forgotten people out of one table: their rows leave the lake, texts that name them go blank.

Lake files are never edited: what stays is written anew, committed or undone as any landing. Of each
row that goes, its place in the count stays: when it was received, to the hour, and the file and
line that brought it, in quarantine under a reason of its own.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from ingestion.contracts import TableContract
from ingestion.erasure.search import named_rows, named_texts, searched_columns
from ingestion.erasure.tombstones import Tombstones
from ingestion.journal import Landing, begin, file_prefix, recover
from ingestion.lake import data_files, quarantine_folder, rejected_folder, table_folder
from ingestion.manifest import TableManifest, commit_manifest, read_manifest
from ingestion.sql import file_literal, literal
from ingestion.withdrawal import ERASED
from ingestion.writing import RECEIVED_DATE, PartitionWriter

_GROUP_BYTES = 64 * 2**20
_DATE = "cast(regexp_extract(filename, 'received_date=([0-9-]+)', 1) as date)"


class Rewritten(BaseModel):
    """What was taken out of a table.

    Attributes:
        landing: Number of the landing that did it.
        rows: Rows taken out.
        texts: Texts in quarantine that went blank.
        files: Files that were written anew.
        before: Digest of the names and contents of these files.
        after: The same of the files written in their place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    landing: int
    rows: int
    texts: int
    files: int
    before: str
    after: str


@dataclass(frozen=True)
class TableEraser:
    """Take forgotten people out of one table.

    Attributes:
        connection: Scratch database.
        lake: The lake.
        table: The table's contract.
        tombstones: The forgotten.
        among: SQL of a condition on a value `cell` that holds wherever one of them may be named.
    """

    connection: duckdb.DuckDBPyConnection
    lake: Path
    table: TableContract
    tombstones: Tombstones
    among: str = "true"

    def erase(self, landing: int, note: Callable[[Rewritten], None]) -> Rewritten | None:
        """Write anew the files that name a forgotten person; None if none does.

        Args:
            landing: Number of this landing.
            note: Told what is done just before it is committed.
        """
        live, quarantine, aside = self._folders()
        found = {folder: self._rows(folder) for folder in (live, aside)}
        texts = self._texts(quarantine)
        if not texts and not any(found.values()):
            return None
        source, name = self.table.source, self.table.name
        operation = Landing(source=source, table=name, landing=landing)
        begin(self.lake, operation)
        manifest = read_manifest(self.lake, source, name)
        writer = PartitionWriter(landing)
        obsolete: list[Path] = []
        removed: list[pa.Table] = []
        for folder, keys in found.items():
            if keys:
                paths = self._holding(folder, keys)
                self._keep_others(writer, folder, paths, keys)
                removed.append(self._skeletons(paths, keys, manifest))
                obsolete += paths
        if texts:
            paths = self._holding(quarantine, texts)
            self._blank(writer, quarantine, paths, texts)
            obsolete += paths
        rows = pa.concat_tables(removed) if removed else None
        if rows is not None:
            ordered = rows.sort_by([(RECEIVED_DATE, "ascending"), ("_row_id", "ascending")])
            writer.write(quarantine, ordered)
        done = Rewritten(
            landing=landing,
            rows=0 if rows is None else rows.num_rows,
            texts=len(texts),
            files=len(obsolete),
            before=_digest(obsolete),
            after=_digest(self._written(landing)),
        )
        names = tuple(path.relative_to(self.lake).as_posix() for path in obsolete)
        begin(self.lake, operation.model_copy(update={"obsolete": names}))
        note(done)
        commit_manifest(self.lake, source, name, _counted(manifest, landing, rows))
        recover(self.lake)
        return done

    def remaining(self) -> int:
        """Count the rows and texts that name a forgotten person still."""
        live, quarantine, aside = self._folders()
        return sum(map(len, (self._rows(live), self._rows(aside), self._texts(quarantine))))

    def _folders(self) -> tuple[Path, Path, Path]:
        at = (self.lake, self.table.source, self.table.name)
        return table_folder(*at), quarantine_folder(*at), rejected_folder(*at)

    def _rows(self, folder: Path) -> list[int]:
        paths = data_files(folder)
        if not paths:
            return []
        relation = _scan(paths)
        described = self.connection.execute(f"describe select * from {relation}").fetchall()
        columns = {name: type_ for name, type_, *_ in described if name != "filename"}
        found = named_rows(
            self.connection,
            relation,
            searched_columns(self.table, columns),
            self.tombstones,
            key="_row_id",
            moment="_event_at",
            among=self.among,
        )
        return _keys(found)

    def _texts(self, folder: Path) -> list[int]:
        paths = data_files(folder)
        if not paths:
            return []
        found = named_texts(
            self.connection,
            _scan(paths),
            self.tombstones,
            key="_row_id",
            text="original_text",
            moment="_received_at",
        )
        return _keys(found)

    def _holding(self, folder: Path, keys: Sequence[int]) -> list[Path]:
        with _chosen(self.connection, keys):
            rows = self.connection.execute(
                f"select distinct filename from {_scan(data_files(folder))} "
                "where _row_id in (select key from chosen) order by filename"
            ).fetchall()
        return [Path(name) for (name,) in rows]

    def _keep_others(
        self, writer: PartitionWriter, folder: Path, paths: Sequence[Path], keys: Sequence[int]
    ) -> None:
        with _chosen(self.connection, keys):
            for group in _groups(paths):
                kept = self.connection.sql(
                    f"select {_DATE} as received_date, * exclude (filename) from {_scan(group)} "
                    "where _row_id not in (select key from chosen) "
                    "order by received_date, _row_id"
                )
                writer.write(folder, kept.to_arrow_table())

    def _blank(
        self, writer: PartitionWriter, folder: Path, paths: Sequence[Path], keys: Sequence[int]
    ) -> None:
        with _chosen(self.connection, keys):
            for group in _groups(paths):
                blanked = self.connection.sql(
                    f"select {_DATE} as received_date, * exclude (filename) replace (case when "
                    "_row_id in (select key from chosen) then '' else original_text end "
                    f"as original_text) from {_scan(group)} order by received_date, _row_id"
                )
                writer.write(folder, blanked.to_arrow_table())

    def _skeletons(
        self, paths: Sequence[Path], keys: Sequence[int], manifest: TableManifest
    ) -> pa.Table:
        names = pa.table(
            {
                "file_no": pa.array([file.file_no for file in manifest.files], pa.int64()),
                "name": pa.array([file.path for file in manifest.files], pa.string()),
            }
        )
        self.connection.register("file_names", names)
        with _chosen(self.connection, keys):
            return self.connection.sql(
                f"""
                select {_DATE} as received_date, rows._row_id, rows._file_no, rows._line,
                    file_names.name as source_file, {literal(ERASED)} as reason,
                    cast(null as varchar) as original_text,
                    date_trunc('hour', rows._received_at) as _received_at
                from {_scan(paths)} as rows
                left join file_names on rows._file_no = file_names.file_no
                where rows._row_id in (select key from chosen)
                """
            ).to_arrow_table()

    def _written(self, landing: int) -> list[Path]:
        prefix = file_prefix(landing)
        return [
            path
            for folder in self._folders()
            for path in data_files(folder)
            if path.name.startswith(prefix)
        ]


@contextmanager
def _chosen(connection: duckdb.DuckDBPyConnection, keys: Sequence[int]) -> Iterator[None]:
    """Show some keys to the engine as the table `chosen` for the length of a block."""
    connection.register("chosen", pa.table({"key": pa.array(keys, pa.int64())}))
    try:
        yield
    finally:
        connection.unregister("chosen")


def _counted(manifest: TableManifest, landing: int, rows: pa.Table | None) -> TableManifest:
    """Return the manifest after the landing: the rows of each file that is not in the lake now."""
    gone = _by_file(rows) if rows is not None else {}
    changed = [
        file.model_copy(
            update={
                "landed_rows": file.landed_rows - gone[file.file_no],
                "quarantined_rows": file.quarantined_rows + gone[file.file_no],
            }
        )
        for file in manifest.files
        if file.file_no in gone
    ]
    return manifest.after(landing, changed)


def _by_file(rows: pa.Table) -> Mapping[int, int]:
    counts = rows.group_by("_file_no").aggregate([("_file_no", "count")])
    numbers, sizes = counts["_file_no"].to_pylist(), counts["_file_no_count"].to_pylist()
    return dict(zip(numbers, sizes, strict=True))


def _keys(found: pa.Table) -> list[int]:
    return list(found["key"].to_pylist())


def _groups(paths: Sequence[Path]) -> Iterator[list[Path]]:
    group: list[Path] = []
    size = 0
    for path in paths:
        group.append(path)
        size += path.stat().st_size
        if size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        with path.open("rb") as content:
            said = hashlib.file_digest(content, "sha256").hexdigest()
        digest.update(f"{path.parent.name}/{path.name} {said}\n".encode())
    return digest.hexdigest()


def _scan(paths: Sequence[Path]) -> str:
    listed = ", ".join(file_literal(path) for path in paths)
    return (
        f"read_parquet([{listed}], filename = true, hive_partitioning = false, "
        "union_by_name = true)"
    )
