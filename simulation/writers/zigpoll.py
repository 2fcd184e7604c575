"""Zigpoll's response pages."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.jsontext import iso
from simulation.parameters import DAY, SimulationParameters
from simulation.randomness import Bools, at_least, hex_ids, stream
from simulation.reasons import KEPT, Marks, judge
from simulation.support_truth import survey_rows
from simulation.surveys import (
    EXIT,
    INSTRUMENTS,
    MICRO,
    NOT_RELEVANT,
    QUESTIONS,
    make_responses,
)
from simulation.ticket_texts import EXIT_TEXTS
from simulation.truth import Truth, pick
from simulation.world import World
from simulation.writers.pages import Page, Pages

_POLLS = ("poll_micro_feedback", "poll_csat", "poll_exit", "poll_drivers", "poll_trust")
_ACCOUNT = "acc_5f1c"


def pages(folder: Path) -> Pages:
    """Open the response pages."""
    return Pages(folder, "responses", "data", _envelope)


def export_responses(
    parameters: SimulationParameters, chunk: int, world: World, out: Pages, truth: Truth
) -> Bools:
    """Write a chunk's responses; some come again on the next day's first page.

    A record without a list of answers is a response begun and given up: it precedes the finished
    one. An empty list is a survey shown and not answered.

    Returns:
        For each decision, whether an ideal pipeline keeps an answer to it.
    """
    rng = stream(parameters.seed, chunk, "zigpoll")
    responses = make_responses(parameters, chunk, world)
    count = len(responses)
    at = responses["at"].to_numpy()
    again = at_least(rng, 0.012, 2, np.flatnonzero(at < parameters.end_micros - DAY))
    begun = at_least(rng, 0.001, 1, np.arange(count))
    record = np.concatenate([np.arange(count), again, begun])
    copy = np.repeat([0, 1, -1], [count, len(again), len(begun)])
    pulled = at[record] // DAY + (copy == 1)
    order = np.lexsort((copy, record, at[record], pulled))
    record, copy, pulled = record[order], copy[order], pulled[order]
    ids = hex_ids(rng, count, digits=24)
    prompts = _prompt_ids(parameters, chunk, world, responses)
    records = _records(world, responses, ids, prompts)
    empty = hex_ids(rng, len(begun), digits=24).to_pylist()
    unfinished = dict(zip(begun.tolist(), empty, strict=True))
    written = [
        records[r] if c >= 0 else {**records[r], "_id": unfinished[r], "answers": None}
        for r, c in zip(record.tolist(), copy.tolist(), strict=True)
    ]
    file, files, line = out.append(pulled, written)
    customer = responses["customer"].to_numpy()[record]
    is_internal, is_erased = world.people.flags(customer)
    reason = judge(
        Marks(
            record=record,
            received=at[record],
            is_quarantined=copy < 0,
            is_test=is_internal,
            is_erased=is_erased,
        )
    )
    truth.add_received(
        "zigpoll",
        "responses",
        received=at[record],
        key=pa.array([f"{w['_id']}#{c}" for w, c in zip(written, copy, strict=True)]),
        reason=reason,
        file=file,
        files=files,
        line=line,
    )
    _record_surveys(world, responses, prompts, truth)
    is_kept = np.zeros(len(world.decisions), dtype=bool)
    decision = responses["decision"].to_numpy()[record]
    is_complaint = responses["choice"].to_numpy()[record] == NOT_RELEVANT
    is_about_insight = (reason == KEPT) & (decision >= 0)
    is_kept[decision[is_about_insight & ~is_complaint]] = True
    complained = np.unique(decision[is_about_insight & is_complaint])
    truth.add("complaints", pa.table({"decision_id": world.decision_ids.take(complained)}))
    return is_kept


def participant_ids(world: World) -> pa.Array:
    """Give each customer's browser as Zigpoll calls it."""
    rng = stream(world.people.first, 0, "participants")
    return hex_ids(rng, world.people.count, digits=16, prefix="zp")


def _prompt_ids(
    parameters: SimulationParameters, chunk: int, world: World, responses: pd.DataFrame
) -> list[str]:
    """Name the invitation that each response answers."""
    rng = stream(parameters.seed, chunk, "prompts")
    prompt, decision = responses["prompt"].to_numpy(), responses["decision"].to_numpy()
    names = hex_ids(rng, int(prompt.max(initial=-1)) + 1, digits=16, prefix="sv_").to_pylist()
    decisions: list[str] = world.decision_ids.to_pylist()
    return [
        f"pr_{decisions[about]}" if about >= 0 else names[number]
        for about, number in zip(decision.tolist(), prompt.tolist(), strict=True)
    ]


def _records(
    world: World, responses: pd.DataFrame, ids: pa.Array, prompts: list[str]
) -> list[dict[str, Any]]:
    """Lay out responses as the endpoint returns them."""
    participants = participant_ids(world).to_pylist()
    refs = world.people.refs.to_pylist()
    decision_ids: list[str] = world.decision_ids.to_pylist()
    created = iso(responses["at"].to_numpy()).to_pylist()
    invited = iso(responses["invited"].to_numpy()).to_pylist()
    names = ("customer", "instrument", "decision", "question", "choice", "is_answered")
    columns = [responses[name].tolist() for name in names]
    out = []
    for (
        response_id,
        prompt,
        when,
        asked,
        customer,
        instrument,
        decision,
        question,
        choice,
        is_answered,
    ) in zip(ids.to_pylist(), prompts, created, invited, *columns, strict=True):
        answer = _answer(instrument, choice)
        insight = decision_ids[decision] if decision >= 0 else None
        slide = QUESTIONS[question] if question >= 0 else "1"
        out.append(
            {
                "_id": response_id,
                "createdAt": f"{when[:23]}Z",
                "accountId": _ACCOUNT,
                "pollId": _POLLS[instrument],
                "slideId": f"slide_{INSTRUMENTS[instrument]}_{slide}",
                "participantId": participants[customer],
                "response": answer["title"] if is_answered else None,
                "answers": [answer] if is_answered else [],
                "metadata": {
                    "customer_ref": refs[customer],
                    "insight_id": insight,
                    "decision_id": insight,
                    "prompt_id": prompt,
                    "instrument": INSTRUMENTS[instrument],
                    "invited_at": f"{asked[:23]}Z",
                },
            }
        )
    return out


def _answer(instrument: int, choice: int) -> dict[str, Any]:
    """Give one entry of `answers`."""
    if instrument == MICRO:
        title = ("No", "Yes", "Not relevant to me")[choice]
        return {"title": title, "value": None, "handle": ("no", "yes", "not_relevant")[choice]}
    if instrument == EXIT:
        return {"title": EXIT_TEXTS[choice][0], "value": None, "handle": None}
    stars = choice + 1
    return {"title": str(stars), "value": stars, "handle": f"stars_{stars}"}


def _record_surveys(
    world: World, responses: pd.DataFrame, prompts: list[str], truth: Truth
) -> None:
    """Record what genuine customers were asked, but for the question under an insight."""
    customer = responses["customer"].to_numpy()
    instrument = responses["instrument"].to_numpy()
    chosen = np.flatnonzero((instrument != MICRO) & world.people.is_genuine[customer])
    some = responses.iloc[chosen]
    choice, is_exit = some["choice"].to_numpy(), (some["instrument"] == EXIT).to_numpy()
    score = np.where(is_exit, 0, choice + 1)
    about = np.array([theme for _, theme in EXIT_TEXTS])
    truth.add(
        "surveys",
        survey_rows(
            prompt=pa.array([prompts[place] for place in chosen.tolist()], pa.string()),
            customer_ref=world.people.refs.take(pa.array(customer[chosen])),
            instrument=pick(INSTRUMENTS, some["instrument"]),
            question=pick(QUESTIONS, some["question"]),
            invited=some["invited"].to_numpy(),
            answered=np.where(some["is_answered"], some["at"], -1),
            true_score=score,
            answer=score,
            theme=np.where(is_exit, about[np.where(is_exit, choice, 0)], -1),
        ),
    )


def _envelope(page: Page) -> dict[str, Any]:
    """Lay out one page."""
    return {
        "data": page.records,
        "hasNextPage": not page.is_last,
        "endCursor": None if page.is_last else page.cursor,
    }
