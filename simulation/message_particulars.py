"""What messages carry: their content, their cause, and the company's clumsiness in sending them."""

from typing import Any

import numpy as np
import pandas as pd

from simulation.company import CHANNELS
from simulation.message_contents import CONTRARY, MESSAGE_CONTENTS
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND
from simulation.randomness import Array, Ints, at_least, between, chance
from simulation.world import World

PARTICULARS = ("content", "coordination", "trigger", "segment_at", "journey", "cents", "step")
_SHARES = [content.share for content in MESSAGE_CONTENTS]
_DECADES = 40_000 * DAY


def plain(sends: pd.DataFrame) -> pd.DataFrame:
    """Give messages of which nothing more is known."""
    return sends.assign(**dict.fromkeys(PARTICULARS, NOBODY))


def particulars(rng: np.random.Generator, world: World, sends: pd.DataFrame) -> pd.DataFrame:
    """Draw what ordinary sends carry; a fifth were set off by what the customer did last.

    Args:
        rng: Source of chance.
        world: What happened, to find causes in.
        sends: customer, at and send of each.
    """
    count = len(sends)
    at = sends["at"].to_numpy()
    content = rng.choice(len(MESSAGE_CONTENTS), count, p=_SHARES)
    last = _last_events(world, sends["customer"].to_numpy(), at)
    trigger = np.where(chance(rng, 0.2, count), last, NOBODY)
    # Now and then the sending system takes one customer for another.
    trigger = np.where((trigger >= 0) & chance(rng, 0.03, count), np.roll(last, 1), trigger)
    days_old = between(rng, DAY, 9 * DAY, count)
    age = np.where(chance(rng, 0.5, count), between(rng, HOUR, DAY, count), days_old)
    return plain(sends).assign(
        content=np.where(chance(rng, 0.6, count), content, NOBODY),
        coordination=np.where(chance(rng, 0.45, count), sends["send"], NOBODY),
        trigger=trigger,
        segment_at=np.where(trigger >= 0, at - 2 * SECOND, at - age),
    )


def clumsy(rng: np.random.Generator, sends: pd.DataFrame, *, types: Array) -> pd.DataFrame:
    """Draw what should not be sent: an offer again, its contrary, something at night, a volley.

    Args:
        rng: Source of chance.
        sends: Ordinary sends with their particulars.
        types: Code of the sending, by channel.
    """
    offers = np.flatnonzero((sends["content"] >= 0) & (sends["content"] < len(CONTRARY)))
    again = sends.iloc[at_least(rng, 0.06, 8, offers)]
    contrary = sends.iloc[at_least(rng, 0.05, 8, offers)]
    contrary = contrary.assign(content=np.array(CONTRARY)[contrary["content"]])
    night = sends.iloc[at_least(rng, 0.02, 4, np.arange(len(sends)))]
    night = night.assign(
        at=night["at"] // DAY * DAY + between(rng, 21.5 * HOUR, 24 * HOUR, len(night))
    )
    seeds = sends.iloc[at_least(rng, 0.03, 6, np.arange(len(sends)))]
    volley = seeds.iloc[np.repeat(np.arange(len(seeds)), rng.integers(3, 9, len(seeds)))]
    volley = volley.assign(
        type=types[rng.integers(0, 2, len(volley))],
        at=volley["at"] + between(rng, HOUR, 4 * DAY, len(volley)),
        content=NOBODY,
    )
    both = pd.concat([again, contrary])
    both = both.assign(
        type=_other_type(rng, both["type"].to_numpy(), types),
        at=both["at"] + between(rng, 20 * MINUTE, 22 * HOUR, len(both)),
    )
    return pd.concat([both, night, volley]).assign(
        coordination=NOBODY, trigger=NOBODY, segment_at=lambda frame: frame["at"] - 2 * DAY
    )


def reminders(world: World, *, types: Array) -> pd.DataFrame:
    """Lay out the messages about flows given up."""
    sent = world.follow_ups.reminders
    events = world.events
    runs = events[(events["flow_instance"] >= 0) & ~events["is_expired"] & ~events["is_zombie"]]
    last = pd.Series(runs.index, index=runs["flow_instance"]).groupby(level=0).last()
    trigger = sent["instance"].map(last).fillna(NOBODY).astype(np.int64).to_numpy()
    trigger = np.where(sent["is_triggered"], trigger, NOBODY)
    at = sent["at"].to_numpy()
    base: dict[str, Any] = {
        "type": types[sent["channel"].to_numpy()],
        "customer": sent["customer"],
        "at": at,
        "campaign": NOBODY,
        "is_machine": False,
        "is_orphan": False,
        "is_on": NOBODY,
    }
    return plain(pd.DataFrame(base)).assign(
        trigger=trigger,
        segment_at=np.where(trigger >= 0, at - 3 * SECOND, at - 2 * DAY),
        journey=sent["flow"],
        cents=sent["cents"],
        step=sent["step"],
    )


def _last_events(world: World, customer: Ints, at: Ints) -> Ints:
    """Give the position of each customer's last ordinary event before a moment, NOBODY for none."""
    events = world.events
    able = (events["customer"] >= 0) & events["is_logged_in"]
    # What a flow sets off is the follow-ups' own.
    able &= ~events["is_expired"] & ~events["is_zombie"] & (events["flow_instance"] < 0)
    known = events[able].sort_values(["customer", "at"], kind="stable")
    axis = known["customer"].to_numpy(np.int64) * _DECADES + known["at"].to_numpy()
    place = np.searchsorted(axis, customer * _DECADES + at) - 1
    is_own = (place >= 0) & (known["customer"].to_numpy()[place] == customer)
    found: Ints = np.where(is_own, known.index.to_numpy()[place], NOBODY)
    return found


def _other_type(rng: np.random.Generator, kind: Array, types: Array) -> Array:
    """Draw another channel's sending for each."""
    place = np.argmax(kind[:, None] == types[None, :], axis=1)
    other: Array = types[(place + rng.integers(1, len(CHANNELS), len(kind))) % len(CHANNELS)]
    return other
