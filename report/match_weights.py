"""Write what the model that compares contact records has learnt: parameters, and nobody's data."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

from report.environment import environment
from report.record import write_whole

FILE = "match_weights.html"


@dataclass(frozen=True, kw_only=True)
class AgreementLevel:
    """How closely a field of two records agrees, and how often.

    Attributes:
        label: What is seen.
        m: Share of pairs of one person in which it is seen, 0-1.
        u: Share of pairs of two people in which it is seen, 0-1.
        frequency_of: The field of which a rare value weighs more than a common one; empty for none.
    """

    label: str
    m: float
    u: float
    frequency_of: str = ""

    @property
    def weight(self) -> float:
        """Bits for one person, if above zero, and else for two."""
        return log2(self.m / self.u)


@dataclass(frozen=True, kw_only=True)
class MatchWeights:
    """A trained model.

    Attributes:
        version: Its digest.
        record_count: Records it was learnt from.
        prior: Probability that two records taken at random are one person.
        threshold: Probability from which two records are taken for one person.
        fields: The levels of each field that is compared.
    """

    version: str
    record_count: int
    prior: float
    threshold: float
    fields: Sequence[tuple[str, Sequence[AgreementLevel]]]

    @property
    def prior_weight(self) -> float:
        """Bits before anything is compared."""
        return log2(self.prior / (1 - self.prior))

    @property
    def needed_weight(self) -> float:
        """Bits, the prior's included, from which two records are taken for one person."""
        return log2(self.threshold / (1 - self.threshold))


def write_match_weights(folder: Path, weights: MatchWeights) -> Path:
    """Write the page of a model.

    Args:
        folder: Folder of the validation history.
        weights: The model.

    Returns:
        The page.
    """
    path = folder / FILE
    write_whole(path, environment().get_template(FILE).render(weights=weights))
    return path
