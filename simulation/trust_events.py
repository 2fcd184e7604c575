"""What customers are asked and do about the AI itself: permissions, offers, tasks, visits."""

import numpy as np
import pandas as pd

from simulation.blocks import block
from simulation.company import EXPLANATIONS, FEATURES, PERMISSIONS, SCREENS
from simulation.experiment import Arms, live_features
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Ints, at_least, between, chance, stream
from simulation.sessions import ORDINARY, RETURN

GRANTED, DENIED = range(2)
_PROMPTED_SHARE = 0.05
_OFFERED_SHARE = 0.06
_LINKED_SHARE = 0.3
_VISITED_SHARE = 0.015
# Chance that whoever is offered a feature takes it, feature by feature.
_OPT_IN_CHANCE = np.array([feature.opt_in_chance for feature in FEATURES])
# The location is asked for with whatever words the screen has; the others by an experiment.
_UNTRIED = PERMISSIONS.index("location")


def make_trust_events(
    parameters: SimulationParameters,
    chunk: int,
    people: People,
    arms: Arms,
    *,
    sessions: pd.DataFrame,
    decisions: pd.DataFrame,
) -> list[pd.DataFrame]:
    """Draw what surrounds the insights.

    Args:
        parameters: The company.
        chunk: Number of the chunk.
        people: Its customers.
        arms: Their arms; only a feature that somebody may have is offered.
        sessions: Sessions of customers; the position equals the session number.
        decisions: Decisions really taken, numbered from 0, with `is_linked`.

    Returns:
        Blocks of events. What is done later than in the session is told by the server.
    """
    purpose = sessions["purpose"].to_numpy()
    known = np.flatnonzero((purpose == ORDINARY) | (purpose == RETURN))
    return [
        *_permissions(stream(parameters.seed, chunk, "permissions"), people, sessions, known),
        *_offers(parameters, chunk, people, arms, sessions=sessions, known=known),
        *_tasks(stream(parameters.seed, chunk, "tasks"), people, decisions),
        _visits(stream(parameters.seed, chunk, "visits"), sessions, known),
    ]


def draw_answers(
    parameters: SimulationParameters, chunk: int, decisions: pd.DataFrame
) -> pd.DataFrame:
    """Draw what the decision log says of each decision's afterlife.

    Returns:
        The decisions with `is_linked` (it proposes a task), `response` (0 accepted, 1 overridden,
        NOBODY none) and `is_auto_applied` (done without asking, which must not be).
    """
    rng = stream(parameters.seed, chunk, "answers")
    count = len(decisions)
    is_accepted = (decisions["acted"] >= 0).to_numpy() & chance(rng, 0.9, count)
    is_overridden = (decisions["opened"] >= 0).to_numpy() & chance(rng, 0.03, count)
    is_linked = chance(rng, _LINKED_SHARE, count)
    is_served = (decisions["served"] >= 0).to_numpy()
    return decisions.assign(
        is_linked=is_linked,
        response=np.select([is_accepted, is_overridden], [0, 1], default=NOBODY),
        is_auto_applied=is_linked & is_served & chance(rng, 0.004, count),
    )


def _permissions(
    rng: np.random.Generator, people: People, sessions: pd.DataFrame, known: Ints
) -> list[pd.DataFrame]:
    """Give prompts and answers: some come days later, some never, and a refusal may be undone."""
    explained = rng.integers(0, len(EXPLANATIONS), (people.count, len(PERMISSIONS)))
    asked = at_least(rng, _PROMPTED_SHARE, 2, known)
    count = len(asked)
    customer = sessions["customer"].to_numpy()[asked]
    at = sessions["start"].to_numpy()[asked] + between(rng, 8 * SECOND, 40 * SECOND, count)
    scope = rng.integers(0, len(PERMISSIONS), count)
    is_tried = scope != _UNTRIED
    explanation = np.where(
        is_tried, explained[customer, scope], rng.integers(0, len(EXPLANATIONS), count)
    )
    grants = chance(rng, 0.35 + 0.2 * explanation, count)
    answer = rng.random(count)
    at_once, later = answer < 0.7, answer > 0.88
    common = {
        "permission": scope,
        "explanation": explanation,
        "experiment": np.where(is_tried, 0, NOBODY),
    }
    prompts = block("permission_prompted", customer, asked, at, **common)
    replies = block(
        "permission_answered",
        customer[at_once],
        asked[at_once],
        at[at_once] + between(rng, SECOND, 15 * SECOND, int(at_once.sum())),
        outcome=np.where(grants, GRANTED, DENIED)[at_once],
        **{name: values[at_once] for name, values in common.items()},
    )
    # Whoever refused or kept silent may still grant it, in time or not.
    late_at = at + between(rng, HOUR, 25 * DAY, count)
    is_late = (later | (at_once & ~grants & chance(rng, 0.12, count))) & (
        late_at < people.column("active_until")[customer]
    )
    late = block(
        "permission_answered",
        customer[is_late],
        np.full(int(is_late.sum()), NOBODY),
        late_at[is_late],
        outcome=GRANTED,
        **{name: values[is_late] for name, values in common.items()},
    )
    return [prompts, replies, late]


def _offers(
    parameters: SimulationParameters,
    chunk: int,
    people: People,
    arms: Arms,
    *,
    sessions: pd.DataFrame,
    known: Ints,
) -> list[pd.DataFrame]:
    """Give offers of the personal mode of each live feature, repeated to some, and the answers."""
    parts = []
    for feature in live_features(parameters):
        rng = stream(parameters.seed, chunk, f"offers.{feature}")
        who, start = sessions["customer"].to_numpy(), sessions["start"].to_numpy()
        open_to = start[known] > arms.assigned_at[who[known], feature]
        open_to &= ~arms.is_holdout[who[known], feature]
        offered = known[open_to & chance(rng, _OFFERED_SHARE, len(known))]
        count = len(offered)
        customer = who[offered]
        at = start[offered] + between(rng, 50 * SECOND, 2 * MINUTE, count)
        luck = rng.random(count)
        accepts = luck < _OPT_IN_CHANCE[feature]
        is_silent = luck > 0.8
        is_late = chance(rng, 0.3, count)
        answered = at + np.where(
            is_late, between(rng, HOUR, 25 * DAY, count), between(rng, SECOND, MINUTE, count)
        )
        told = ~is_silent & (answered < people.column("active_until")[customer])
        parts.append(block("opt_in_offered", customer, offered, at, feature=feature))
        parts.append(
            block(
                "opt_in_answered",
                customer[told],
                np.where(is_late, NOBODY, offered)[told],
                answered[told],
                outcome=np.where(accepts, GRANTED, DENIED)[told],
                feature=feature,
            )
        )
    return parts


def _tasks(rng: np.random.Generator, people: People, decisions: pd.DataFrame) -> list[pd.DataFrame]:
    """Give the tasks done that an insight had proposed: sooner and more often by who acted."""
    count = len(decisions)
    served, acted = decisions["served"].to_numpy(), decisions["acted"].to_numpy()
    customer = decisions["customer"].to_numpy()
    is_done = decisions["is_linked"].to_numpy() & (served >= 0)
    is_done &= chance(rng, np.where(acted >= 0, 0.8, 0.25), count)
    at = served + between(rng, 10 * MINUTE, 24 * DAY, count)
    is_done &= at < people.column("active_until")[customer]
    return [
        block(
            "task_completed",
            customer[is_done],
            np.full(int(is_done.sum()), NOBODY),
            at[is_done],
            task=np.flatnonzero(is_done),
        )
    ]


def _visits(rng: np.random.Generator, sessions: pd.DataFrame, known: Ints) -> pd.DataFrame:
    """Give looks at the preferences that change nothing."""
    seen = at_least(rng, _VISITED_SHARE, 2, known)
    return block(
        "preferences_viewed",
        sessions["customer"].to_numpy()[seen],
        seen,
        sessions["start"].to_numpy()[seen] + between(rng, 30 * SECOND, 4 * MINUTE, len(seen)),
        screen=SCREENS.index("settings"),
    )
