"""What the verification vendor learns of each applicant, and when."""

import numpy as np
import pandas as pd

from simulation.banking import TRADING, Bank
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.randomness import Array, Ints, at_least, between, chance, stream
from simulation.world import World

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
_COLUMNS = ["customer", "type", "at", "answer", "label", "level", "is_sandbox"]
_SANDBOX_SHARE = 0.02


def make_applicant_events(
    parameters: SimulationParameters, chunk: int, world: World, bank: Bank
) -> pd.DataFrame:
    """Draw a chunk's webhooks in order of time.

    Returns:
        customer (NOBODY in the sandbox), type, at (whole milliseconds, in microseconds), answer and
        label (NOBODY = none), level, is_sandbox.
    """
    rng = stream(parameters.seed, chunk, "kyc")
    parts = [*_onboarding(rng, world), *_later_life(rng, world), _upgrades(bank)]
    rows = pd.concat(parts, ignore_index=True)
    rows["at"] = rows["at"] // 1000 * 1000
    inside = (rows["at"] >= parameters.start_micros) & (rows["at"] < parameters.end_micros)
    rows = pd.concat([rows[inside], _sandbox(parameters, rng, int(inside.sum()))])
    return rows.sort_values(["at", "customer", "type"], kind="stable", ignore_index=True)[_COLUMNS]


def is_asked_of_vendor(world: World) -> Array:
    """Tell whose deletion is asked of the verification vendor; the others' is asked of Braze."""
    erased = np.flatnonzero(world.people.column("is_erased"))
    asked = np.zeros(world.people.count, dtype=bool)
    asked[erased[1::2]] = True
    return asked


def _rows(kind: int, customer: Array, at: Ints, **given: Array | int | bool) -> pd.DataFrame:
    """Lay out webhooks of one type with every column."""
    columns: dict[str, Array | int | bool] = {
        "answer": NOBODY,
        "label": NOBODY,
        "level": 0,
        "is_sandbox": False,
        **given,
    }
    return pd.DataFrame({"customer": customer, "type": kind, "at": at} | columns)


def _onboarding(rng: np.random.Generator, world: World) -> list[pd.DataFrame]:
    """Give created, pending, perhaps on hold, reviewed; some are sent back once."""
    people = world.people
    who, count = np.arange(people.count), people.count
    created = people.column("signed_up_at") + 30 * SECOND
    pending = created + between(rng, MINUTE, 20 * MINUTE, count)
    reviewed = pending + between(rng, MINUTE, 6 * HOUR, count)
    held = chance(rng, 0.03, count)
    sent_back = chance(rng, 0.08, count)
    again = reviewed + between(rng, HOUR, 2 * DAY, count)
    return [
        _rows(CREATED, who, created),
        _rows(PENDING, who, pending),
        _rows(ON_HOLD, who[held], pending[held] + 30 * SECOND),
        _rows(
            REVIEWED,
            who,
            reviewed,
            answer=np.where(sent_back, RED, GREEN),
            label=np.where(sent_back, BAD_PROOF, NOBODY),
        ),
        _rows(PENDING, who[sent_back], again[sent_back]),
        _rows(REVIEWED, who[sent_back], again[sent_back] + 5 * MINUTE, answer=GREEN),
    ]


def _later_life(rng: np.random.Generator, world: World) -> list[pd.DataFrame]:
    """Give periodic reviews, corrected particulars, deactivations and deletions."""
    people = world.people
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
    deleted = np.flatnonzero(is_asked_of_vendor(world))
    return [
        _rows(REVIEWED, checked, moment, answer=answer, label=label),
        _rows(INFO, moved, moved_at),
        _rows(DEACTIVATED, closed, people.column("closed_at")[closed] + MINUTE),
        _rows(DELETED, deleted, people.column("erased_at")[deleted] + 2 * MINUTE),
    ]


def _upgrades(bank: Bank) -> pd.DataFrame:
    """Give the higher level that a trading account asks for."""
    trading = bank.accounts[bank.accounts["product_line"] == TRADING]
    return _rows(
        LEVEL, trading["customer"].to_numpy(), trading["opened_at"].to_numpy() - 5 * MINUTE, level=1
    )


def _sandbox(parameters: SimulationParameters, rng: np.random.Generator, real: int) -> pd.DataFrame:
    """Give what developers try out on applicants who do not exist."""
    count = max(5, round(_SANDBOX_SHARE * real))
    at = parameters.start_micros + between(rng, 0, parameters.days * DAY, count) // 1000 * 1000
    kinds = rng.integers(CREATED, DELETED + 1, count)
    return _rows(CREATED, np.full(count, NOBODY), at, type=kinds, is_sandbox=True)
