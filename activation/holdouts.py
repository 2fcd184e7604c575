"""Who is held out of an experiment: a salted draw that is uniform, stable and shared with no other.

A unit's place is the SHA-256 of experiment, salt and unit. No vendor's bucket is used again:
whoever takes the same one for two experiments holds the same people out of both.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

_DIGEST_BYTES = 8
_PLACES = 1 << (8 * _DIGEST_BYTES)
# A character that no id has, so that no two of experiment, salt and unit run into each other.
_BETWEEN = "\x1f"


@dataclass(frozen=True, kw_only=True)
class HoldoutDraw:
    """How an experiment's units are drawn.

    Attributes:
        experiment_id: The experiment.
        salt: A text of this experiment's own.
        holdout_share: Share of units to hold out, between 0 and 1.
    """

    experiment_id: str
    salt: str
    holdout_share: float

    def __post_init__(self) -> None:
        """Refuse a share that holds out nobody or everybody."""
        if not 0 < self.holdout_share < 1:
            raise ValueError(
                f"a holdout share of {self.holdout_share} holds out nobody or everybody: "
                "give one between 0 and 1"
            )

    def place(self, unit: str) -> float:
        """Give a unit's place in [0, 1); the same for ever, whoever else is drawn."""
        text = _BETWEEN.join((self.experiment_id, self.salt, unit))
        digest = hashlib.sha256(text.encode()).digest()[:_DIGEST_BYTES]
        return int.from_bytes(digest, "big") / _PLACES

    def role(self, unit: str) -> str:
        """Say `holdout` or `treatment`; a larger share keeps those whom a smaller one held out."""
        return "holdout" if self.place(unit) < self.holdout_share else "treatment"


def assignments(
    draw: HoldoutDraw, units: Iterable[str], *, unit_type: str, now: datetime
) -> Iterator[dict[str, str]]:
    """Give each unit's row of the contract `experimentation`, table `assignments`, once.

    Args:
        draw: How they are drawn.
        units: Their ids; blanks around one don't count, and an empty one is none.
        unit_type: customer, device or anonymous.
        now: The moment of the assignment (aware UTC).
    """
    moment = now.isoformat()
    for unit in dict.fromkeys(stripped for unit in units if (stripped := unit.strip())):
        role = draw.role(unit)
        yield {
            "experiment_id": draw.experiment_id,
            "unit_type": unit_type,
            "unit": unit,
            "variation_id": role,
            "variation_role": role,
            "assigned_at": moment,
            "logged_at": moment,
        }


def write_assignments(rows: Iterable[dict[str, str]], folder: Path, *, now: datetime) -> Path:
    """Write rows of one experiment where the contract looks for them; the same rows, same bytes."""
    listed = list(rows)
    name = re.sub(r"\W+", "_", listed[0]["experiment_id"]) if listed else "nobody"
    file = folder / f"assignments/{now:%Y-%m-%d}/{name}-{now:%H%M%S}.jsonl.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{json.dumps(row)}\n" for row in listed)
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_bytes(gzip.compress(text.encode(), mtime=0))
    fresh.replace(file)
    return file
