"""What the AI decides in a session, and what the customer does with it."""

import numpy as np
import pandas as pd

from simulation.company import BEHAVIOURS, FEATURES, MODEL_VERSIONS, Feature
from simulation.experiment import Arms, live_features
from simulation.parameters import DAY, MINUTE, NEVER, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Bools, Ints, between, chance, stream
from simulation.sessions import DIRECT, RETURN, frame, time_of_day

PASSED, BLOCKED, REVIEWED = range(3)
# Bills, salaries and rents come round every fourth week.
_CYCLE = 28
_HELPFUL = np.array([behaviour.helpful_rate for behaviour in BEHAVIOURS])


def draw_decisions(
    parameters: SimulationParameters,
    chunk: int,
    sessions: pd.DataFrame,
    arms: Arms,
) -> pd.DataFrame:
    """Draw a decision of each live feature in a share of the eligible sessions.

    Held-out customers get candidates too: their first is the counterfactual exposure.
    """
    parts = []
    for feature in live_features(parameters):
        rng = stream(parameters.seed, chunk, f"decisions.{feature}")
        eligible_at = arms.assigned_at[sessions["customer"].to_numpy(), feature]
        is_drawn = chance(rng, _shown_share(parameters, sessions, feature), len(sessions))
        is_chosen = is_drawn & (sessions["start"].to_numpy() > eligible_at)
        chosen = sessions.index.to_numpy()[is_chosen]
        parts.append(_decide(rng, parameters, sessions.loc[chosen], feature=feature))
    return _settle(parts, arms)


def draw_returns(
    parameters: SimulationParameters,
    chunk: int,
    people: People,
    arms: Arms,
    *,
    decisions: pd.DataFrame,
    first_session: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the voluntary returns: direct sessions 7 to 13 days after the first use of a feature.

    Args:
        parameters: The company.
        chunk: Number of the chunk.
        people: Its customers.
        arms: Their arms.
        decisions: Decisions of the ordinary sessions.
        first_session: Number that the first new session gets.

    Returns:
        The new sessions, and one opened insight for each.
    """
    rng = stream(parameters.seed, chunk, "returns")
    used = decisions[(decisions["opened"] >= 0) & ~decisions["is_holdout"]]
    first = used.groupby(["customer", "feature"], as_index=False)["opened"].min()
    comes = chance(rng, rng.beta(1.0, 9.0, len(first)), len(first))
    day = (first["opened"].to_numpy() // DAY + rng.integers(8, 13, len(first))) * DAY
    start = day + time_of_day(rng, len(first))
    return _come_back(
        parameters,
        rng,
        people,
        arms,
        visits=first[comes].assign(start=start[comes]),
        first_session=first_session,
    )


def draw_habits(
    parameters: SimulationParameters,
    chunk: int,
    people: People,
    arms: Arms,
    *,
    decisions: pd.DataFrame,
    first_session: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the sessions of those who come back every fourth week; as `draw_returns` gives them."""
    first = decisions.groupby(["customer", "feature"], as_index=False)["decided"].min()
    parts = [first.iloc[:0].assign(start=0)]
    for code in live_features(parameters):
        shares = FEATURES[code].comes_back
        if shares is None:
            continue
        rng = stream(parameters.seed, chunk, f"habits.{FEATURES[code].feature_id}")
        mine = first[first["feature"] == code]
        is_held_out = arms.is_holdout[mine["customer"].to_numpy(), code]
        for cycle in range(parameters.days // _CYCLE):
            comes = chance(rng, np.where(is_held_out, shares[1], shares[0]), len(mine))
            day = mine["decided"].to_numpy() // DAY + _CYCLE * cycle
            day = day + rng.integers(23, 27, len(mine))
            start = day * DAY + time_of_day(rng, len(mine))
            parts.append(mine.assign(start=start)[comes])
    rng = stream(parameters.seed, chunk, "habits")
    return _come_back(
        parameters, rng, people, arms, visits=pd.concat(parts), first_session=first_session
    )


def _come_back(
    parameters: SimulationParameters,
    rng: np.random.Generator,
    people: People,
    arms: Arms,
    *,
    visits: pd.DataFrame,
    first_session: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn visits (customer, feature, start) into sessions, each with one opened insight."""
    active_until = people.column("active_until")[visits["customer"].to_numpy()]
    visits = visits[visits["start"].to_numpy() < active_until]
    customer, feature = visits["customer"].to_numpy(), visits["feature"].to_numpy()
    sessions = frame(
        people,
        customer=customer,
        start=visits["start"].to_numpy(),
        device=people.column("app_device")[customer],
        origin=np.full(len(customer), DIRECT),
        purpose=RETURN,
    )
    sessions.index = pd.RangeIndex(first_session, first_session + len(sessions))
    parts = [
        _decide(rng, parameters, sessions[feature == code], feature=code, is_return=True)
        for code in live_features(parameters)
    ]
    return sessions, _settle(parts, arms)


def _shown_share(parameters: SimulationParameters, sessions: pd.DataFrame, feature: int) -> Array:
    """Give, session by session, how likely a feature has something to say."""
    facts = FEATURES[feature]
    day, factor = facts.surge or (parameters.days, 1.0)
    is_surging = sessions["start"].to_numpy() >= parameters.start_micros + day * DAY
    return facts.shown_share * np.where(is_surging, factor, 1.0)


def _settle(parts: list[pd.DataFrame], arms: Arms) -> pd.DataFrame:
    """Join the features' decisions in order of time and mark the held-out ones."""
    decisions = pd.concat(parts, ignore_index=True)
    decisions["is_holdout"] = arms.is_holdout[
        decisions["customer"].to_numpy(), decisions["feature"].to_numpy()
    ]
    return decisions


def _decide(
    rng: np.random.Generator,
    parameters: SimulationParameters,
    sessions: pd.DataFrame,
    *,
    feature: int,
    is_return: bool = False,
) -> pd.DataFrame:
    """Draw one decision of a feature for each given session, with its whole course."""
    count = len(sessions)
    facts = FEATURES[feature]
    offset = BEHAVIOURS.index(facts.behaviours[0])
    shares = [behaviour.share for behaviour in facts.behaviours]
    decided = sessions["start"].to_numpy() + between(
        rng, (4 + 22 * feature) * SECOND, (24 + 22 * feature) * SECOND, count
    )
    day = (decided - parameters.start_micros) // DAY
    model = np.zeros(count, dtype=np.int64)
    for since, version in facts.model_versions:
        model[day >= since] = MODEL_VERSIONS.index(version)
    passes = rng.choice(3, count, p=(0.93, 0.04, 0.03))
    verdict = np.full(count, PASSED) if is_return else passes
    out = pd.DataFrame(
        {
            "customer": sessions["customer"].to_numpy(),
            "session": sessions.index.to_numpy(),
            "feature": np.full(count, feature, dtype=np.int64),
            "behaviour": offset + rng.choice(len(shares), count, p=shares),
            "model": model,
            "has_reason_shown": chance(rng, 0.5, count),
            "filter": verdict,
            "decided": decided,
            "served": np.where(
                verdict == PASSED, decided + between(rng, 50_000, 900_000, count), NEVER
            ),
        }
    )
    _react(rng, out, facts, must_open=is_return)
    return out


def _react(
    rng: np.random.Generator, decisions: pd.DataFrame, facts: Feature, *, must_open: bool
) -> None:
    """Draw opening, dismissal, taps, action, prompt and answer of each served insight."""
    count = len(decisions)
    served: Ints = decisions["served"].to_numpy()
    is_served: Bools = served >= 0
    is_opened = is_served & (chance(rng, facts.opened_share, count) | must_open)
    opened = np.where(is_opened, served + between(rng, 2 * SECOND, 40 * SECOND, count), NEVER)
    is_rejected = is_opened & chance(rng, 0.0 if must_open else 0.05, count)
    is_waved_off = is_served & ~is_opened & chance(rng, 0.25, count)
    dismissed = np.where(
        is_rejected,
        opened + between(rng, 0.8 * SECOND, 2.9 * SECOND, count),
        np.where(is_waved_off, served + between(rng, 3 * SECOND, 60 * SECOND, count), NEVER),
    )
    is_read = is_opened & ~is_rejected
    reason = decisions["has_reason_shown"].to_numpy()
    helpful: Array = _HELPFUL[decisions["behaviour"].to_numpy()] + np.where(reason, 0.04, -0.04)
    is_acted = is_read & chance(rng, 0.05 + 0.2 * helpful, count)
    # Half of those asked answer.
    is_prompted = is_read & chance(rng, facts.asked_share, count)
    prompted = np.where(is_prompted, opened + between(rng, 20 * SECOND, 2 * MINUTE, count), NEVER)
    is_answered = is_prompted & chance(rng, 0.5, count)
    is_burst = is_read & chance(rng, 0.07, count)
    # Taps do not depend on the behaviour: equal taps may hide unequal help.
    taps = np.where(is_burst, rng.integers(3, 7, count), rng.poisson(0.8, count))
    decisions["opened"] = opened
    decisions["dismissed"] = dismissed
    decisions["acted"] = np.where(
        is_acted, opened + between(rng, 15 * SECOND, 3 * MINUTE, count), NEVER
    )
    decisions["taps"] = np.where(is_read, taps, 0)
    decisions["is_burst"] = is_burst
    decisions["prompted"] = prompted
    decisions["answered"] = np.where(
        is_answered, prompted + between(rng, 3 * SECOND, 90 * SECOND, count), NEVER
    )
    decisions["is_yes"] = is_answered & chance(rng, helpful, count)
