"""When customers switch personalisation off, on again, and off once more."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.company import (
    AGGRESSIVE_FACTOR,
    BEHAVIOURS,
    CHANNEL_SCOPE,
    CHANNELS,
    CONTENT_TAGS,
    CONTENTS,
    FEATURE_SCOPE,
    FEATURES,
    FIRST_SCENARIO,
    GLOBAL_SCOPE,
    MODEL_FACTORS,
    MODEL_VERSIONS,
)
from simulation.parameters import DAY, NOBODY, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Bools, Ints, at_least, between, chance, stream
from simulation.sessions import DIRECT, SETTINGS, frame

# Exact as a float too, which a join with gaps makes of it.
FOREVER = 2**62
_OPT_OUT_CHANCE = 0.009
_MODEL_FACTOR = np.array([MODEL_FACTORS.get(version, 1.0) for version in MODEL_VERSIONS])
CAREFUL = np.array([feature.is_careful for feature in FEATURES])
_IN_APP = CHANNELS.index("in_app")
_FACTOR = np.array([behaviour.opt_out_factor for behaviour in BEHAVIOURS])
_PRESSURE = np.array(["aggressive" in tags for tags in CONTENT_TAGS])


@dataclass(frozen=True)
class Control:
    """Setting changes of a chunk and what they withhold.

    Args:
        settings: One row a change: customer, session (NOBODY out of session), scope, feature,
            channel, is_on, at (microseconds).
        sessions: Sessions opened only to change a setting.
        is_withheld: Whether each given decision fell into a time in which it was switched off.
    """

    settings: pd.DataFrame
    sessions: pd.DataFrame
    is_withheld: Bools


def draw_control(
    parameters: SimulationParameters,
    chunk: int,
    people: People,
    decisions: pd.DataFrame,
    first_session: int,
) -> Control:
    """Draw opt-outs after served insights, and later changes of mind.

    Nobody changes a feature while everything is off, nor switches everything on over a feature
    switched off by itself: what "on" would mean then is open.
    """
    rng = stream(parameters.seed, chunk, "control")
    spells = _first_opt_outs(parameters, chunk, rng, decisions)
    global_off = np.full(people.count, FOREVER)
    is_global = (spells["scope"] == GLOBAL_SCOPE).to_numpy()
    global_off[spells["customer"].to_numpy()[is_global]] = spells["off"].to_numpy()[is_global]
    _change_minds(rng, spells, people, global_off)
    sessions, changes = _changes(spells, people, first_session)
    channels = _channel_changes(parameters, rng, people)
    is_withheld = _withheld(decisions, spells, people.count) | _left_alone(
        decisions, changes, channels
    )
    settings = pd.concat([changes, channels], ignore_index=True)
    return Control(settings, sessions, is_withheld)


def _first_opt_outs(
    parameters: SimulationParameters,
    chunk: int,
    rng: np.random.Generator,
    decisions: pd.DataFrame,
) -> pd.DataFrame:
    """Draw the first opt-out of each customer and feature; the first global one ends the rest."""
    seen = decisions[(decisions["served"] >= 0) & ~decisions["is_holdout"]]
    seen = seen.sort_values(["customer", "served", "feature"], kind="stable")
    is_scenario = (seen["feature"] >= FIRST_SCENARIO).to_numpy()
    of_scenarios = stream(parameters.seed, chunk, "control.scenarios")
    hits = pd.concat(
        [
            _hits(rng, seen[~is_scenario], global_share=0.1),
            # Who has enough of one of these turns off that one.
            _hits(of_scenarios, seen[is_scenario], global_share=0.0),
        ]
    )
    first_global = hits[hits["scope"] == GLOBAL_SCOPE].groupby("customer")["off"].min()
    limit = hits["customer"].map(first_global).fillna(FOREVER).astype("int64")
    is_first = (hits["off"] < limit) | ((hits["off"] == limit) & (hits["scope"] == GLOBAL_SCOPE))
    return hits[is_first].reset_index(drop=True)


def _hits(rng: np.random.Generator, seen: pd.DataFrame, *, global_share: float) -> pd.DataFrame:
    """Draw which of the insights seen make their customers turn the feature, or everything, off."""
    factor = _FACTOR[seen["behaviour"].to_numpy()] * _MODEL_FACTOR[seen["model"].to_numpy()]
    content = seen["behaviour"].to_numpy() * CONTENTS + seen["decided"].to_numpy() % CONTENTS
    factor = factor * np.where(_PRESSURE[content], AGGRESSIVE_FACTOR, 1.0)
    factor = factor * (1 + 0.15 * recent(seen["customer"].to_numpy(), seen["served"].to_numpy()))
    count = len(seen)
    is_hit = chance(rng, _OPT_OUT_CHANCE * factor, count)
    is_global = chance(rng, global_share, count)
    off = seen["served"].to_numpy() + between(rng, 150 * SECOND, 300 * SECOND, count)
    hits: pd.DataFrame = pd.DataFrame(
        {
            "customer": seen["customer"].to_numpy(),
            "session": seen["session"].to_numpy(),
            "feature": seen["feature"].to_numpy(),
            "scope": np.where(is_global, GLOBAL_SCOPE, FEATURE_SCOPE),
            "off": off,
        }
    )[is_hit].drop_duplicates(["customer", "feature"])
    return hits


def recent(customer: Ints, at: Ints) -> Array:
    """Count each row's insights of the same customer in the seven days before it (rows sorted)."""
    # One increasing axis for all customers: a search then counts within the customer.
    axis = (at - at.min(initial=0)) + customer * (4_000 * DAY)
    earliest = np.searchsorted(axis, axis - 7 * DAY)
    first_of_customer = np.searchsorted(customer, customer)
    recent: Array = np.arange(len(at)) - np.maximum(earliest, first_of_customer)
    return recent


def _change_minds(
    rng: np.random.Generator, spells: pd.DataFrame, people: People, global_off: Ints
) -> None:
    """Draw when a spell ends and, for some, when it begins again (FOREVER = never)."""
    count = len(spells)
    customer = spells["customer"].to_numpy()
    is_global = (spells["scope"] == GLOBAL_SCOPE).to_numpy()
    has_feature_spell = np.zeros(people.count, dtype=bool)
    has_feature_spell[customer[~is_global]] = True
    limit = np.minimum(
        people.column("active_until")[customer],
        np.where(is_global, FOREVER, global_off[customer]),
    )
    on = spells["off"].to_numpy() + between(rng, 5 * DAY, 40 * DAY, count)
    off_again = on + between(rng, 3 * DAY, 30 * DAY, count)
    relents = chance(rng, 0.18, count) & (on < limit)
    relents &= ~(is_global & has_feature_spell[customer])
    relapses = relents & chance(rng, 0.25, count) & (off_again < limit)
    spells["on"] = np.where(relents, on, FOREVER)
    spells["off_again"] = np.where(relapses, off_again, FOREVER)


def _changes(
    spells: pd.DataFrame, people: People, first_session: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn spells into setting changes; later changes get sessions of their own."""
    later = []
    for column, is_on in (("on", True), ("off_again", False)):
        some = spells[spells[column] < FOREVER]
        later.append(some.assign(at=some[column], is_on=is_on))
    changes = pd.concat(later, ignore_index=True)
    customer = changes["customer"].to_numpy()
    sessions = frame(
        people,
        customer=customer,
        start=changes["at"].to_numpy() - 45 * SECOND,
        device=people.column("app_device")[customer],
        origin=np.full(len(customer), DIRECT),
        purpose=SETTINGS,
    )
    sessions.index = pd.RangeIndex(first_session, first_session + len(sessions))
    changes["session"] = sessions.index.to_numpy()
    settings = pd.concat([spells.assign(at=spells["off"], is_on=False), changes], ignore_index=True)
    settings["feature"] = settings["feature"].where(settings["scope"] == FEATURE_SCOPE, NOBODY)
    settings["channel"] = NOBODY
    return sessions, settings[_SETTING_COLUMNS]


_SETTING_COLUMNS = ["customer", "session", "scope", "feature", "channel", "is_on", "at"]


def _channel_changes(
    parameters: SimulationParameters, rng: np.random.Generator, people: People
) -> pd.DataFrame:
    """Draw message channels switched off by the support desk, so outside any session."""
    everyone = np.arange(people.count, dtype=np.int64)
    customer = at_least(rng, 0.03, 3, everyone)
    begins, ends = people.column("active_from")[customer], people.column("active_until")[customer]
    at = begins + ((ends - begins) * rng.random(len(customer))).astype(np.int64)
    return pd.DataFrame(
        {
            "customer": customer,
            "session": NOBODY,
            "scope": CHANNEL_SCOPE,
            "feature": NOBODY,
            "channel": rng.integers(0, len(CHANNELS), len(customer)),
            "is_on": False,
            "at": np.maximum(at, parameters.start_micros),
        }
    )


def _withheld(decisions: pd.DataFrame, spells: pd.DataFrame, customers: int) -> Bools:
    """Tell which decisions fall into a spell of their feature, or of everything."""
    features = len(FEATURES)
    bounds = np.full((3, customers, features + 1), FOREVER)
    column = np.where(spells["scope"] == GLOBAL_SCOPE, features, spells["feature"])
    for place, name in enumerate(("off", "on", "off_again")):
        bounds[place, spells["customer"].to_numpy(), column] = spells[name].to_numpy()
    at = decisions["decided"].to_numpy()
    customer = decisions["customer"].to_numpy()
    withheld = np.zeros(len(decisions), dtype=bool)
    for which in (decisions["feature"].to_numpy(), np.full(len(decisions), features)):
        off, on, off_again = bounds[:, customer, which]
        withheld |= ((at >= off) & (at < on)) | (at >= off_again)
    return withheld


def _left_alone(decisions: pd.DataFrame, changes: pd.DataFrame, channels: pd.DataFrame) -> Bools:
    """Tell which decisions of careful features come after their customer turned anything off.

    That is everything, the feature or in-app messages; a change of mind does not count.
    """
    offs = changes[~changes["is_on"]]
    in_app = channels[channels["channel"] == _IN_APP]
    for_all = pd.concat([offs[offs["scope"] == GLOBAL_SCOPE], in_app]).groupby("customer")["at"]
    own = offs[offs["scope"] == FEATURE_SCOPE].groupby(["customer", "feature"])["at"]
    asked = pd.MultiIndex.from_frame(decisions[["customer", "feature"]])
    limit = np.minimum(
        own.min().reindex(asked).fillna(FOREVER).to_numpy(),
        decisions["customer"].map(for_all.min()).fillna(FOREVER).to_numpy(),
    )
    at = np.maximum(decisions["decided"].to_numpy(), decisions["served"].to_numpy())
    alone: Bools = CAREFUL[decisions["feature"].to_numpy()] & (at >= limit)
    return alone
