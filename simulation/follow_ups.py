"""Flows given up, who is reminded of them by lot alone, and who takes them up again."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.company import CHANNELS, FLOWS, PLAN, STEPS
from simulation.control import FOREVER
from simulation.flow_runs import IDLE, left_runs, run_flow, wrong
from simulation.flows import known_sessions
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Ints, at_least, between, chance, stream
from simulation.sessions import DIRECT, ORDINARY, frame

ARMS = ("triggered", "generic", "holdout")
TRIGGERED, GENERIC, HELD_OUT = range(len(ARMS))
PROGRAMME_DAY = 12
_IN_PROGRAMME = 0.85
ARM_SHARES = (0.48, 0.32, 0.20)
_CHANNEL_SHARES = (0.5, 0.38, 0.0, 0.12)
_SELF_RETURN = 0.14
# What a message adds to the chance to come back.
_PULL = np.array([0.28, 0.06, 0.0])
_ORIGINS = (1, 2, 3, 4)


@dataclass(frozen=True)
class FollowUps:
    """What the follow-up programme makes of a chunk.

    Args:
        arm: Arm by customer and flow, NOBODY outside the programme.
        assigned_at: Microseconds of the assignment, by customer and flow.
        sessions: Sessions of those who come back, and of the last evening.
        events: Savings plans, runs taken up again, and those of the last evening.
        reminders: One row a message: customer, flow, instance, at, channel, is_triggered, and what
            it names: cents, step (NOBODY = nothing).
    """

    arm: Array
    assigned_at: Ints
    sessions: pd.DataFrame
    events: pd.DataFrame
    reminders: pd.DataFrame


def make_follow_ups(
    parameters: SimulationParameters,
    chunk: int,
    people: People,
    *,
    sessions: pd.DataFrame,
    events: pd.DataFrame,
    settings: pd.DataFrame,
) -> FollowUps:
    """Draw savings plans, then what becomes of every run that was left.

    Args:
        parameters: The company.
        chunk: Number of the chunk.
        people: Its customers.
        sessions: All sessions so far; the position equals the number.
        events: The events so far.
        settings: Setting changes; nobody is reminded over a channel that is off.
    """
    rng = stream(parameters.seed, chunk, "follow_ups")
    arm, assigned_at = _assign(rng, parameters, people)
    planned = _plans(rng, sessions)
    left = left_runs(pd.concat([events, *planned], ignore_index=True))
    customer, flow = left["customer"].to_numpy(), left["flow"].to_numpy()
    idle = left["left_at"].to_numpy() + IDLE
    left["arm"] = np.where(assigned_at[customer, flow] < idle, arm[customer, flow], NOBODY)
    back = _alone(rng, left["left_at"].to_numpy())
    reminders = _remind(rng, left.assign(back=back), _switched_off(settings, people.count))
    pulled = reminders["at"].to_numpy() + between(rng, 5 * MINUTE, 2 * DAY, len(reminders))
    is_pulled = chance(rng, _PULL[left["arm"].to_numpy()[reminders["run"]]], len(reminders))
    origin = np.full(len(left), DIRECT)
    run = reminders["run"].to_numpy()
    sooner = is_pulled & (pulled < back[run])
    origin[run[sooner]] = np.array(_ORIGINS)[reminders["channel"].to_numpy()[sooner]]
    back[run[sooner]] = pulled[sooner]
    ends = np.minimum(people.column("active_until")[customer], parameters.end_micros)
    returned = left.assign(at=back, origin=origin)[back < ends]
    again, resumed = _return(rng, people, returned, first_session=len(sessions))
    last, evening = _last_evening(rng, parameters, people, first_session=len(sessions) + len(again))
    new_sessions = pd.concat([again, last])
    made = pd.concat([*planned, *resumed, *evening], ignore_index=True)
    known = pd.concat([sessions, new_sessions])
    number = made["session"].to_numpy()
    made["device"] = known["device"].to_numpy()[number]
    made["platform"] = known["platform"].to_numpy()[number]
    made["is_logged_in"] = True
    inside = made["at"].to_numpy() < parameters.end_micros
    sent = reminders[reminders["at"] < ends[run]].drop(columns="run").reset_index(drop=True)
    return FollowUps(arm, assigned_at, new_sessions, made[inside], sent)


def _assign(
    rng: np.random.Generator, parameters: SimulationParameters, people: People
) -> tuple[Array, Ints]:
    """Draw who is in the programme of each flow, in which arm, and since when."""
    shape = (people.count, len(FLOWS))
    arm = rng.choice(len(ARMS), shape, p=ARM_SHARES)
    is_in = rng.random(shape) < _IN_PROGRAMME
    begins = parameters.start_micros + PROGRAMME_DAY * DAY
    settled = people.column("signed_up_at")[:, None] + rng.integers(
        HOUR, 9 * HOUR, shape, dtype=np.int64
    )
    return np.where(is_in, arm, NOBODY), np.maximum(begins, settled)


def _plans(rng: np.random.Generator, sessions: pd.DataFrame) -> list[pd.DataFrame]:
    """Give the savings plans that people begin in ordinary sessions."""
    begun = at_least(rng, 0.06, 2, known_sessions(sessions))
    start = sessions["start"].to_numpy()[begun]
    return run_flow(
        rng,
        PLAN,
        customer=sessions["customer"].to_numpy()[begun],
        session=begun,
        start=start + between(rng, 15 * SECOND, 90 * SECOND, len(begun)),
        cents=rng.integers(5, 120, len(begun)) * 5_000,
        goes_on=0.75,
    )


def _alone(rng: np.random.Generator, left_at: Ints) -> Ints:
    """Draw when people come back of their own accord; FOREVER where they do not."""
    count = len(left_at)
    wait = np.where(
        chance(rng, 0.5, count),
        between(rng, 40 * MINUTE, 9 * HOUR, count),
        between(rng, 9 * HOUR, 6.5 * DAY, count),
    )
    back: Ints = np.where(chance(rng, _SELF_RETURN, count), left_at + wait, FOREVER)
    return back


def _switched_off(settings: pd.DataFrame, customers: int) -> Array:
    """Give, by customer and channel, since when it is off (FOREVER = on)."""
    off = np.full((customers, len(CHANNELS)), FOREVER)
    some = settings[settings["channel"] >= 0]
    np.minimum.at(
        off, (some["customer"].to_numpy(), some["channel"].to_numpy()), some["at"].to_numpy()
    )
    return off


def _remind(rng: np.random.Generator, left: pd.DataFrame, off: Array) -> pd.DataFrame:
    """Draw the messages about left runs; half of them go out though people are back by then.

    Some are late, some name a wrong sum or a step already taken, as happens.
    """
    count = len(left)
    is_triggered = (left["arm"] == TRIGGERED).to_numpy()
    is_meant = is_triggered | (left["arm"] == GENERIC).to_numpy()
    usual = between(rng, HOUR, 20 * HOUR, count)
    wait = np.where(chance(rng, 0.1, count), between(rng, 26 * HOUR, 50 * HOUR, count), usual)
    wait = np.where(is_triggered, wait, between(rng, 40 * HOUR, 90 * HOUR, count))
    at = left["left_at"].to_numpy() + IDLE + wait
    channel = rng.choice(len(CHANNELS), count, p=_CHANNEL_SHARES)
    is_needed = (at < left["back"].to_numpy()) | chance(rng, 0.5, count)
    is_allowed = at < off[left["customer"].to_numpy(), channel]
    is_sent = is_meant & is_needed & is_allowed & chance(rng, 0.96, count)
    step = left["step"].to_numpy()
    following = np.where(step >= 0, step + 1, left["flow"].to_numpy() * STEPS)
    cents = left["cents"].to_numpy()
    named = wrong(rng, 0.06, following, np.maximum(step, left["flow"].to_numpy() * STEPS))
    reminders = pd.DataFrame(
        {
            "run": np.arange(count),
            "customer": left["customer"],
            "flow": left["flow"],
            "instance": left["instance"],
            "at": at,
            "channel": channel,
            "is_triggered": is_triggered,
            "cents": np.where(is_triggered & (cents >= 0), wrong(rng, 0.08, cents, cents * 2), -1),
            "step": np.where(is_triggered, named, NOBODY),
        }
    )
    sent: pd.DataFrame = reminders[is_sent].reset_index(drop=True)
    return sent


def _return(
    rng: np.random.Generator, people: People, returned: pd.DataFrame, *, first_session: int
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Let people come back in a session of its own and finish what they had left."""
    customer = returned["customer"].to_numpy()
    sessions = _sessions(
        people, customer, returned["at"].to_numpy(), returned["origin"].to_numpy(), first_session
    )
    number, cents = sessions.index.to_numpy(), returned["cents"].to_numpy()
    anew = rng.integers(10, 300, len(cents)) * 10_000
    parts = []
    for flow in range(len(FLOWS)):
        of_flow = (returned["flow"] == flow).to_numpy()
        parts += run_flow(
            rng,
            flow,
            customer=customer[of_flow],
            session=number[of_flow],
            start=returned["at"].to_numpy()[of_flow] + 10 * SECOND,
            cents=np.where(cents < 0, anew, cents)[of_flow],
            goes_on=1.0,
        )
    return sessions, parts


def _last_evening(
    rng: np.random.Generator,
    parameters: SimulationParameters,
    people: People,
    *,
    first_session: int,
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Let some leave a flow on the last day, so that a company of any size owes follow-ups."""
    here = (people.column("active_until") >= parameters.end_micros) & people.is_genuine
    customer = at_least(rng, 0.004, 14, np.flatnonzero(here))
    start = parameters.end_micros - between(rng, 3 * HOUR, 14 * HOUR, len(customer))
    sessions = _sessions(people, customer, start, np.full(len(customer), DIRECT), first_session)
    flow = rng.integers(0, len(FLOWS), len(customer))
    parts = []
    for code in range(len(FLOWS)):
        of_flow = flow == code
        parts += run_flow(
            rng,
            code,
            customer=customer[of_flow],
            session=sessions.index.to_numpy()[of_flow],
            start=start[of_flow] + 10 * SECOND,
            cents=rng.integers(10, 300, int(of_flow.sum())) * 10_000,
            goes_on=1.0,
            last_step=2,
        )
    return sessions, parts


def _sessions(
    people: People, customer: Ints, start: Ints, origin: Array, first_session: int
) -> pd.DataFrame:
    """Lay out sessions on people's own devices."""
    sessions = frame(
        people,
        customer=customer,
        start=start,
        device=people.column("app_device")[customer],
        origin=origin,
        purpose=ORDINARY,
    )
    sessions.index = pd.RangeIndex(first_session, first_session + len(sessions))
    return sessions
