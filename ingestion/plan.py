"""Decide what a landing has to do, from what is there and what has landed; no file is touched."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingestion.discovery import FoundFile, matching
from ingestion.feeds import Feed
from ingestion.manifest import LandedFile, TableManifest


@dataclass(frozen=True)
class Candidate:
    """A file and the feed that claims it.

    Attributes:
        file: The file.
        feed: How it is read.
        reading: Which of several feeds of the same table claim it: 0 for the first.
    """

    file: FoundFile
    feed: Feed
    reading: int = 0

    @cached_property
    def digest(self) -> str:
        """Digest of what the file delivers: its content, and what its path says of every row.

        The same bytes in the folder of another day or event type are another delivery.
        """
        table = self.feed.table
        dating = None if table.received_at else table.received_path
        said = [
            found.group(0)
            for pattern in (dating, table.type_path)
            if pattern and (found := re.search(pattern, self.file.name))
        ]
        return " ".join([self.file.sha256, *said])

    @property
    def content(self) -> tuple[int, str]:
        """What makes two readings the same."""
        return self.reading, self.digest

    @property
    def place(self) -> tuple[int, str]:
        """Where new content supersedes the old."""
        return self.reading, self.file.name


@dataclass(frozen=True)
class Supersession:
    """A landed file at whose path other content came.

    Attributes:
        old: The landed file.
        by: What came.
    """

    old: LandedFile
    by: Candidate


@dataclass(frozen=True)
class Plan:
    """What is to be done for one table.

    Attributes:
        new: Files to land, by path.
        changed: Landed files to be read again: their contract or mapping changed, or it was asked.
        superseded: Landed files to withdraw. One whose successor is new goes only if that can be
            read and has rows: half a copy must not replace a whole file.
        removed: Landed files to withdraw because no input names them any more.
    """

    new: tuple[Candidate, ...]
    changed: tuple[tuple[Candidate, LandedFile], ...]
    superseded: tuple[Supersession, ...]
    removed: tuple[LandedFile, ...] = ()


def plan_landing(
    candidates: Sequence[Candidate],
    manifest: TableManifest,
    *,
    again: Collection[int] = (),
    inputs: Sequence[Sequence[str]] | None = None,
) -> Plan:
    """Compare the files present with those landed.

    The same delivery is landed once, wherever it lies. A file that is gone stays landed, unless
    the user's own inputs no longer name it.

    Args:
        candidates: The files present.
        manifest: The files landed.
        again: Numbers of landed files to read again although nothing about them changed.
        inputs: The globs of each of the user's own inputs for the table; None for a vendor's.
    """
    landed = {(file.reading, file.digest): file for file in manifest.active}
    present = {candidate.content for candidate in candidates}
    # Nearly every file lies where it lay and is what it was: only the others are thought about.
    at_place = Counter((file.reading, file.path) for file in manifest.active)
    settled = {
        (file.reading, file.path, file.digest, file.layout)
        for file in manifest.active
        if file.file_no not in again and at_place[file.reading, file.path] == 1
    }
    ordered = sorted(
        (c for c in candidates if (*c.place, c.digest, c.feed.layout) not in settled),
        key=lambda candidate: candidate.place,
    )
    first = {candidate.content: candidate for candidate in reversed(ordered)}
    places = {candidate.place: candidate for candidate in ordered}
    superseded = [
        Supersession(file, by)
        for file in manifest.active
        if (by := places.get((file.reading, file.path))) is not None
        and by.digest != file.digest
        and (file.reading, file.digest) not in present
    ]
    chosen = sorted(first.values(), key=lambda candidate: candidate.place)
    return Plan(
        new=tuple(c for c in chosen if c.content not in landed),
        changed=tuple(
            (c, landed[c.content])
            for c in chosen
            if c.content in landed
            and (landed[c.content].layout != c.feed.layout or landed[c.content].file_no in again)
        ),
        superseded=tuple(
            one
            for one in superseded
            if one.by.content not in landed or landed[one.by.content].landed_rows
        ),
        removed=() if inputs is None else tuple(_unnamed(manifest, present, inputs)),
    )


def _unnamed(
    manifest: TableManifest, present: Collection[tuple[int, str]], inputs: Sequence[Sequence[str]]
) -> Iterator[LandedFile]:
    """Yield the landed files that fewer inputs name than read them, and that lie nowhere else."""
    paths = sorted({file.path for file in manifest.active})
    named = Counter(path for globs in inputs for path in matching(paths, globs))
    for file in manifest.active:
        if named[file.path] <= file.reading and (file.reading, file.digest) not in present:
            yield file
