"""The clean product events behind an Amplitude project."""

import numpy as np
import pandas as pd

from simulation import flows
from simulation.blocks import block
from simulation.company import (
    CHANNEL_SCOPE,
    SCREENS,
    TARGETS,
    TYPE_CODE,
    WEB,
)
from simulation.early_actions import early_action_events
from simulation.parameters import MINUTE, NOBODY, SECOND, SimulationParameters
from simulation.people import People
from simulation.randomness import at_least, between, stream
from simulation.sessions import PROSPECT


def make_events(
    parameters: SimulationParameters,
    chunk: int,
    people: People,
    *,
    sessions: pd.DataFrame,
    decisions: pd.DataFrame,
    settings: pd.DataFrame,
    others: list[pd.DataFrame],
) -> pd.DataFrame:
    """Assemble the clean events of a chunk, in order of time within a device.

    Args:
        parameters: The company.
        chunk: Number of the chunk.
        people: Its customers and devices.
        sessions: All sessions; the position equals the session number.
        decisions: Decisions really taken (held-out ones left out), numbered from 0.
        settings: Setting changes.
        others: Blocks of further events.

    Returns:
        One row an event: `block`'s columns plus device, platform and `is_logged_in`.
    """
    rng = stream(parameters.seed, chunk, "events")
    events = pd.concat(
        [
            *_visits(rng, sessions),
            *_insight_events(rng, decisions),
            *_setting_events(settings),
            *flows.loan_and_deposit_events(rng, sessions),
            *others,
            *early_action_events(parameters, chunk, people, sessions),
        ],
        ignore_index=True,
    )
    session = events["session"].to_numpy()
    customer = events["customer"].to_numpy()
    in_session = session >= 0
    events["device"] = np.where(
        in_session,
        sessions["device"].to_numpy()[session],
        people.column("server_device")[customer],
    )
    events["platform"] = people.devices["platform"].to_numpy()[events["device"].to_numpy()]
    is_anonymous = (events["type"] == TYPE_CODE["page_viewed"]) & (events["screen"] < 0)
    events["is_logged_in"] = ~is_anonymous.to_numpy() & (customer >= 0)
    return events


def exposures(decisions: pd.DataFrame) -> pd.DataFrame:
    """Give the first candidate of each customer and feature, held out or not."""
    ordered = decisions.sort_values(["customer", "feature", "decided"], kind="stable")
    return ordered.drop_duplicates(["customer", "feature"]).reset_index(drop=True)


def exposure_events(first: pd.DataFrame) -> pd.DataFrame:
    """Turn first exposures into the events that the experiment SDK logs."""
    return block(
        "[Experiment] Exposure",
        first["customer"].to_numpy(),
        first["session"].to_numpy(),
        first["decided"].to_numpy() - 20_000,
        feature=first["feature"],
        is_holdout=first["is_holdout"],
    )


def _visits(rng: np.random.Generator, sessions: pd.DataFrame) -> list[pd.DataFrame]:
    """Give openings, logins, and the screens and pages looked at."""
    number = sessions.index.to_numpy()
    customer = sessions["customer"].to_numpy()
    start = sessions["start"].to_numpy()
    is_web = sessions["platform"].to_numpy() == WEB
    is_prospect = sessions["purpose"].to_numpy() == PROSPECT
    is_app = ~is_web
    is_login = is_web & ~is_prospect
    before = np.where(is_login, rng.integers(1, 3, len(sessions)), 0)
    before = np.where(is_prospect, 1 + rng.poisson(1.5, len(sessions)), before)
    page = np.repeat(np.arange(len(sessions)), before)
    order = np.arange(len(page)) - np.repeat(np.cumsum(before) - before, before)
    # People read a page for seconds; only prospects stay anonymous for several.
    pace = np.where(is_prospect[page], 25 * SECOND, SECOND)
    page_at = start[page] + order * pace + between(rng, 10_000, 0.9 * SECOND, len(page))
    more = rng.poisson(0.9, len(sessions)) * ~is_prospect
    seen = np.repeat(np.arange(len(sessions)), more)
    looked = np.where(is_web[seen], TYPE_CODE["page_viewed"], TYPE_CODE["screen_viewed"])
    seen_at = start[seen] + between(rng, 3.2 * SECOND, 5 * MINUTE, len(seen))
    screen = rng.integers(0, len(SCREENS), len(seen))
    odd = at_least(rng, 0.0004, 2, np.flatnonzero(is_app))
    return [
        block(
            "app_opened",
            customer[is_app],
            number[is_app],
            start[is_app] + between(rng, 1_000, SECOND, int(is_app.sum())),
        ),
        block("page_viewed", customer[page], number[page], page_at),
        block(
            "login_completed",
            customer[is_login],
            number[is_login],
            start[is_login] + between(rng, 2.1 * SECOND, 3 * SECOND, int(is_login.sum())),
        ),
        block(looked, customer[seen], number[seen], seen_at, screen=screen),
        block("debug_ping", customer[odd], number[odd], start[odd] + 2 * SECOND + odd),
    ]


def _insight_events(rng: np.random.Generator, decisions: pd.DataFrame) -> list[pd.DataFrame]:
    """Give the events of each served insight's course."""
    decision = decisions.index.to_numpy()
    customer, session = decisions["customer"].to_numpy(), decisions["session"].to_numpy()
    feature = decisions["feature"].to_numpy()
    parts = []
    for event, column in (
        ("insight_served", "served"),
        ("insight_opened", "opened"),
        ("insight_dismissed", "dismissed"),
        ("insight_acted", "acted"),
        ("insight_feedback_prompted", "prompted"),
    ):
        at = decisions[column].to_numpy()
        some = at >= 0
        parts.append(
            block(
                event,
                customer[some],
                session[some],
                at[some],
                feature=feature[some],
                decision=decision[some],
                prompt=0 if column == "prompted" else NOBODY,
            )
        )
    taps = decisions["taps"].to_numpy()
    tapped = np.repeat(np.arange(len(decisions)), taps)
    order = np.arange(len(tapped)) - np.repeat(np.cumsum(taps) - taps, taps)
    is_burst = decisions["is_burst"].to_numpy()[tapped]
    gap = np.where(is_burst, 500_000, 12 * SECOND)
    begin = decisions["opened"].to_numpy() + between(rng, 4 * SECOND, 30 * SECOND, len(decisions))
    jitter = between(rng, 0, 200_000, len(tapped))
    target = rng.integers(0, len(TARGETS), len(tapped))
    burst_target = rng.integers(0, len(TARGETS), len(decisions))[tapped]
    parts.append(
        block(
            "insight_tapped",
            customer[tapped],
            session[tapped],
            begin[tapped] + order * gap + jitter,
            feature=feature[tapped],
            decision=decision[tapped],
            target=np.where(is_burst, burst_target, target),
        )
    )
    return parts


def _setting_events(settings: pd.DataFrame) -> list[pd.DataFrame]:
    """Give each setting change, and the visit of the preferences just before it."""
    inside = settings[settings["scope"] != CHANNEL_SCOPE]
    return [
        block(
            "personalisation_setting_changed",
            settings["customer"].to_numpy(),
            settings["session"].to_numpy(),
            settings["at"].to_numpy(),
            feature=settings["feature"],
            scope=settings["scope"],
            channel=settings["channel"],
            is_on=settings["is_on"],
        ),
        block(
            "preferences_viewed",
            inside["customer"].to_numpy(),
            inside["session"].to_numpy(),
            inside["at"].to_numpy() - 12 * SECOND - inside["at"].to_numpy() % 9_973,
            screen=SCREENS.index("settings"),
        ),
    ]
