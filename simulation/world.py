"""One chunk of the company as it really was, before any export."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.bots import make_bots
from simulation.company import TYPE_CODE
from simulation.control import CAREFUL, draw_control
from simulation.events import exposure_events, exposures, make_events
from simulation.experiment import Arms, assign, wear_out
from simulation.follow_ups import FollowUps, make_follow_ups
from simulation.insights import draw_decisions, draw_habits, draw_returns
from simulation.noise import add_overtime
from simulation.parameters import NOBODY, SimulationParameters
from simulation.people import People, make_people
from simulation.randomness import hex_ids, stream, uuids
from simulation.second_records import register
from simulation.sessions import add_prospects, make_sessions
from simulation.trust_events import draw_answers, make_trust_events
from simulation.verification import is_verified


@dataclass(frozen=True)
class World:
    """What really happened to one chunk of customers.

    Args:
        people: Customers and devices.
        registry: The same customers, then the second records that the bank holds of some.
        arms: Experiment arms.
        sessions: Every session, the position being its number.
        decisions: Decisions taken, numbered from 0, with `decision_ids`.
        first_exposures: First candidate of each customer and feature.
        settings: Setting changes.
        events: Clean product events, those of machines and zombie clients marked.
        insert_ids: The id that the client gave each event.
        follow_ups: The programme that reminds of flows given up.
    """

    people: People
    registry: People
    arms: Arms
    sessions: pd.DataFrame
    decisions: pd.DataFrame
    decision_ids: pa.Array
    first_exposures: pd.DataFrame
    settings: pd.DataFrame
    events: pd.DataFrame
    insert_ids: pa.Array
    follow_ups: FollowUps


def make_world(parameters: SimulationParameters, chunk: int) -> World:
    """Live through the whole period with one chunk of customers."""
    people = make_people(parameters, chunk)
    arms = assign(parameters, chunk, people)
    wear_out(parameters, chunk, people, arms)
    sessions = make_sessions(parameters, chunk, people)
    decisions = draw_decisions(parameters, chunk, sessions, arms)
    parts = [decisions]
    for draw in (draw_returns, draw_habits):
        more, decided = draw(
            parameters, chunk, people, arms, decisions=decisions, first_session=len(sessions)
        )
        sessions = pd.concat([sessions, more])
        parts.append(decided)
    candidates = pd.concat(parts, ignore_index=True)
    is_careful = CAREFUL[candidates["feature"].to_numpy()]
    is_sound = ~is_careful | is_verified(parameters, chunk, people, candidates)
    candidates = candidates[is_sound].reset_index(drop=True)
    control = draw_control(parameters, chunk, people, candidates, first_session=len(sessions))
    prospects = add_prospects(parameters, chunk, people)
    sessions = pd.concat([sessions, control.sessions, prospects], ignore_index=True)

    candidates = candidates[~control.is_withheld]
    candidates = candidates.sort_values(["decided", "customer", "feature"], kind="stable")
    taken = candidates[~candidates["is_holdout"]].reset_index(drop=True)
    taken = draw_answers(parameters, chunk, taken)
    first = exposures(candidates)
    events = make_events(
        parameters,
        chunk,
        people,
        sessions=sessions,
        decisions=taken,
        settings=control.settings,
        others=make_trust_events(
            parameters, chunk, people, arms, sessions=sessions, decisions=taken
        ),
    )
    follow_ups = make_follow_ups(
        parameters, chunk, people, sessions=sessions, events=events, settings=control.settings
    )
    sessions = pd.concat([sessions, follow_ups.sessions], ignore_index=True)
    logged = exposure_events(first)
    logged["device"] = sessions["device"].to_numpy()[logged["session"].to_numpy()]
    logged["platform"] = sessions["platform"].to_numpy()[logged["session"].to_numpy()]
    logged["is_logged_in"] = True
    crawls, crawled = make_bots(
        parameters,
        chunk,
        people,
        human_pages=int((events["type"] == TYPE_CODE["page_viewed"]).sum()),
        first_session=len(sessions),
    )
    events = pd.concat([events, follow_ups.events, logged], ignore_index=True)
    events["breed"] = NOBODY
    events = pd.concat([events, crawled], ignore_index=True)
    events = add_overtime(parameters, chunk, events)
    events = events.sort_values(["at", "device", "type"], kind="stable").reset_index(drop=True)
    return World(
        people,
        register(parameters, chunk, people),
        arms,
        pd.concat([sessions, crawls], ignore_index=True),
        taken,
        hex_ids(stream(parameters.seed, chunk, "decision_ids"), len(taken), digits=16, prefix="de"),
        first,
        control.settings.sort_values(["at", "customer"], kind="stable").reset_index(drop=True),
        events,
        uuids(stream(parameters.seed, chunk, "insert_ids"), len(events)),
        follow_ups,
    )


def merges(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Draw Amplitude's own merges: an anonymous browser user turns out to be a known customer.

    Only of genuine customers, for whom every rule of an ideal pipeline keeps the row.
    """
    people, events = world.people, world.events
    logins = events[(events["type"] == TYPE_CODE["login_completed"]) & ~events["is_expired"]]
    first = logins.drop_duplicates("customer")
    rng = stream(parameters.seed, chunk, "merges")
    customer = first["customer"].to_numpy()
    chosen = people.is_genuine[customer] & (rng.random(len(first)) < 0.25)
    first, customer = first[chosen], customer[chosen]
    at = first["at"].to_numpy() // 1000 * 1000
    rows = pd.DataFrame(
        {
            "amplitude_id": people.column("amplitude_id")[customer],
            "merged_amplitude_id": people.devices["amplitude_id"].to_numpy()[
                first["device"].to_numpy()
            ],
            "at": at,
            "received": at + np.int64(4_000_000),
        }
    )
    return rows[rows["received"] < parameters.end_micros]
