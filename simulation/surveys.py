"""Surveys: under an insight, on leaving a feature, and now and then about the whole."""

import numpy as np
import pandas as pd

from simulation.company import FEATURE_IDS, FORECAST_RELIEF
from simulation.parameters import DAY, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.randomness import Array, Ints, at_least, between, chance, stream
from simulation.ticket_texts import EXIT_TEXTS
from simulation.world import World

INSTRUMENTS = ("micro", "csat", "exit", "driver", "trust")
MICRO, CSAT, EXIT, DRIVER, TRUST = range(5)
# Answers to the question under an insight, after no and yes.
NOT_RELEVANT = 2
QUESTIONS = ("satisfaction", "needs_met", "trust", "experience", "ease")
# Chance that a survey is answered, by what the answer would be (1 to 5): the angry and the
# delighted write, the rest do not care to.
ANSWER_SHARE = np.array([0.60, 0.45, 0.20, 0.25, 0.40])
# What makes people satisfied, in the order of QUESTIONS after the first.
_WEIGHTS = np.array([0.50, 0.32, 0.22, 0.10])
_INTERVALS = ((CSAT, 90), (DRIVER, 120), (TRUST, 150))


def make_responses(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Draw what the survey tool records of a chunk, in order of time.

    Returns:
        customer, instrument, decision and question (NOBODY = none), what the answer would be
        (`choice`, from 0), whether it `is_answered`, when it was `invited` and recorded (`at`),
        both whole milliseconds in microseconds, and `prompt`, which the questions of one survey
        share (NOBODY under an insight).
    """
    decisions = world.decisions
    answered = decisions[decisions["answered"] >= 0]
    micro = pd.DataFrame(
        {
            "customer": answered["customer"].to_numpy(),
            "instrument": MICRO,
            "decision": answered.index.to_numpy(),
            "question": NOBODY,
            "choice": answered["is_yes"].to_numpy().astype(np.int64),
            "is_answered": True,
            "invited": answered["prompted"].to_numpy(),
            "at": answered["answered"].to_numpy(),
            "prompt": NOBODY,
        }
    )
    exits = _exits(parameters, chunk, world)
    pulses = _pulses(parameters, chunk, world, first_prompt=len(exits))
    responses = pd.concat(
        [micro, _complaints(parameters, chunk, micro), exits, pulses], ignore_index=True
    )
    for name in ("invited", "at"):
        responses[name] = responses[name] // 1000 * 1000
    inside = responses["at"] < parameters.end_micros
    order = ["at", "customer", "question"]
    return responses[inside].sort_values(order, kind="stable", ignore_index=True)


def _complaints(parameters: SimulationParameters, chunk: int, micro: pd.DataFrame) -> pd.DataFrame:
    """Let some who found an insight unhelpful say that it had nothing to do with them."""
    rng = stream(parameters.seed, chunk, "complaints")
    unhelped = micro[micro["choice"] == 0]
    some = unhelped.iloc[at_least(rng, 0.06, 2, np.arange(len(unhelped)))]
    complaints: pd.DataFrame = some.assign(
        choice=NOT_RELEVANT, at=some["at"] + between(rng, 4 * SECOND, 20 * SECOND, len(some))
    )
    return complaints


def _exits(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Ask everybody who switches something off in the app why; a quarter says it."""
    rng = stream(parameters.seed, chunk, "surveys")
    offs = world.settings[~world.settings["is_on"] & (world.settings["session"] >= 0)]
    chosen = at_least(rng, 0.25, 1, np.arange(len(offs)))
    is_answered = np.zeros(len(offs), dtype=bool)
    is_answered[chosen] = True
    invited = offs["at"].to_numpy() + 3 * SECOND
    wait = np.where(is_answered, between(rng, 5 * SECOND, 90 * SECOND, len(offs)), 0)
    return pd.DataFrame(
        {
            "customer": offs["customer"].to_numpy(),
            "instrument": EXIT,
            "decision": NOBODY,
            "question": NOBODY,
            "choice": rng.integers(0, len(EXIT_TEXTS), len(offs)),
            "is_answered": is_answered,
            "invited": invited,
            "at": invited + wait,
            "prompt": np.arange(len(offs)),
        }
    )


def _pulses(
    parameters: SimulationParameters, chunk: int, world: World, *, first_prompt: int
) -> pd.DataFrame:
    """Ask everybody now and then how satisfied they are; who answers depends on the answer."""
    rng = stream(parameters.seed, chunk, "pulses")
    people = world.people
    begins, ends = people.column("active_from"), people.column("active_until")
    days = np.maximum(ends - begins, 0) / DAY
    temper = rng.normal(0, 1, people.count)
    relieved = _relieved_at(world)
    parts, prompts = [], first_prompt
    for instrument, interval in _INTERVALS:
        customer = np.repeat(np.arange(people.count), rng.poisson(days / interval))
        count = len(customer)
        span = (ends - begins)[customer]
        invited = begins[customer] + (span * rng.random(count)).astype(np.int64)
        mood = temper[customer] + 2 * FORECAST_RELIEF * (invited >= relieved[customer])
        scores = _scores(rng, instrument, mood if instrument == CSAT else temper[customer])
        answers = chance(rng, ANSWER_SHARE[scores[:, 0] - 1], count)
        # Some give up on the way; who never began was shown the first question only.
        reached = np.where(
            chance(rng, 0.1, count), rng.integers(1, scores.shape[1] + 1, count), scores.shape[1]
        )
        answered_at = invited + between(rng, 10 * SECOND, 4 * MINUTE, count)
        for place in range(scores.shape[1]):
            shown = (reached > place) & (answers | (place == 0))
            parts.append(
                pd.DataFrame(
                    {
                        "customer": customer,
                        "instrument": instrument,
                        "decision": NOBODY,
                        "question": place if instrument == DRIVER else NOBODY,
                        "choice": scores[:, place] - 1,
                        "is_answered": answers,
                        "invited": invited,
                        "at": np.where(answers, answered_at + 5 * SECOND * place, invited),
                        "prompt": prompts + np.arange(count),
                    }
                )[shown]
            )
        prompts += count
    return pd.concat(parts, ignore_index=True)


def _relieved_at(world: World) -> Ints:
    """Give when each first saw which bills are due; long after the end for who never did."""
    first = world.first_exposures
    is_theirs = (first["feature"] == FEATURE_IDS.index("bill_forecast")) & ~first["is_holdout"]
    relieved = np.full(world.people.count, np.iinfo(np.int64).max)
    relieved[first["customer"].to_numpy()[is_theirs]] = first["decided"].to_numpy()[is_theirs]
    return relieved


def _scores(rng: np.random.Generator, instrument: int, temper: Array) -> Ints:
    """Draw what each would answer: shape (surveys, questions), 1 to 5."""
    count = len(temper)
    if instrument == DRIVER:
        drivers = 0.5 * temper[:, None] + 0.85 * rng.normal(0, 1, (count, len(_WEIGHTS)))
        overall = drivers @ _WEIGHTS + 0.5 * rng.normal(0, 1, count)
        mood = 3.6 + np.column_stack([overall, drivers])
    elif instrument == CSAT:
        mood = 4.0 + 0.5 * temper[:, None] + 0.6 * rng.normal(0, 1, (count, 1))
    else:
        # Asked whether they trust, most say yes, whatever they then do.
        mood = 4.3 + 0.6 * rng.normal(0, 1, (count, 1))
    scores: Ints = np.clip(np.rint(mood), 1, 5).astype(np.int64)
    return scores
