"""Messages that the company sends through Braze, and what people and machines do with them."""

import numpy as np
import pandas as pd

from simulation.company import CHANNELS
from simulation.control import recent
from simulation.message_particulars import PARTICULARS, clumsy, particulars, plain, reminders
from simulation.parameters import DAY, HOUR, MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Bools, Ints, at_least, between, chance, stream
from simulation.world import World

TYPES = (
    "users.messages.email.Send",
    "users.messages.email.Open",
    "users.messages.email.Click",
    "users.messages.email.Unsubscribe",
    "users.messages.pushnotification.Send",
    "users.messages.pushnotification.Open",
    "users.messages.inappmessage.Impression",
    "users.messages.inappmessage.Click",
    "users.messages.whatsapp.Send",
    "users.messages.whatsapp.Read",
    "users.messages.contentcard.Dismiss",
    "users.behaviors.subscription.GlobalStateChange",
    "users.behaviors.subscriptiongroup.StateChange",
    "users.campaigns.EnrollInControl",
    "users.canvas.Entry",
    "users.UserOrphan",
    "users.UserDeleteRequest",
)
(
    EMAIL_SEND,
    EMAIL_OPEN,
    EMAIL_CLICK,
    UNSUBSCRIBE,
    PUSH_SEND,
    PUSH_OPEN,
    IN_APP_SHOWN,
    IN_APP_CLICK,
    WHATSAPP_SEND,
    WHATSAPP_READ,
    CARD_DISMISS,
    GLOBAL_STATE,
    GROUP_STATE,
    CONTROL,
    CANVAS_ENTRY,
    ORPHAN,
    DELETE_REQUEST,
) = range(len(TYPES))
CAMPAIGNS = 24
# Sends a week of an active customer.
_WEEKLY = {EMAIL_SEND: 0.38, PUSH_SEND: 0.48, IN_APP_SHOWN: 0.22, WHATSAPP_SEND: 0.06}
# What a sending is called, by channel; what is shown in the app is sent by being shown.
_CHANNEL_OF = {
    kind: CHANNELS.index(channel)
    for kind, channel in (
        (PUSH_SEND, "push"),
        (EMAIL_SEND, "email"),
        (IN_APP_SHOWN, "in_app"),
        (WHATSAPP_SEND, "whatsapp"),
    )
}
SENDINGS = np.array([PUSH_SEND, EMAIL_SEND, IN_APP_SHOWN, WHATSAPP_SEND])
_COLUMNS = ["type", "customer", "at", "campaign", "send", "is_machine", "is_orphan", "is_on"]


def make_messages(parameters: SimulationParameters, chunk: int, world: World) -> pd.DataFrame:
    """Draw a chunk's Braze events in order of time.

    Returns:
        type, customer, at (whole seconds, in microseconds), campaign, send (NOBODY = none),
        is_machine (opened or clicked by a machine), is_orphan (sent to a profile merged later),
        is_on (for subscription states). Of sendings also what they carry, NOBODY = nothing:
        content, coordination, trigger (position of an event), segment_at (microseconds), journey (a
        flow), cents and step (what a reminder names).
    """
    rng = stream(parameters.seed, chunk, "messages")
    people = world.people
    sends = [_sends(rng, people, kind, weekly) for kind, weekly in _WEEKLY.items()]
    base = plain(pd.concat(sends, ignore_index=True))
    base["send"] = np.arange(len(base))
    parts = _with_responses(rng, base)
    parts.append(_states(rng, world))
    parts.append(_lives(rng, people))
    parts += _more(stream(parameters.seed, chunk, "message_particulars"), world, base)
    rows = pd.concat(parts, ignore_index=True)[[*_COLUMNS, *PARTICULARS]]
    rows[list(PARTICULARS)] = rows[list(PARTICULARS)].fillna(NOBODY).astype(np.int64)
    rows["at"] = rows["at"] // SECOND * SECOND
    begins, ends = parameters.start_micros, parameters.end_micros
    rows = rows[(rows["at"] >= begins) & (rows["at"] < ends)]
    rows = rows[~_withheld(stream(parameters.seed, chunk, "withheld"), world, rows)]
    return rows.sort_values(["at", "type", "customer", "send"], kind="stable", ignore_index=True)


def _withheld(rng: np.random.Generator, world: World, rows: pd.DataFrame) -> Bools:
    """Tell which messages a switched-off channel stops, and what would have followed from them.

    What is queued already goes out now and then for some days.
    """
    stopped = world.settings[world.settings["channel"] >= 0]
    told = rows[(rows["type"] == GLOBAL_STATE) & (rows["is_on"] == 0)]
    off = pd.concat(
        [
            stopped[["customer", "channel", "at"]],
            told[["customer", "at"]].assign(channel=CHANNELS.index("email")),
        ]
    )
    first = off.groupby(["customer", "channel"])["at"].min()
    sends = rows[rows["type"].isin(_CHANNEL_OF.keys()) & (rows["send"] >= 0)]
    channel = sends["type"].map(_CHANNEL_OF)
    places = pd.MultiIndex.from_arrays([sends["customer"], channel])
    since = sends["at"].to_numpy() - first.reindex(places, fill_value=2**62).to_numpy()
    is_queued = (since < 3 * DAY) & chance(rng, 0.4, len(sends))
    withheld: Bools = rows["send"].isin(sends["send"][(since > 0) & ~is_queued]).to_numpy()
    return withheld


def _with_responses(rng: np.random.Generator, base: pd.DataFrame) -> list[pd.DataFrame]:
    """Give sends, and what people and machines do with them."""
    parts = [base]
    for cause, effect, share, low, high, machines in (
        (EMAIL_SEND, EMAIL_OPEN, 0.42, 30 * SECOND, 20 * HOUR, 0.22),
        (EMAIL_OPEN, EMAIL_CLICK, 0.16, 3 * SECOND, 5 * MINUTE, 0.12),
        (EMAIL_OPEN, UNSUBSCRIBE, 0.004, 5 * SECOND, 5 * MINUTE, 0.0),
        (PUSH_SEND, PUSH_OPEN, 0.07, 5 * SECOND, 6 * HOUR, 0.0),
        (IN_APP_SHOWN, IN_APP_CLICK, 0.14, SECOND, 30 * SECOND, 0.0),
        (IN_APP_SHOWN, CARD_DISMISS, 0.12, SECOND, MINUTE, 0.0),
        (WHATSAPP_SEND, WHATSAPP_READ, 0.7, 20 * SECOND, 20 * HOUR, 0.0),
    ):
        causes = pd.concat([part[part["type"] == cause] for part in parts])
        parts.append(
            _follow(rng, causes, effect, share=share, delay=(low, high), machines=machines)
        )
    unsubscribed = parts[3]
    parts.append(_mails_off(unsubscribed))
    return parts


def _more(rng: np.random.Generator, world: World, base: pd.DataFrame) -> list[pd.DataFrame]:
    """Fill in what the sends carry, and give the sends that follow from it, with responses."""
    filled = particulars(rng, world, base)
    base[list(PARTICULARS)] = filled[list(PARTICULARS)]
    sends = pd.concat(
        [clumsy(rng, filled, types=SENDINGS), reminders(world, types=SENDINGS)], ignore_index=True
    )
    sends["send"] = len(base) + np.arange(len(sends))
    ends = world.people.column("active_until")[sends["customer"].to_numpy()]
    sends = sends[sends["at"].to_numpy() < ends]
    return [*_with_responses(rng, sends), *_weary(rng, pd.concat([base, sends]))]


def _weary(rng: np.random.Generator, sends: pd.DataFrame) -> list[pd.DataFrame]:
    """Let people unsubscribe by a mail, the sooner the more messages the week before it brought."""
    ordered = sends.sort_values(["customer", "at"], kind="stable")
    many = recent(ordered["customer"].to_numpy(), ordered["at"].to_numpy())
    is_mail = (ordered["type"] == EMAIL_SEND).to_numpy()
    is_weary = is_mail & chance(rng, 0.005 * np.maximum(many - 1, 0), len(ordered))
    weary = ordered[is_weary].drop_duplicates("customer")
    weary = plain(weary).assign(
        type=UNSUBSCRIBE, at=weary["at"] + between(rng, MINUTE, 4 * HOUR, len(weary))
    )
    return [weary, _mails_off(weary)]


def _mails_off(unsubscribed: pd.DataFrame) -> pd.DataFrame:
    """Give the state that each unsubscription leaves; a state has a channel and no campaign."""
    off: pd.DataFrame = unsubscribed.assign(
        type=GLOBAL_STATE,
        at=unsubscribed["at"] + SECOND,
        is_on=0,
        campaign=CHANNELS.index("email"),
    )
    return off


def _rows(kind: int, customer: Array, at: Ints, campaign: Array | int = NOBODY) -> pd.DataFrame:
    """Lay out events of one type with every column."""
    return pd.DataFrame(
        {
            "type": np.full(len(at), kind),
            "customer": customer,
            "at": at,
            "campaign": campaign,
            "send": NOBODY,
            "is_machine": False,
            "is_orphan": False,
            "is_on": NOBODY,
        }
    )


def _sends(rng: np.random.Generator, people: People, kind: int, weekly: float) -> pd.DataFrame:
    """Draw the sends of one channel over everyone's active time, from 7 to 20 hours UTC."""
    begins, ends = people.column("active_from"), people.column("active_until")
    count = rng.poisson(weekly * np.maximum(ends - begins, 0) / (7 * DAY))
    customer = np.repeat(np.arange(people.count), count)
    at = begins[customer] + ((ends - begins)[customer] * rng.random(len(customer))).astype(np.int64)
    at = at // DAY * DAY + between(rng, 7 * HOUR, 20 * HOUR, len(at))
    fits = (at > begins[customer]) & (at < ends[customer])
    return _rows(kind, customer[fits], at[fits], rng.integers(0, CAMPAIGNS, int(fits.sum())))


def _follow(
    rng: np.random.Generator,
    causes: pd.DataFrame,
    effect: int,
    *,
    share: float,
    delay: tuple[int, int],
    machines: float,
) -> pd.DataFrame:
    """Draw what follows a share of the causes; a share of that is a machine's doing."""
    some = causes[chance(rng, share, len(causes)) & ~causes["is_machine"].to_numpy()]
    followed: pd.DataFrame = some.assign(
        type=effect,
        at=some["at"] + between(rng, *delay, len(some)),
        is_machine=chance(rng, machines, len(some)),
    )
    return followed


def _states(rng: np.random.Generator, world: World) -> pd.DataFrame:
    """Give group states: on at the first contact, and off with each channel switched off."""
    people = world.people
    everyone = np.arange(people.count)
    joined = people.column("active_from") + between(rng, 0, 30 * MINUTE, people.count)
    off = world.settings[world.settings["channel"] >= 0]
    first = _rows(GROUP_STATE, everyone, joined, CHANNELS.index("email")).assign(is_on=1)
    last = _rows(GROUP_STATE, off["customer"].to_numpy(), off["at"].to_numpy() + 2 * SECOND)
    return pd.concat([first, last.assign(is_on=0, campaign=off["channel"].to_numpy())])


def _lives(rng: np.random.Generator, people: People) -> pd.DataFrame:
    """Give control enrolments, canvas entries, merged profiles and requests for deletion."""
    begins, ends = people.column("active_from"), people.column("active_until")
    everyone = np.arange(people.count)
    controls = at_least(rng, 0.08, 2, everyone)
    enrolled = begins[controls] + between(rng, DAY, 12 * DAY, len(controls))
    entered = begins + between(rng, MINUTE, HOUR, people.count)
    merged = at_least(rng, 0.004, 2, np.flatnonzero(people.is_genuine))
    merged_at = begins[merged] + between(rng, 2 * DAY, 5 * DAY, len(merged))
    # Every second one asks the verification vendor instead.
    erased = np.flatnonzero(people.column("is_erased"))[::2]
    canvas = _rows(CANVAS_ENTRY, everyone, entered, 0).assign(is_on=chance(rng, 0.1, people.count))
    return pd.concat(
        [
            _rows(CONTROL, controls, enrolled, rng.integers(0, CAMPAIGNS, len(controls))),
            canvas.assign(is_on=canvas["is_on"].astype("int64")),
            _rows(EMAIL_SEND, merged, merged_at - DAY, 1).assign(is_orphan=True),
            _rows(EMAIL_OPEN, merged, merged_at - DAY + HOUR, 1).assign(is_orphan=True),
            _rows(ORPHAN, merged, merged_at).assign(is_orphan=True),
            _rows(DELETE_REQUEST, erased, ends[erased]),
        ]
    )
