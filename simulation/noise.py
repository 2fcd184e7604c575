"""What befalls product events on their way into Amplitude's export."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.bots import BREEDS, STEALTHY
from simulation.deliveries import Habits, deliver
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Bools, at_least, between, chance, stream
from simulation.reasons import Marks, judge
from simulation.sessions import LIFETIME

SLA = 168 * HOUR
ZOMBIE_AFTER = 12 * HOUR
_ZOMBIE_EVENTS = 3
_BOTS = tuple(breed.name for breed in BREEDS)
_SESSION_FAULTS = ("expired", "zombie")
_TESTERS = ("customer", "device")
FIRST, REPEAT, RETRY = range(3)
SOUND, TRUNCATED, NO_DEVICE, NO_INSERT_ID, WRONG_APP, WRONG_TIME, FUTURE = range(7)
_BROKEN = (TRUNCATED, NO_DEVICE, NO_INSERT_ID, WRONG_APP, WRONG_TIME)
_HABITS = Habits(
    usual=(3 * SECOND, 50 * SECOND),
    late_share=0.02,
    late=(HOUR, 160 * HOUR),
    stale_share=0.002,
    stale=(170 * HOUR, 15 * DAY),
    copy_share=0.02,
    copy=(2 * MINUTE, 10 * DAY),
)


@dataclass(frozen=True)
class Faults:
    """What each clean event suffers: fault code, a retried upload, the client clock's error."""

    code: Array
    is_retried: Bools
    clock: Array


def add_overtime(
    parameters: SimulationParameters, chunk: int, events: pd.DataFrame
) -> pd.DataFrame:
    """Let clients go on after their session's end, with insert ids of their own.

    Returns:
        The events and these, with `is_expired` (past the end that the event names) and `is_zombie`
        (half a day into a session whose end the client forgot).
    """
    rng = stream(parameters.seed, chunk, "overtime")
    able = (events["session"] >= 0) & events["is_logged_in"] & (events["breed"] < 0)
    is_plain = np.flatnonzero(able & (events["prompt"] < 0) & (events["scope"] < 0))
    expired = events.iloc[at_least(rng, 0.005, 3, is_plain)].copy()
    expired["at"] += LIFETIME + between(rng, 12 * MINUTE, 6 * HOUR, len(expired))
    undead = at_least(rng, 0.0006, 2, is_plain)
    zombies = events.iloc[np.repeat(undead, _ZOMBIE_EVENTS)].copy()
    zombies["at"] += between(rng, ZOMBIE_AFTER + HOUR, 3 * DAY, len(zombies))
    zombies["decision"] = NOBODY
    return pd.concat(
        [
            events.assign(is_expired=False, is_zombie=False),
            expired.assign(is_expired=True, is_zombie=False),
            zombies.assign(is_expired=False, is_zombie=True),
        ],
        ignore_index=True,
    )


def deliver_events(
    parameters: SimulationParameters, chunk: int, events: pd.DataFrame
) -> pd.DataFrame:
    """Draw the rows of the export in order of receipt.

    Args:
        parameters: The company.
        chunk: Number of the chunk.
        events: Clean events with breed, is_expired, is_zombie.

    Returns:
        One row a received row: record (position in events), copy, fault, received and the other
        clocks (microseconds), and the truth flags.
    """
    rng = stream(parameters.seed, chunk, "noise")
    at = events["at"].to_numpy()
    faults = _draw_faults(rng, len(events))
    arrived = deliver(rng, at, _HABITS, spared=(faults.code != SOUND) | faults.is_retried)
    retried = np.flatnonzero(faults.is_retried)
    first = arrived.received[retried]
    rows = pd.DataFrame(
        {
            "record": np.concatenate([arrived.record, retried]),
            "copy": np.concatenate([arrived.copy, np.full(len(retried), RETRY)]),
            "received": np.concatenate(
                [arrived.received, first + between(rng, 2 * SECOND, 40 * SECOND, len(retried))]
            ),
            "is_late": np.concatenate([arrived.is_late, np.zeros(len(retried), dtype=bool)]),
        }
    )
    rows["fault"] = faults.code[rows["record"].to_numpy()]
    _set_clocks(rng, rows, at, faults)
    inside = rows["received"].to_numpy() < parameters.end_micros
    rows = rows[inside].sort_values(["received", "record", "copy"], kind="stable")
    rows = rows.reset_index(drop=True)
    record = rows["record"].to_numpy()
    rows["is_near_duplicate"] = (rows["copy"] == RETRY).to_numpy()
    rows["is_clock_error"] = faults.clock[record] != 0
    return rows


def judge_events(
    rows: pd.DataFrame,
    people: People,
    events: pd.DataFrame,
    has_properties: Bools | None = None,
) -> Array:
    """Give each row's reason code; rows may include a scenario's.

    A row without its properties shows neither user agent nor expiry.
    """
    shown = np.ones(len(rows), dtype=bool) if has_properties is None else has_properties
    record = rows["record"].to_numpy()
    is_internal, is_erased = people.flags(events["customer"].to_numpy()[record])
    received = rows["received"].to_numpy()
    breed = events["breed"].to_numpy()[record]
    return judge(
        Marks(
            record=record,
            received=received,
            is_quarantined=rows["fault"].to_numpy() != SOUND,
            # A stealthy machine shows nothing by which to know it.
            is_bot=(breed >= 0) & (breed != BREEDS.index(STEALTHY)) & shown,
            is_test=is_internal,
            is_expired=events["is_expired"].to_numpy()[record] & shown
            | events["is_zombie"].to_numpy()[record],
            is_stale=received - rows["event_time"].to_numpy() > SLA,
            is_erased=is_erased,
        )
    )


def label_events(rows: pd.DataFrame, people: People, events: pd.DataFrame) -> pd.DataFrame:
    """Say what each row really is, whatever reason wins.

    Returns:
        Texts, None where nothing is to say: `bot` (how the machine could be known),
        `session_fault`, `tester` (known as a customer, or only by the device).
    """
    event = events.iloc[rows["record"].to_numpy()]
    is_internal, _ = people.flags(event["customer"].to_numpy())
    is_rig = people.is_rig[event["device"].to_numpy()] & ~event["is_logged_in"].to_numpy()
    fault = np.where(event["is_zombie"], 1, np.where(event["is_expired"], 0, NOBODY))
    return pd.DataFrame(
        {
            "bot": _named(_BOTS, event["breed"].to_numpy()),
            "session_fault": _named(_SESSION_FAULTS, fault),
            "tester": _named(_TESTERS, np.where(is_internal, is_rig.astype(int), NOBODY)),
        }
    )


def _named(names: tuple[str, ...], codes: Array) -> Array:
    """Turn codes into their names; NOBODY into None."""
    return np.array([*names, None], dtype=object)[codes]


def _draw_faults(rng: np.random.Generator, count: int) -> Faults:
    """Draw disjoint sets of broken, future and retried events, and clocks that are off."""
    everything = np.arange(count, dtype=np.int64)
    code = np.zeros(count, dtype=np.int8)
    broken = at_least(rng, 0.0005, 2 * len(_BROKEN), everything)
    code[broken] = np.resize(_BROKEN, len(broken))
    future = at_least(rng, 0.0002, 2, np.flatnonzero(code == SOUND))
    code[future] = FUTURE
    is_retried = np.zeros(count, dtype=bool)
    is_retried[at_least(rng, 0.003, 3, np.flatnonzero(code == SOUND))] = True
    clock = np.zeros(count, dtype=np.int64)
    skewed = at_least(rng, 0.01, 3, np.flatnonzero(code == SOUND))
    clock[skewed] = between(rng, HOUR, 72 * HOUR, len(skewed)) * np.where(
        chance(rng, 0.5, len(skewed)), 1, -1
    )
    return Faults(code, is_retried, clock)


def _set_clocks(rng: np.random.Generator, rows: pd.DataFrame, at: Array, faults: Faults) -> None:
    """Set the clocks so that the vendor's rule holds exactly.

    Its event time is the client's plus (server received - client upload), when they differ by a
    minute or more. A client whose clock is off therefore uploads at "server received + error".
    """
    count = len(rows)
    record = rows["record"].to_numpy()
    error = faults.clock[record]
    event_time = at[record].copy()
    server_received = rows["received"].to_numpy() - between(rng, 500_000, 1_800_000, count)
    network = np.where(error == 0, between(rng, 50_000, 600_000, count), 0)
    is_future = rows["fault"].to_numpy() == FUTURE
    ahead = between(rng, 10 * MINUTE, 3 * DAY, count)
    event_time[is_future] = (rows["received"].to_numpy() + ahead)[is_future]
    rows["event_time"] = event_time
    rows["client_event"] = event_time + error
    rows["client_upload"] = server_received - network + error
    rows["server_received"] = server_received
