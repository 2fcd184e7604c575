"""The truth about tickets and their ratings: what an ideal pipeline knows at the end."""

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.company import FEATURES
from simulation.jsontext import numbers, text
from simulation.parameters import NEVER, SimulationParameters
from simulation.randomness import Array, Ints
from simulation.support import DELETED, SOLVED
from simulation.ticket_texts import THEMES
from simulation.truth import Truth, pick, times
from simulation.world import World

_FEATURE_IDS = tuple(feature.feature_id for feature in FEATURES)


def record_tickets(
    parameters: SimulationParameters,
    world: World,
    tickets: pd.DataFrame,
    versions: pd.DataFrame,
    *,
    received: Ints,
    truth: Truth,
) -> None:
    """Record each genuine customer's ticket that is not deleted, with its true theme.

    Only versions received before the end are known.
    """
    is_known = received < parameters.end_micros
    known = versions[is_known]
    steps = known.pivot_table(index="ticket", columns="step", values="at").reindex(
        index=range(len(tickets)), columns=range(7)
    )
    at: Array = steps.fillna(NEVER).to_numpy().astype(np.int64)
    last = known.sort_values(["ticket", "step"]).drop_duplicates("ticket", keep="last")
    status = last.set_index("ticket")["status"].reindex(range(len(tickets)), fill_value=DELETED)
    customer = tickets["customer"].to_numpy()
    chosen = np.flatnonzero(
        world.people.is_genuine[customer] & (status != DELETED).to_numpy() & (at[:, 0] >= 0)
    )
    is_solved = (status == SOLVED).to_numpy()
    solved = np.where(is_solved, np.maximum(at[:, 3], at[:, 5]), NEVER)
    truth.add(
        "tickets",
        pa.table(
            {
                "ticket_id": pa.array(tickets["id"].to_numpy()[chosen]).cast(pa.string()),
                "customer_ref": world.people.refs.take(pa.array(customer[chosen])),
                "theme": pick(THEMES, tickets["theme"].to_numpy()[chosen]),
                "feature_id": pick(_FEATURE_IDS, tickets["feature"].to_numpy()[chosen]),
                "created_at": times(at[chosen, 0]),
                "first_reply_at": times(at[chosen, 2]),
                "first_solved_at": times(at[chosen, 3]),
                "first_reopened_at": times(at[chosen, 4]),
                "solved_at": times(solved[chosen]),
            }
        ),
    )


def record_ratings(
    parameters: SimulationParameters,
    world: World,
    tickets: pd.DataFrame,
    ratings: pd.DataFrame,
    *,
    truth: Truth,
) -> None:
    """Record each genuine customer's invitation to rate a ticket, answered or not."""
    customer = tickets["customer"].to_numpy()
    offered, answered, edited = (
        np.where(ratings[name] < parameters.end_micros, ratings[name], NEVER)
        for name in ("offered", "answered", "edited")
    )
    chosen = np.flatnonzero((offered >= 0) & world.people.is_genuine[customer])
    score = ratings["score"].to_numpy()
    stars = np.maximum(1, score - (edited >= 0))
    # The legacy form knows two answers only.
    said = np.where(ratings["is_old"], np.where(score >= 4, 5, 1), stars)
    truth.add(
        "surveys",
        survey_rows(
            prompt=text("ticket:", numbers(tickets["id"].to_numpy()[chosen])),
            customer_ref=world.people.refs.take(pa.array(customer[chosen])),
            instrument=pa.array(["csat"] * len(chosen), pa.string()),
            question=pa.array([None] * len(chosen), pa.string()),
            invited=offered[chosen],
            answered=np.maximum(answered, edited)[chosen],
            true_score=score[chosen],
            answer=said[chosen],
            theme=np.full(len(chosen), -1),
        ),
    )


def survey_rows(
    *,
    prompt: pa.Array,
    customer_ref: pa.Array,
    instrument: pa.Array,
    question: pa.Array,
    invited: Ints,
    answered: Ints,
    true_score: Ints,
    answer: Ints,
    theme: Ints,
) -> pa.Table:
    """Lay out rows of the truth about surveys.

    Args:
        prompt: Id of the invitation.
        customer_ref: Who was asked.
        instrument: By which survey.
        question: Which question of it, null where it has one only.
        invited: When, in microseconds.
        answered: When the last answer was given; negative = never.
        true_score: What an answer would be, 1 to 5, whether given or not; 0 = no scale.
        answer: What was answered, 1 to 5.
        theme: Code of what a text is about; negative = no text.
    """
    is_answered = answered >= 0
    has_scale = true_score > 0
    return pa.table(
        {
            "prompt_id": prompt,
            "customer_ref": customer_ref,
            "instrument": instrument,
            "question": question,
            "invited_at": times(invited),
            "answered_at": times(answered),
            "true_score": pa.array(true_score, mask=~has_scale),
            "answer": pa.array(answer, mask=~(is_answered & has_scale)),
            "theme": pick(THEMES, np.where(is_answered, theme, -1)),
        }
    )
