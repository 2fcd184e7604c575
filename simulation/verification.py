"""How the verification vendor answers for each customer over time, from chance alone.

What comes later in a customer's life (accounts, devices) is not needed for it, so that a feature
may ask for the answer before it serves anybody.
"""

import numpy as np
import pandas as pd

from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Bools, Ints, at_least, between, chance, stream

TYPES = (
    "applicantCreated",
    "applicantPending",
    "applicantOnHold",
    "applicantReviewed",
    "applicantLevelChanged",
    "applicantPersonalInfoChanged",
    "applicantDeactivated",
    "applicantDeleted",
)
CREATED, PENDING, ON_HOLD, REVIEWED, LEVEL, INFO, DEACTIVATED, DELETED = range(len(TYPES))
LEVELS = ("basic", "trading")
GREEN, RED = range(2)
LABELS = ("BAD_PROOF_OF_IDENTITY", "SANCTIONS", "PEP")
BAD_PROOF, SANCTIONS, PEP = range(len(LABELS))


def applicant_lives(
    rng: np.random.Generator, people: People
) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """Give webhooks about each applicant: those until the first approval, and the later ones."""
    return _onboarding(rng, people), _later_life(rng, people)


def is_verified(
    parameters: SimulationParameters, chunk: int, people: People, decisions: pd.DataFrame
) -> Bools:
    """Tell which decisions were taken when the vendor's last word on the customer was good."""
    begun, later = applicant_lives(stream(parameters.seed, chunk, "kyc"), people)
    first, reviews = pd.concat(begun), pd.concat(later)
    approved = first[first["answer"] == GREEN].groupby("customer")["at"].max()
    refused = reviews[reviews["answer"] == RED].groupby("customer")["at"].min()
    since = decisions["customer"].map(approved) + SECOND
    until = decisions["customer"].map(refused).fillna(np.inf) - SECOND
    verified: Bools = ((decisions["decided"] > since) & (decisions["decided"] < until)).to_numpy()
    return verified


def is_asked_of_vendor(people: People) -> Array:
    """Tell whose deletion is asked of the verification vendor; the others' is asked of Braze."""
    erased = np.flatnonzero(people.column("is_erased"))
    asked = np.zeros(people.count, dtype=bool)
    asked[erased[1::2]] = True
    return asked


def applicant_rows(
    kind: int, customer: Array, at: Ints, **given: Array | int | bool
) -> pd.DataFrame:
    """Lay out webhooks of one type with every column."""
    columns: dict[str, Array | int | bool] = {
        "answer": NOBODY,
        "label": NOBODY,
        "level": 0,
        "is_sandbox": False,
        **given,
    }
    return pd.DataFrame({"customer": customer, "type": kind, "at": at} | columns)


def _onboarding(rng: np.random.Generator, people: People) -> list[pd.DataFrame]:
    """Give created, pending, perhaps on hold, reviewed; some are sent back once."""
    who, count = np.arange(people.count), people.count
    created = people.column("signed_up_at") + 30 * SECOND
    pending = created + between(rng, MINUTE, 20 * MINUTE, count)
    reviewed = pending + between(rng, MINUTE, 6 * HOUR, count)
    held = chance(rng, 0.03, count)
    sent_back = chance(rng, 0.08, count)
    again = reviewed + between(rng, HOUR, 2 * DAY, count)
    return [
        applicant_rows(CREATED, who, created),
        applicant_rows(PENDING, who, pending),
        applicant_rows(ON_HOLD, who[held], pending[held] + 30 * SECOND),
        applicant_rows(
            REVIEWED,
            who,
            reviewed,
            answer=np.where(sent_back, RED, GREEN),
            label=np.where(sent_back, BAD_PROOF, NOBODY),
        ),
        applicant_rows(PENDING, who[sent_back], again[sent_back]),
        applicant_rows(REVIEWED, who[sent_back], again[sent_back] + 5 * MINUTE, answer=GREEN),
    ]


def _later_life(rng: np.random.Generator, people: People) -> list[pd.DataFrame]:
    """Give periodic reviews, corrected particulars, deactivations and deletions."""
    begins, ends = people.column("active_from"), people.column("active_until")
    length = np.maximum(ends - begins, 0)
    checked = np.flatnonzero(chance(rng, 0.5, people.count))
    moment = begins[checked] + (length[checked] * rng.random(len(checked))).astype(np.int64)
    hit = at_least(rng, 0.01, 2, np.arange(len(checked)))
    answer: Array = np.full(len(checked), GREEN)
    label: Array = np.full(len(checked), NOBODY)
    answer[hit], label[hit] = RED, np.resize((SANCTIONS, PEP), len(hit))
    moved = np.flatnonzero(chance(rng, 0.1, people.count))
    moved_at = begins[moved] + (length[moved] * rng.random(len(moved))).astype(np.int64)
    closed = np.flatnonzero(people.column("closed_at") >= 0)
    deleted = np.flatnonzero(is_asked_of_vendor(people))
    return [
        applicant_rows(REVIEWED, checked, moment, answer=answer, label=label),
        applicant_rows(INFO, moved, moved_at),
        applicant_rows(DEACTIVATED, closed, people.column("closed_at")[closed] + MINUTE),
        applicant_rows(DELETED, deleted, people.column("erased_at")[deleted] + 2 * MINUTE),
    ]
