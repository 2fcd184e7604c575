"""What befalls product events on their way into Amplitude's export."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.deliveries import Habits, deliver
from simulation.parameters import DAY, HOUR, MINUTE, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Bools, at_least, between, chance, stream
from simulation.reasons import Marks, judge
from simulation.sessions import LIFETIME

SLA = 168 * HOUR
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


def add_zombies(parameters: SimulationParameters, chunk: int, events: pd.DataFrame) -> pd.DataFrame:
    """Let clients whose session has expired go on emitting, with insert ids of their own."""
    rng = stream(parameters.seed, chunk, "zombies")
    able = (events["session"] >= 0) & events["is_logged_in"] & ~events["is_bot"]
    is_plain = (events["prompt"] < 0) & (events["scope"] < 0)
    chosen = at_least(rng, 0.005, 3, np.flatnonzero(able & is_plain))
    zombies = events.iloc[chosen].copy()
    overtime = between(rng, 12 * MINUTE, 6 * HOUR, len(chosen))
    zombies["at"] = zombies["at"] + LIFETIME + overtime
    zombies["is_expired"] = True
    return pd.concat([events, zombies], ignore_index=True)


def deliver_events(
    parameters: SimulationParameters, chunk: int, events: pd.DataFrame
) -> pd.DataFrame:
    """Draw the rows of the export in order of receipt.

    Args:
        parameters: The company.
        chunk: Number of the chunk.
        events: Clean events with is_bot, is_stealth, is_expired.

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
    rows["is_stealth_bot"] = events["is_stealth"].to_numpy()[record]
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
    return judge(
        Marks(
            record=record,
            received=received,
            is_quarantined=rows["fault"].to_numpy() != SOUND,
            is_bot=events["is_bot"].to_numpy()[record] & shown,
            is_test=is_internal,
            is_expired=events["is_expired"].to_numpy()[record] & shown,
            is_stale=received - rows["event_time"].to_numpy() > SLA,
            is_erased=is_erased,
        )
    )


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
