"""The trained model as a file: parameters only, of nobody in particular."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from identity.matching.comparisons import Comparison

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MatchModel:
    """What training found.

    Attributes:
        learnt_from: digest of the records and of all else that decided what is learnt.
        record_count: records learnt from.
        prior: probability that two records taken at random are one person.
        comparisons: what is compared, in Splink's form, with `m_probability` (how often a level is
            seen in records of one person) and `u_probability` (in those of two).
    """

    learnt_from: str
    record_count: int
    prior: float
    comparisons: list[Comparison]

    @property
    def version(self) -> str:
        """A digest that changes whenever the model may score anything otherwise."""
        return digest(asdict(self))[:12]


def digest(content: object) -> str:
    """Digest anything that JSON can hold."""
    text = json.dumps(content, sort_keys=True)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def lesson(records_digest: str, untrained: dict[str, Any]) -> str:
    """Digest what decides what is learnt: the records, what of them is compared, and by whom.

    Args:
        records_digest: of the records to learn from.
        untrained: the settings before training.
    """
    return digest([records_digest, untrained, version("splink")])


def read_model(path: Path) -> MatchModel | None:
    """Read a model; None where there is none that can be read: it is trained again."""
    if not path.exists():
        return None
    try:
        return MatchModel(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        logger.warning("the model %s can't be read (%s): it is trained anew", path.name, error)
        return None


def write_model(path: Path, model: MatchModel) -> None:
    """Write a model, at once and wholly."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(model), indent=2, sort_keys=True), encoding="utf-8")
    draft.replace(path)
