"""Take identifiers out of the state, and out of the states that are kept beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from identity.advance import advance
from identity.excerpts import subgraph
from identity.state import read_state, write_state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from identity.audit import Audit
    from identity.graph import Digests, Flags
    from identity.state import State


def forget_keys(folder: Path, is_theirs: Callable[[str], bool]) -> None:
    """Take keys out of every state file of a folder, the backups among them.

    Args:
        folder: where the state is.
        is_theirs: says whether an identifier key is to be forgotten.
    """
    for path in sorted(folder.rglob("*.npz")):
        state = read_state(path)
        kept = forget(state, is_theirs)
        if kept is not state:
            draft = path.with_suffix(".draft")
            write_state(draft, kept)
            draft.replace(path)


def forget(state: State, is_theirs: Callable[[str], bool]) -> State:
    """Return a state without some keys; the state itself if it has none of them.

    The audit keeps what became of customers, whose numbers say nothing; a cause that names a
    forgotten key is blanked.

    Args:
        state: of a publish.
        is_theirs: says whether an identifier key is to be forgotten.
    """
    graph = state.graph
    theirs = _flag(graph.key_high, graph.key_low, is_theirs)
    gone = _flag(state.gone.key_high, state.gone.key_low, is_theirs)
    past = _flag(state.past.key_high, state.past.key_low, is_theirs)
    audit = _blanked(state.audit, is_theirs)
    if not (theirs.any() or gone.any() or past.any()) and audit is state.audit:
        return state
    if theirs.any():
        at = int(state.since.max())
        state = advance(state, subgraph(graph, nodes=np.flatnonzero(~theirs)), at=at)
        gone = _flag(state.gone.key_high, state.gone.key_low, is_theirs)
        past = _flag(state.past.key_high, state.past.key_low, is_theirs)
        audit = _blanked(state.audit, is_theirs)
    return replace(state, gone=state.gone.where(~gone), past=state.past.where(~past), audit=audit)


def _flag(high: Digests, low: Digests, is_theirs: Callable[[str], bool]) -> Flags:
    keys = zip(high.tolist(), low.tolist(), strict=True)
    return np.fromiter(
        (is_theirs(f"{first:016x}{second:016x}") for first, second in keys), np.bool_, len(high)
    )


def _blanked(audit: Audit, is_theirs: Callable[[str], bool]) -> Audit:
    named = _flag(audit.left_high, audit.left_low, is_theirs)
    named |= _flag(audit.right_high, audit.right_low, is_theirs)
    if not named.any():
        return audit
    ends = ("left_high", "left_low", "right_high", "right_low")
    nothing = np.uint64(0)
    return replace(audit, **{name: np.where(named, nothing, getattr(audit, name)) for name in ends})
