"""Tickets that customers open and how satisfied they say they were."""

import numpy as np
import pandas as pd

from simulation.company import (
    CHALLENGE_MODEL,
    CHALLENGE_SURGE_DAY,
    FEATURE_IDS,
    FIRST_SCENARIO,
    MODEL_VERSIONS,
    RELEASES,
    TIRING_MODEL,
)
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.randomness import Array, Ints, at_least, between, chance, stream
from simulation.surveys import ANSWER_SHARE
from simulation.ticket_texts import INVASIVE, NOISY, OTHER, UNWANTED
from simulation.world import World

STATUSES = ("new", "open", "solved", "deleted")
NEW, OPEN, SOLVED, DELETED = range(4)
SURVEY_DAY = 200
_TICKETS_PER_DAY = 0.0028
# Days after the tiring model's release on which complaints of one kind pour in.
_SPIKE_DAYS = (2, 3)
_SPIKE_SHARE = 0.004
_SPIKE_LEAST = 9
# Share of the challenge's insights complained of, in the first days of its surge and later.
_NUISANCE_DAYS = 12
_NUISANCE_SHARES = (0.04, 0.002)


def make_tickets(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Draw tickets: customer, theme, and when each was created, opened, replied to and so on.

    The first ticket of each customer always names them, so that their requester id is known; of
    the later ones some do not. Times are whole seconds, in microseconds; NEVER = -1.
    """
    rng = stream(parameters.seed, chunk, "tickets")
    people = world.people
    begins, ends = people.column("active_from"), people.column("active_until")
    days = np.maximum(ends - begins, 0) / DAY
    number = np.maximum(rng.poisson(_TICKETS_PER_DAY * days), people.is_internal.astype(int))
    customer = np.repeat(np.arange(people.count), number)
    created = begins[customer] + ((ends - begins)[customer] * rng.random(len(customer))).astype(
        np.int64
    )
    offs = world.settings[world.settings["scope"] < 2]
    upset = offs.iloc[at_least(rng, 0.15, 1, np.arange(len(offs)))]
    feature = np.where(
        chance(rng, 0.3, len(customer)), rng.integers(0, FIRST_SCENARIO, len(customer)), NOBODY
    )
    # Whoever switches a feature off at times complains about it as well.
    tickets = pd.concat(
        [
            _rows(customer, created, feature, OTHER),
            _rows(
                upset["customer"].to_numpy(),
                upset["at"].to_numpy() + 10 * MINUTE,
                upset["feature"].to_numpy(),
                rng.integers(0, OTHER, len(upset)),
            ),
            _grumbles(parameters, chunk, world),
            _spike(parameters, chunk, world),
            _nuisance(parameters, chunk, world),
        ],
        ignore_index=True,
    )
    tickets["created"] = tickets["created"] // SECOND * SECOND
    tickets = tickets.sort_values(["created", "customer"], kind="stable", ignore_index=True)
    count = len(tickets)
    is_first = ~tickets["customer"].duplicated().to_numpy()
    tickets["names_customer"] = is_first | chance(rng, 0.8, count)
    tickets["is_first"] = is_first
    at = tickets["created"].to_numpy()
    opened = _later(rng, at, 10 * MINUTE, 8 * HOUR, 0.97)
    solved = _later(rng, opened, 2 * HOUR, 4 * DAY, 0.92)
    reopened = _later(rng, solved, HOUR, 2 * DAY, 0.08)
    solved_again = _later(rng, reopened, 2 * HOUR, 2 * DAY, 0.9)
    tickets["opened"], tickets["solved"] = opened, solved
    tickets["replied"] = _replies(parameters, chunk, created=at, opened=opened, solved=solved)
    tickets["reopened"], tickets["solved_again"] = reopened, solved_again
    tickets["deleted"] = np.where(
        (solved >= 0) & (reopened < 0), _later(rng, solved, 3 * DAY, 9 * DAY, 0.02), NOBODY
    )
    return tickets


def ticket_versions(tickets: pd.DataFrame) -> pd.DataFrame:
    """Give one row a version: ticket (position), status, at."""
    steps = (
        ("created", NEW),
        ("opened", OPEN),
        ("replied", OPEN),
        ("solved", SOLVED),
        ("reopened", OPEN),
        ("solved_again", SOLVED),
        ("deleted", DELETED),
    )
    return _versions(tickets, steps)


def draw_ratings(
    parameters: SimulationParameters, chunk: int, tickets: pd.DataFrame
) -> pd.DataFrame:
    """Draw satisfaction with each ticket: legacy ratings if solved before day 200, else surveys.

    Returns:
        Per ticket what it would be rated (`score`, 1 to 5), whether by the legacy form (`is_old`)
        and when it was `offered`, `answered` and `edited` (NEVER = -1); an edit takes a point off.
    """
    rng = stream(parameters.seed, chunk, "satisfaction")
    count = len(tickets)
    solved = tickets["solved"].to_numpy()
    wait = np.where(solved >= 0, solved - tickets["created"].to_numpy(), 0) / DAY
    is_theme = (tickets["theme"] < OTHER).to_numpy()
    mood = rng.normal(4.4, 0.9, count) - 0.25 * wait - 1.2 * is_theme
    score = np.clip(np.rint(mood), 1, 5).astype(np.int64)
    is_old = solved < parameters.start_micros + SURVEY_DAY * DAY
    offered = _later(rng, solved, HOUR, 3 * HOUR, 0.6)
    answered = np.where(
        chance(rng, ANSWER_SHARE[score - 1], count), _later(rng, offered, HOUR, DAY, 1.0), NOBODY
    )
    edited = np.where(is_old, NOBODY, _later(rng, answered, 5 * MINUTE, 5 * HOUR, 0.1))
    return pd.DataFrame(
        {
            "score": score,
            "is_old": is_old,
            "offered": offered,
            "answered": answered,
            "edited": edited,
        }
    )


def rating_versions(ratings: pd.DataFrame) -> pd.DataFrame:
    """Give one row a version: ticket (position), status 0 offered / 1 answered / 2 edited, at."""
    return _versions(ratings, (("offered", 0), ("answered", 1), ("edited", 2)))


def _rows(customer: Ints, created: Array, feature: Array, theme: Ints | int) -> pd.DataFrame:
    """Lay out tickets as they come in."""
    rows = pd.DataFrame({"customer": customer, "created": created, "feature": feature})
    rows["theme"] = np.asarray(theme)
    return rows.astype(np.int64)


def _grumbles(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Draw complaints about an insight by people who leave the feature on."""
    rng = stream(parameters.seed, chunk, "grumbles")
    served = np.flatnonzero((world.decisions["served"] >= 0).to_numpy())
    some = world.decisions.iloc[at_least(rng, 0.002, 6, served)]
    created = some["served"].to_numpy() + between(rng, 5 * MINUTE, 6 * HOUR, len(some))
    # Not everybody says which feature it was.
    feature = np.where(chance(rng, 0.8, len(some)), some["feature"].to_numpy(), NOBODY)
    rows = _rows(some["customer"].to_numpy(), created, feature, rng.integers(0, OTHER, len(some)))
    return rows[created < parameters.end_micros]


def _spike(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Draw the wave of complaints that the tiring model's release sets off."""
    rng = stream(parameters.seed, chunk, "ticket_spike")
    release = next(r for r in RELEASES if r.release_id.endswith(TIRING_MODEL.replace(".", "_")))
    feature = FEATURE_IDS.index(release.feature_id)
    people = world.people
    parts = []
    for day in _SPIKE_DAYS:
        begin = parameters.start_micros + (release.day + day) * DAY
        is_there = (people.column("active_from") < begin) & (people.column("active_until") > begin)
        if begin + DAY > parameters.end_micros:
            continue
        there = np.flatnonzero(is_there & people.is_genuine)
        customer = at_least(rng, _SPIKE_SHARE, _SPIKE_LEAST, there)
        created = begin + between(rng, 8 * HOUR, 20 * HOUR, len(customer))
        parts.append(_rows(customer, created, np.full(len(customer), feature), INVASIVE))
    nothing = np.zeros(0, dtype=np.int64)
    return pd.concat(parts) if parts else _rows(nothing, nothing, nothing, nothing)


def _nuisance(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Draw complaints of those whom the challenge will not leave in peace."""
    rng = stream(parameters.seed, chunk, "nuisance")
    decisions = world.decisions
    is_pressing = decisions["model"] == MODEL_VERSIONS.index(CHALLENGE_MODEL)
    pressed = decisions[is_pressing & (decisions["served"] >= 0)]
    settled = parameters.start_micros + (CHALLENGE_SURGE_DAY + _NUISANCE_DAYS) * DAY
    share = np.where(pressed["served"].to_numpy() < settled, *_NUISANCE_SHARES)
    some = pressed[chance(rng, share, len(pressed))]
    created = some["served"].to_numpy() + between(rng, 5 * MINUTE, 6 * HOUR, len(some))
    theme = rng.choice((NOISY, UNWANTED), len(some), p=(0.7, 0.3))
    rows = _rows(some["customer"].to_numpy(), created, some["feature"].to_numpy(), theme)
    return rows[created < parameters.end_micros]


def _replies(
    parameters: SimulationParameters, chunk: int, *, created: Ints, opened: Ints, solved: Ints
) -> Array:
    """Draw the first reply to nearly every opened ticket, in whole minutes after its creation."""
    rng = stream(parameters.seed, chunk, "first_replies")
    count = len(created)
    minutes = rng.lognormal(np.log(200), 1.0, count).astype(np.int64)
    # Strictly between the two: versions of one second would be one version.
    latest = np.where(solved >= 0, (solved - created - 1) // MINUTE, minutes)
    earliest = (opened - created) // MINUTE + 1
    replied = created + np.maximum(np.minimum(minutes, latest), earliest) * MINUTE
    return np.where((opened >= 0) & chance(rng, 0.96, count), replied, NOBODY)


def _later(rng: np.random.Generator, at: Ints, low: int, high: int, share: float) -> Array:
    """Draw a whole second after each known time, for a share of them."""
    after = (at + between(rng, low, high, len(at))) // SECOND * SECOND
    return np.where((at >= 0) & chance(rng, share, len(at)), after, NOBODY)


def _versions(frame: pd.DataFrame, steps: tuple[tuple[str, int], ...]) -> pd.DataFrame:
    """Stack the known steps of each row."""
    parts = [
        pd.DataFrame(
            {
                "ticket": np.arange(len(frame)),
                "status": status,
                "step": step,
                "at": frame[column].to_numpy(),
            }
        )
        for step, (column, status) in enumerate(steps)
    ]
    stacked = pd.concat(parts, ignore_index=True)
    stacked = stacked[stacked["at"] >= 0]
    return stacked.sort_values(["ticket", "step"], kind="stable", ignore_index=True)
