"""The files that pulls have delivered, and the cursors to go on from: committed together.

A file waits in a hidden folder until the cursor behind it is written down; that one write is the
commit. A process killed before it leaves files that the next call removes and reads again, one
killed after it leaves files that the next call puts in their place. So no row is lost, and none
comes twice.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ingestion.durable import sync
from ingestion.lake import write_atomically
from ingestion.live.faults import PullError

_INCOMING = "_incoming"
_STATE = "_cursor.json"


class _State(BaseModel):
    """What is committed.

    Attributes:
        cursors: By table, what its connector goes on from.
        moves: (waiting, final) names of the files of the last commit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cursors: dict[str, dict[str, Any]] = {}
    moves: tuple[tuple[str, str], ...] = ()


class Deliveries:
    """What was pulled from one source.

    Args:
        root: Its folder; made when missing. What a killed pull left there is put right at once.
        clean: Takes out of a table's draft what may not be kept; says whether anything is left.

    Raises:
        PullError: The cursors there cannot be read.
    """

    def __init__(self, root: Path, clean: Callable[[str, Path], bool] | None = None) -> None:
        self.root = root
        self._clean = clean
        (root / _INCOMING).mkdir(parents=True, exist_ok=True)
        self._state = self._read()
        self._finish()

    def cursor(self, table: str) -> Mapping[str, Any]:
        """Return what a table's connector committed last; empty before its first page."""
        return self._state.cursors.get(table, {})

    def draft(self) -> Path:
        """Return a free path to write a file to, before it is committed."""
        incoming = self.root / _INCOMING
        return incoming / f"draft-{sum(1 for _ in incoming.iterdir())}"

    def commit(
        self, table: str, cursor: Mapping[str, Any], files: Sequence[tuple[Path, str]] = ()
    ) -> None:
        """Make drafts part of what was delivered, and a cursor the one to go on from.

        A file is named by its content, so that no later page can take the place of an earlier one.

        Args:
            table: The table.
            cursor: What to go on from.
            files: Each draft and its name below the source's folder; `{}` stands for the digest.
        """
        moves = []
        for draft, name in files:
            if self._clean is not None and not self._clean(table, draft):
                draft.unlink()
                continue
            sync(draft)
            digest = _digest(draft)
            # From here on the name says the content: what waits under it is what was committed.
            draft.rename(self.root / _INCOMING / digest)
            moves.append((digest, name.format(digest)))
        sync(self.root / _INCOMING)
        cursors = {**self._state.cursors, table: dict(cursor)}
        self._state = _State(cursors=cursors, moves=tuple(moves))
        write_atomically(self.root / _STATE, self._state.model_dump_json(indent=1).encode())
        self._finish()

    def files(self, table: str, suffix: str) -> list[Path]:
        """Return what was delivered of a table, by path."""
        return sorted((self.root / table).glob(f"*/*{suffix}"))

    def _read(self) -> _State:
        path = self.root / _STATE
        if not path.exists():
            return _State()
        try:
            return _State.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise PullError(
                f"{path} must be the cursors that the last pull left, and is not.",
                remedy="Put the last good copy back; or move the folder aside to read everything "
                "anew.",
            ) from error

    def _finish(self) -> None:
        for waiting, name in self._state.moves:
            draft, path = self.root / _INCOMING / waiting, self.root / name
            if draft.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                draft.rename(path)
                sync(path.parent)
        for leftover in (self.root / _INCOMING).iterdir():
            leftover.unlink()


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()[:16]
