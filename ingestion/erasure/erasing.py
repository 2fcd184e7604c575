"""Forget a person in the lake, and write down that it was done: wholly, whatever is killed.

What is to be done is written down first, as digests. Then the tombstones are set, so that nothing
comes back meanwhile; then table after table is written anew; last comes a line in the log, which
holds no personal data. Whoever finds an erasure under way does the rest of it.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from ingestion.contracts import SourceContract
from ingestion.erasure.rewriting import Rewritten, TableEraser
from ingestion.erasure.search import among_sql
from ingestion.erasure.tokens import Identifier, row_tokens, text_tokens
from ingestion.erasure.tombstones import (
    FOREVER,
    Tombstones,
    erasure_folder,
    open_tombstones,
    write_tombstones,
)
from ingestion.journal import recover
from ingestion.lake import write_atomically
from ingestion.manifest import read_manifest, read_manifests
from ingestion.scratch import scratch_database

Asker = Literal["command", "source"]

Elsewhere = Callable[[Callable[[str], bool]], None]
"""Forgets a person in what was made of the lake, given what says whether a key of identity is
theirs; it may be called again."""


class ErasureError(RuntimeError):
    """A person could not be forgotten."""


class Erasure(BaseModel):
    """One erasure, as it is remembered.

    Attributes:
        number: Which one, from 1.
        requests: Keyed digests of the identifiers that were asked about.
        asked_by: `command`, or `source` for a request that a source delivered.
        identifiers: How many of each type the person had.
        tombstones: How many digests keep the person out.
        begun_at: When it began (UTC).
        verified_at: When nothing was found any more (UTC); None while it is under way.
        tables: What was taken out, by `<source>/<table>`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    requests: tuple[str, ...]
    asked_by: Asker
    identifiers: Mapping[str, int]
    tombstones: int
    begun_at: AwareDatetime
    verified_at: AwareDatetime | None = None
    tables: Mapping[str, Rewritten] = {}

    @property
    def rows(self) -> int:
        """Rows taken out."""
        return sum(proof.rows for proof in self.tables.values())

    @property
    def texts(self) -> int:
        """Texts in quarantine that went blank."""
        return sum(proof.texts for proof in self.tables.values())


class _Pending(BaseModel):
    """An erasure under way.

    Attributes:
        erasure: What is done of it.
        digests: What are to be its tombstones, each with its last moment.
        keys: Keyed digests of the keys by which identity knows the person.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    erasure: Erasure
    digests: Mapping[str, datetime]
    keys: frozenset[str]

    def having(self, table: str, done: Rewritten) -> "_Pending":
        """Return this with what was taken out of a table."""
        return self._with_tables({**self.erasure.tables, table: done})

    def without(self, table: str) -> "_Pending":
        """Return this without what was noted of a table."""
        tables = {name: one for name, one in self.erasure.tables.items() if name != table}
        return self._with_tables(tables)

    def _with_tables(self, tables: Mapping[str, Rewritten]) -> "_Pending":
        erasure = self.erasure.model_copy(update={"tables": tables})
        return self.model_copy(update={"erasure": erasure})


@dataclass(frozen=True, kw_only=True)
class Eraser:
    """Forgets people in a lake and in what was made of it.

    Attributes:
        lake: Root of the lake.
        contracts: The contracts by source.
        clock: Gives the time now (UTC).
        elsewhere: Forgets the person in what was made of the lake.
        delivered: Folder of what was pulled from each source that was ever read live.
    """

    lake: Path
    contracts: Mapping[str, SourceContract]
    clock: Callable[[], datetime]
    elsewhere: Elsewhere
    delivered: Mapping[str, Path] = field(default_factory=dict)

    def erase(
        self,
        identifiers: Iterable[Identifier],
        *,
        keys: Iterable[str],
        requests: Iterable[Identifier],
        asked_by: Asker,
    ) -> Erasure:
        """Take every row that names a person out of the lake, for good.

        Args:
            identifiers: All identifiers of the person, or of several people.
            keys: The keys by which identity knows them.
            requests: Those that were asked about.
            asked_by: Who asked.

        Raises:
            ErasureError: Another one is under way, or something of the person is still found.
            KeyMissingError: The key of the tombstones is not there.
        """
        if is_under_way(self.lake):
            raise ErasureError("An erasure is under way: `trustlift run` finishes it.")
        people = tuple(identifiers)
        tombstones = open_tombstones(self.lake)
        now = self.clock()
        until = now.astimezone(UTC).replace(tzinfo=None)
        # Of a token that stands for two identifiers the one that lasts comes last.
        ordered = sorted(people, key=lambda one: not one.comes_back)
        digests = {
            tombstones.digest(token): until if one.comes_back else FOREVER
            for one in ordered
            for token in text_tokens(one)
        }
        erasure = Erasure(
            number=1 + max((one.number for one in read_log(self.lake)), default=0),
            requests=tuple(sorted({tombstones.digest(_request_token(one)) for one in requests})),
            asked_by=asked_by,
            identifiers=dict(sorted(Counter(one.type for one in people).items())),
            tombstones=len(digests),
            begun_at=now,
        )
        theirs = frozenset(tombstones.digest(_key_token(key)) for key in keys)
        _note(self.lake, _Pending(erasure=erasure, digests=digests, keys=theirs))
        return self._finish(among=among_sql(people))

    def resume(self) -> Erasure | None:
        """Finish the erasure that a killed process left under way; None if there is none."""
        return self._finish(among="true") if is_under_way(self.lake) else None

    def _finish(self, *, among: str) -> Erasure:
        recover(self.lake)
        under_way = _Pending.model_validate_json(_pending_path(self.lake).read_bytes())
        tombstones = open_tombstones(self.lake).with_others(under_way.digests)
        write_tombstones(self.lake, tombstones)
        own = Tombstones(tombstones.key, under_way.digests)
        with scratch_database(self.lake) as connection:
            for contract in self.contracts.values():
                for table in contract.tables.values():
                    delivered = self.delivered.get(table.source)
                    eraser = TableEraser(connection, self.lake, table, own, among, delivered)
                    under_way = self._erase_table(eraser, under_way)
        self.elsewhere(lambda key: tombstones.digest(_key_token(key)) in under_way.keys)
        erasure = under_way.erasure.model_copy(update={"verified_at": self.clock()})
        _append(self.lake, erasure)
        _pending_path(self.lake).unlink()
        return erasure

    def _erase_table(self, eraser: TableEraser, under_way: _Pending) -> _Pending:
        name = f"{eraser.table.source}/{eraser.table.name}"
        landings = read_manifest(self.lake, eraser.table.source, eraser.table.name).landings
        noted = under_way.erasure.tables.get(name)
        if noted is None or noted.landing not in landings:
            # What was noted and never committed is done again.
            before = under_way.without(name)
            done = eraser.erase(
                _next_landing(self.lake), lambda done: _note(self.lake, before.having(name, done))
            )
            if done is None:
                return before
            under_way = before.having(name, done)
        if left := eraser.remaining():
            raise ErasureError(
                f"{name}: {left:,} rows name the person still. Nothing is lost: run again, and "
                "report it if it says so again."
            )
        return under_way


def is_under_way(lake: Path) -> bool:
    """Say whether an erasure is under way."""
    return _pending_path(lake).exists()


def is_forgotten(tombstones: Tombstones, identifier: Identifier) -> bool:
    """Say whether an identifier is one of a forgotten person."""
    tokens = row_tokens(identifier)
    return bool(tombstones and tokens) and len(tombstones.found(tokens)) == len(tokens)


def read_log(lake: Path) -> list[Erasure]:
    """Return every erasure that was done, in order."""
    path = _log_path(lake)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Erasure.model_validate_json(line) for line in lines if line.endswith("}")]


def _request_token(request: Identifier) -> str:
    return f"request {request.type} {request.value}"


def _key_token(key: str) -> str:
    return f"key {key}"


def _next_landing(lake: Path) -> int:
    landings = (n for manifest in read_manifests(lake).values() for n in manifest.landings)
    return 1 + max(landings, default=0)


def _note(lake: Path, under_way: _Pending) -> None:
    write_atomically(_pending_path(lake), under_way.model_dump_json().encode())


def _append(lake: Path, erasure: Erasure) -> None:
    if any(one.number == erasure.number for one in read_log(lake)):
        return
    with _log_path(lake).open("a", encoding="utf-8") as log:
        # A line that a kill cut short is ended here, and skipped by the reader.
        log.write(f"\n{erasure.model_dump_json()}\n")
        log.flush()
        os.fsync(log.fileno())


def _pending_path(lake: Path) -> Path:
    return erasure_folder(lake) / "pending.json"


def _log_path(lake: Path) -> Path:
    return erasure_folder(lake) / "log.jsonl"
