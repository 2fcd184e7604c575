"""Take forgotten people out of one table: their rows leave the lake, texts that name them go blank.

Lake files are never edited: what stays is written anew, committed or undone as any landing. Of each
row that goes, its place in the count stays: when it was received, to the hour, and the file and
line that brought it, in quarantine under a reason of its own.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from ingestion.contracts import TableContract
from ingestion.erasure.deliveries import delivered_files, named_records, write_without
from ingestion.erasure.files import chosen, digest_of, in_groups_of_bytes, scan, sha256_of
from ingestion.erasure.search import named_rows, named_texts, searched_columns
from ingestion.erasure.tombstones import Tombstones
from ingestion.journal import Landing, begin, drafts_folder, file_prefix, recover
from ingestion.lake import (
    ROW_ID_LINES,
    data_files,
    quarantine_folder,
    rejected_folder,
    table_folder,
)
from ingestion.manifest import TableManifest, commit_manifest, read_manifest
from ingestion.sql import literal
from ingestion.withdrawal import ERASED, GONE_LINES
from ingestion.writing import RECEIVED_DATE, PartitionWriter

_DATE = "cast(regexp_extract(_path, 'received_date=([0-9-]+)', 1) as date)"


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
        delivered: Folder of what was pulled from the source, if it was ever read live.
    """

    connection: duckdb.DuckDBPyConnection
    lake: Path
    table: TableContract
    tombstones: Tombstones
    among: str = "true"
    delivered: Path | None = None

    def erase(self, landing: int, note: Callable[[Rewritten], None]) -> Rewritten | None:
        """Write anew the files that name a forgotten person; None if none does.

        Args:
            landing: Number of this landing.
            note: Told what is done just before it is committed.
        """
        live, quarantine, aside = self._folders()
        found = {folder: self._rows(folder) for folder in (live, aside)}
        texts = self._texts(quarantine)
        pulled = self._pulled()
        if not texts and not pulled and not any(found.values()):
            return None
        source, name = self.table.source, self.table.name
        operation = Landing(source=source, table=name, landing=landing)
        begin(self.lake, operation)
        manifest = read_manifest(self.lake, source, name)
        gone = self._gone_lines([*texts, *chain(*found.values())], manifest, pulled)
        writer = PartitionWriter(landing)
        obsolete: list[Path] = []
        removed: list[pa.Table] = []
        for folder, keys in found.items():
            if keys:
                paths = self._holding(folder, keys)
                self._keep_others(writer, folder, paths, keys)
                removed.append(self._skeletons(paths, keys, gone, manifest))
                obsolete += paths
        if texts:
            paths = self._holding(quarantine, texts)
            self._blank(writer, quarantine, paths, texts, gone)
            obsolete += paths
        drafts = self._drafts(pulled, landing)
        rows = pa.concat_tables(removed) if removed else None
        if rows is not None:
            ordered = rows.sort_by([(RECEIVED_DATE, "ascending"), ("_row_id", "ascending")])
            writer.write(quarantine, ordered)
        writer.finish()
        done = Rewritten(
            landing=landing,
            rows=0 if rows is None else rows.num_rows,
            texts=len(texts),
            files=len(obsolete) + len(pulled),
            before=digest_of([*obsolete, *pulled]),
            after=digest_of([*self._written(landing), *drafts.values()]),
        )
        names = tuple(path.relative_to(self.lake).as_posix() for path in obsolete)
        moves = tuple(
            (self._relative(draft), self._relative(path)) for path, draft in drafts.items()
        )
        begin(self.lake, operation.model_copy(update={"obsolete": names, "moves": moves}))
        note(done)
        counted = _counted(manifest, landing, rows)
        commit_manifest(self.lake, source, name, self._known_anew(counted, drafts))
        recover(self.lake)
        return done

    def remaining(self) -> int:
        """Count the rows and texts that name a forgotten person still."""
        live, quarantine, aside = self._folders()
        found = (self._rows(live), self._rows(aside), self._texts(quarantine))
        return sum(map(len, (*found, *self._pulled().values())))

    def _folders(self) -> tuple[Path, Path, Path]:
        at = (self.lake, self.table.source, self.table.name)
        return table_folder(*at), quarantine_folder(*at), rejected_folder(*at)

    def _rows(self, folder: Path) -> list[int]:
        paths = data_files(folder)
        if not paths:
            return []
        relation = scan(paths)
        described = self.connection.execute(f"describe select * from {relation}").fetchall()
        columns = {name: type_ for name, type_, *_ in described if name != "_path"}
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
            scan(paths),
            self.tombstones,
            key="_row_id",
            text="original_text",
            moment="_received_at",
        )
        return _keys(found)

    def _holding(self, folder: Path, keys: Sequence[int]) -> list[Path]:
        with chosen(self.connection, keys):
            rows = self.connection.execute(
                f"select distinct _path from {scan(data_files(folder))} "
                "where _row_id in (select key from chosen) order by _path"
            ).fetchall()
        return [Path(name) for (name,) in rows]

    def _keep_others(
        self, writer: PartitionWriter, folder: Path, paths: Sequence[Path], keys: Sequence[int]
    ) -> None:
        with chosen(self.connection, keys):
            for group in in_groups_of_bytes(paths):
                kept = self.connection.sql(
                    f"select {_DATE} as received_date, * exclude (_path) from {scan(group)} "
                    "where _row_id not in (select key from chosen) "
                    "order by received_date, _row_id"
                )
                writer.write(folder, kept.to_arrow_table())

    def _blank(
        self,
        writer: PartitionWriter,
        folder: Path,
        paths: Sequence[Path],
        keys: Sequence[int],
        gone: Mapping[int, int],
    ) -> None:
        with chosen(self.connection, keys, gone):
            for group in in_groups_of_bytes(paths):
                blanked = self.connection.sql(
                    f"""
                    select {_DATE} as received_date, rows.* exclude (_path) replace (
                        case when chosen.key is null then original_text else '' end
                            as original_text,
                        coalesce(chosen.line, rows._line) as _line,
                        _file_no * {ROW_ID_LINES} + coalesce(chosen.line, rows._line) as _row_id
                    )
                    from {scan(group)} as rows left join chosen on rows._row_id = chosen.key
                    order by received_date, _row_id
                    """
                )
                writer.write(folder, blanked.to_arrow_table())

    def _skeletons(
        self,
        paths: Sequence[Path],
        keys: Sequence[int],
        gone: Mapping[int, int],
        manifest: TableManifest,
    ) -> pa.Table:
        names = pa.table(
            {
                "file_no": pa.array([file.file_no for file in manifest.files], pa.int64()),
                "name": pa.array([file.path for file in manifest.files], pa.string()),
            }
        )
        self.connection.register("file_names", names)
        with chosen(self.connection, keys, gone):
            return self.connection.sql(
                f"""
                select {_DATE} as received_date,
                    rows._file_no * {ROW_ID_LINES} + coalesce(chosen.line, rows._line) as _row_id,
                    rows._file_no, coalesce(chosen.line, rows._line) as _line,
                    file_names.name as source_file, {literal(ERASED)} as reason,
                    cast(null as varchar) as original_text,
                    date_trunc('hour', rows._received_at) as _received_at
                from {scan(paths)} as rows
                inner join chosen on rows._row_id = chosen.key
                left join file_names on rows._file_no = file_names.file_no
                """
            ).to_arrow_table()

    def _pulled(self) -> dict[Path, frozenset[int]]:
        """Return the pulled files that name the person, each with the places of the records."""
        if self.delivered is None:
            return {}
        paths = delivered_files(self.delivered, self.table)
        return named_records(self.connection, self.table, paths, self.tombstones)

    def _drafts(self, pulled: Mapping[Path, frozenset[int]], landing: int) -> dict[Path, Path]:
        """Write the pulled files without the person, beside; return where, by file."""
        drafts = {}
        for number, (path, records) in enumerate(pulled.items()):
            draft = drafts_folder(self.lake) / f"{file_prefix(landing)}{number}{path.suffix}"
            write_without(path, self.table, records, draft)
            drafts[path] = draft
        return drafts

    def _gone_lines(
        self,
        keys: Iterable[int],
        manifest: TableManifest,
        pulled: Mapping[Path, frozenset[int]],
    ) -> dict[int, int]:
        """Return lines, by key, of rows whose files bring them no more."""
        changed = {
            file.file_no
            for file in manifest.active
            if self.delivered is not None and self.delivered / file.path in pulled
        }
        if not changed:
            return {}
        used = Counter(self._gone_before())
        lines = {}
        for key in sorted(keys):
            number, line = divmod(key, ROW_ID_LINES)
            if number in changed and line < GONE_LINES:
                lines[key] = GONE_LINES + used[number]
                used[number] += 1
        return lines

    def _gone_before(self) -> dict[int, int]:
        paths = data_files(quarantine_folder(self.lake, self.table.source, self.table.name))
        if not paths:
            return {}
        rows = self.connection.execute(
            f"select _file_no, count(*) from {scan(paths)} where _line >= {GONE_LINES} "
            "group by _file_no"
        ).fetchall()
        return dict(rows)

    def _known_anew(self, manifest: TableManifest, drafts: Mapping[Path, Path]) -> TableManifest:
        """Return the manifest that knows the pulled files by what is in them now."""
        digests = {
            path.relative_to(self.delivered).as_posix(): (sha256_of(draft), draft.stat().st_size)
            for path, draft in drafts.items()
            if self.delivered is not None
        }
        files = tuple(
            file.model_copy(
                update={
                    "digest": " ".join([digests[file.path][0], *file.digest.split(" ")[1:]]),
                    "size": digests[file.path][1],
                }
            )
            if file.path in digests and file.state == "landed"
            else file
            for file in manifest.files
        )
        return manifest.model_copy(update={"files": files})

    def _relative(self, path: Path) -> str:
        return os.path.relpath(path, self.lake)

    def _written(self, landing: int) -> list[Path]:
        prefix = file_prefix(landing)
        return [
            path
            for folder in self._folders()
            for path in data_files(folder)
            if path.name.startswith(prefix)
        ]


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
