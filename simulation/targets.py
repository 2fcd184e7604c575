"""What the AI takes each decision's customer for, and what it offers and shows them.

It asks the bank first and is mostly right; a few decisions are wrong in each way that a filter
should catch.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from simulation.banking import SAVINGS, Bank
from simulation.company import BEHAVIOURS, CONTENTS, FEATURES, PERMISSIONS, TYPE_CODE
from simulation.control import CAREFUL
from simulation.parameters import DAY, HOUR, NOBODY, SimulationParameters
from simulation.randomness import Array, Bools, Ints, at_least, chance, stream
from simulation.world import World

OFFERS = ("of_personal_loan", "of_savings_account")
LOAN_OFFER, SAVINGS_OFFER = range(len(OFFERS))
CONTENT_IDS = tuple(f"ct_{b.name}_{n}" for b in BEHAVIOURS for n in range(1, CONTENTS + 1))
LOW, MEDIUM = range(2)
# How risky each content is, behaviour by behaviour: what speaks of credit is, but for the first.
CONTENT_RISKS = np.array(
    [
        MEDIUM if feature.category == "borrowing" and number else LOW
        for feature in FEATURES
        for _ in feature.behaviours
        for number in range(CONTENTS)
    ]
)
INPUTS = (
    ("balance", "salary_day", "category_spend"),
    ("balance", "salary_day", "category_spend", "location"),
)
SNAPSHOT_TTL = DAY
# Picks a share of the given decisions, of those that reach genuine customers.
Some = Callable[[float, Bools], Ints]
_BEHAVIOURS = tuple(behaviour.name for behaviour in BEHAVIOURS)
_RATE_DROP = _BEHAVIOURS.index("rate_drop_offer")
_SAVING = next(i for i, f in enumerate(FEATURES) if f.category == "saving")
_GRANTED = 0


def state_at(states: pd.DataFrame, column: str, customer: Ints, at: Ints) -> Array:
    """Give what held of each customer at a moment, NOBODY before the first word.

    Args:
        states: Columns customer, since (microseconds) and the named one.
        column: What to look up; whole numbers.
        customer: Whose, one a row.
        at: When, one a row.
    """
    asked = pd.DataFrame({"customer": customer, "at": at}).reset_index()
    found = pd.merge_asof(
        asked.sort_values("at", kind="stable"),
        states.sort_values("since", kind="stable")[["customer", "since", column]],
        left_on="at",
        right_on="since",
        by="customer",
    )
    held: Array = found.sort_values("index")[column].fillna(NOBODY).to_numpy().astype(np.int64)
    return held


def aim(parameters: SimulationParameters, chunk: int, world: World, bank: Bank) -> pd.DataFrame:
    """Draw the target of each decision of a chunk.

    Returns:
        Row by row of the decisions: addressed (local number of the customer it is made for), stage
        and risk (as asserted), offer (NOBODY = none), content (behaviour by behaviour), inputs,
        snapshot (microseconds), is_filtered.
    """
    rng = stream(parameters.seed, chunk, "targets")
    decisions, people = world.decisions, world.people
    customer, decided = decisions["customer"].to_numpy(), decisions["decided"].to_numpy()
    served = decisions["served"].to_numpy()
    at = np.where(served >= 0, served, decided)
    is_careful = CAREFUL[decisions["feature"].to_numpy()]
    is_able: Bools = (served >= 0) & people.is_genuine[customer] & ~is_careful

    def some(share: float, among: Bools) -> Ints:
        return at_least(rng, share, 2, np.flatnonzero(among & is_able))

    records = bank.tables["customers"].rename(columns={"updated_at": "since"})
    stage, risk = (state_at(records, name, customer, at) for name in ("stage", "risk"))
    everything = np.ones(len(decisions), dtype=bool)
    asserted = stage.copy()
    wrong = some(0.002, everything)
    asserted[wrong] = (stage[wrong] + 1) % 3
    snapshot = decided - HOUR - decided % HOUR
    snapshot[some(0.002, everything)] -= 2 * SNAPSHOT_TTL
    is_filtered = everything.copy()
    is_filtered[some(0.002, everything)] = False
    return pd.DataFrame(
        {
            "addressed": _addressed(world, some),
            "stage": asserted,
            "risk": risk,
            "offer": _offers(rng, decisions, bank, at=at, some=some),
            "content": _contents(decisions, risk, some),
            "inputs": np.where(is_careful, 0, _inputs(rng, world, customer, at=at, some=some)),
            "snapshot": snapshot,
            "is_filtered": is_filtered,
        }
    )


def _addressed(world: World, some: Some) -> Ints:
    """Mix up a few insights nobody opened with the one served to somebody else just before."""
    decisions = world.decisions
    addressed: Ints = decisions["customer"].to_numpy().copy()
    served = decisions["served"].to_numpy()
    is_genuine = (served >= 0) & world.people.is_genuine[addressed]
    is_untouched = ((decisions["opened"] < 0) & (decisions["dismissed"] < 0)).to_numpy()
    feature = decisions["feature"].to_numpy()
    customer = decisions["customer"].to_numpy()
    for wrong in some(0.001, is_untouched).tolist():
        before = (served < served[wrong]) & (feature == feature[wrong])
        others = np.flatnonzero(is_genuine & before & (customer != customer[wrong]))
        if len(others):
            addressed[wrong] = customer[others[np.argmax(served[others])]]
    return addressed


def _offers(
    rng: np.random.Generator, decisions: pd.DataFrame, bank: Bank, *, at: Ints, some: Some
) -> Ints:
    """Offer a loan to who may have one, a savings account to who has none, and to a few others."""
    customer, behaviour = decisions["customer"].to_numpy(), decisions["behaviour"].to_numpy()
    said = bank.tables["eligibility"].rename(columns={"valid_from": "since"})
    holdings = bank.tables["product_holdings"].rename(columns={"valid_from": "since"})
    savings = holdings[holdings["product_line"] == SAVINGS]
    is_eligible = state_at(said, "is_eligible", customer, at) == 1
    has_savings = state_at(savings, "product_line", customer, at) == SAVINGS
    is_loan = behaviour == _RATE_DROP
    is_saving = decisions["feature"].to_numpy() == _SAVING
    is_advertised = chance(rng, 0.1, len(decisions))
    offers: Ints = np.full(len(decisions), NOBODY)
    offers[is_loan & is_eligible] = LOAN_OFFER
    offers[is_saving & is_advertised & ~has_savings] = SAVINGS_OFFER
    offers[some(0.02, is_loan & ~is_eligible)] = LOAN_OFFER
    offers[some(0.008, is_saving & has_savings)] = SAVINGS_OFFER
    return offers


def _contents(decisions: pd.DataFrame, risk: Ints, some: Some) -> Ints:
    """Show the careful nothing riskier than they are, but for a few."""
    first: Ints = decisions["behaviour"].to_numpy() * CONTENTS
    wanted: Ints = first + decisions["decided"].to_numpy() % CONTENTS
    is_risky = CONTENT_RISKS[wanted] > risk
    is_missed = np.zeros(len(decisions), dtype=bool)
    is_missed[some(0.02, is_risky)] = True
    return np.where(is_risky & ~is_missed, first, wanted)


def _inputs(
    rng: np.random.Generator, world: World, customer: Ints, *, at: Ints, some: Some
) -> Ints:
    """Use the location of some who permit it, and of a few who do not."""
    events = world.events
    is_answer = events["type"] == TYPE_CODE["permission_answered"]
    answers = events[is_answer & (events["permission"] == PERMISSIONS.index("location"))]
    answers = answers.rename(columns={"at": "since"})
    is_permitted = state_at(answers, "outcome", customer, at) == _GRANTED
    inputs: Ints = np.zeros(len(customer), dtype=np.int64)
    inputs[is_permitted & chance(rng, 0.3, len(customer))] = 1
    inputs[some(0.001, ~is_permitted)] = 1
    return inputs
