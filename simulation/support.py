"""Tickets that customers open and how satisfied they say they were."""

import numpy as np
import pandas as pd

from simulation.company import FEATURES
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.randomness import Array, Ints, at_least, between, chance, stream
from simulation.world import World

STATUSES = ("new", "open", "solved", "deleted")
NEW, OPEN, SOLVED, DELETED = range(4)
SURVEY_DAY = 200
_TICKETS_PER_DAY = 0.0028


def make_tickets(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Draw tickets: customer, theme, created, opened, solved, reopened, deleted (NEVER = -1).

    The first ticket of each customer always names them, so that their requester id is known; of
    the later ones some do not. Times are whole seconds, in microseconds.
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
    # Whoever switches a feature off at times complains about it as well.
    tickets = pd.DataFrame(
        {
            "customer": np.concatenate([customer, upset["customer"].to_numpy()]),
            "created": np.concatenate([created, upset["at"].to_numpy() + 10 * MINUTE]),
            "feature": np.concatenate(
                [
                    np.where(
                        chance(rng, 0.3, len(customer)),
                        rng.integers(0, len(FEATURES), len(customer)),
                        NOBODY,
                    ),
                    upset["feature"].to_numpy(),
                ]
            ),
            "theme": np.concatenate(
                [rng.integers(4, 10, len(customer)), rng.integers(0, 4, len(upset))]
            ),
        }
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
        ("solved", SOLVED),
        ("reopened", OPEN),
        ("solved_again", SOLVED),
        ("deleted", DELETED),
    )
    return _versions(tickets, steps)


def draw_ratings(
    parameters: SimulationParameters, chunk: int, tickets: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw satisfaction: legacy ratings of tickets solved before day 200, survey answers after.

    Returns:
        Versions of ratings (ticket, status 0 offered / 1 rated, at) and of survey responses
        (ticket, status 0 first / 1 edited, at).
    """
    rng = stream(parameters.seed, chunk, "ratings")
    solved = tickets["solved"].to_numpy()
    is_old = solved < parameters.start_micros + SURVEY_DAY * DAY
    offered = np.where(is_old, _later(rng, solved, HOUR, 3 * HOUR, 0.6), NOBODY)
    rated = _later(rng, offered, HOUR, DAY, 0.45)
    answered = np.where(is_old, NOBODY, _later(rng, solved, HOUR, DAY, 0.3))
    edited = _later(rng, answered, 5 * MINUTE, 5 * HOUR, 0.1)
    times = pd.DataFrame(
        {"offered": offered, "rated": rated, "answered": answered, "edited": edited}
    )
    return (
        _versions(times, (("offered", 0), ("rated", 1))),
        _versions(times, (("answered", 0), ("edited", 1))),
    )


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
