"""The truth an ideal pipeline arrives at: customers, insights, feature events, settings."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulation.banking import Bank
from simulation.company import (
    BEHAVIOURS,
    CHANNELS,
    EVENT_TYPES,
    EXPLANATIONS,
    FEATURES,
    MODEL_VERSIONS,
    ORIGINS,
    OUTCOMES,
    PERMISSIONS,
    RESPONSES,
    ROLE_OF_TYPE,
    SCOPES,
    TARGETS,
    TIMEZONES,
    TRIALS,
    TYPE_CODE,
)
from simulation.insights import PASSED
from simulation.jsontext import text
from simulation.randomness import Array, Bools, Ints
from simulation.targets import CONTENT_IDS
from simulation.truth import Truth, pick, times
from simulation.world import World
from simulation.writers.core_banking import account_ids

_FEATURE_IDS = tuple(feature.feature_id for feature in FEATURES)
TRUST_EVENTS = (
    "permission_prompted",
    "permission_answered",
    "opt_in_offered",
    "opt_in_answered",
    "task_completed",
    "preferences_viewed",
)


def record_customers(world: World, bank: Bank, truth: Truth) -> None:
    """Record who is who, with all identifiers of theirs."""
    people = world.people
    own = bank.accounts[bank.accounts["customer"] < people.count]
    names = pd.Series(account_ids(world, bank, own["account"].to_numpy()).to_pylist()).groupby(
        own["customer"].to_numpy()
    )
    device_ids = people.devices["device_id"].to_numpy(object)
    owned = [people.column(name) for name in ("app_device", "server_device", "web_device")]
    shared = people.column("shared_device")
    lists = [[device_ids[held[i]] for held in owned if held[i] >= 0] for i in range(people.count)]
    truth.add(
        "customers",
        pa.table(
            {
                "person_id": text("pe", pc.utf8_slice_codeunits(people.refs, start=2)),
                "customer_ref": people.refs,
                "account_ids": pa.array(names.agg(list).tolist(), pa.list_(pa.string())),
                "devices": pa.array(lists, pa.list_(pa.string())),
                "shared_device": pa.array(
                    [device_ids[d] if d >= 0 else None for d in shared], pa.string()
                ),
                "email": pa.array(people.customers["email"].to_numpy(object), pa.string()),
                "phone": pa.array(people.customers["phone"].to_numpy(object), pa.string()),
                "is_staff": pa.array(people.column("is_staff")),
                "is_test": pa.array(people.column("is_test")),
                "is_erased": pa.array(people.column("is_erased")),
                "signed_up_at": times(people.column("signed_up_at")),
                "closed_at": times(people.column("closed_at")),
                "timezone": pick(TIMEZONES, people.column("timezone")),
            }
        ),
    )


def record_events(world: World, is_kept: Bools, truth: Truth) -> None:
    """Record the kept feature events (those with an insight role) and setting changes."""
    events, sessions = world.events, world.sessions
    roles = [TYPE_CODE[name] for name in ROLE_OF_TYPE]
    some = events[is_kept & events["type"].isin(roles).to_numpy()]
    session = some["session"].to_numpy()
    truth.add(
        "feature_events",
        pa.table(
            {
                "customer_ref": world.people.refs.take(some["customer"].to_numpy()),
                "feature_id": pick(_FEATURE_IDS, some["feature"]),
                "event_name": pick(EVENT_TYPES, some["type"]),
                "insight_role": pick(
                    tuple(ROLE_OF_TYPE.get(name, "") for name in EVENT_TYPES), some["type"]
                ),
                "insight_id": world.decision_ids.take(some["decision"].to_numpy()),
                "target_id": pick(TARGETS, some["target"]),
                "session_id": pa.array(sessions["start"].to_numpy()[session] // 1000),
                "session_origin": pick(ORIGINS, sessions["origin"].to_numpy()[session]),
                "event_at": times(some["at"].to_numpy()),
            }
        ),
    )
    changed = events[
        is_kept & (events["type"] == TYPE_CODE["personalisation_setting_changed"]).to_numpy()
    ]
    truth.add(
        "settings",
        pa.table(
            {
                "customer_ref": world.people.refs.take(changed["customer"].to_numpy()),
                "scope": pick(SCOPES, changed["scope"]),
                "feature_id": pick(_FEATURE_IDS, changed["feature"]),
                "channel": pick(CHANNELS, changed["channel"]),
                "old_state": pick(("on", "off"), changed["is_on"]),
                "new_state": pick(("off", "on"), changed["is_on"]),
                "event_at": times(changed["at"].to_numpy()),
            }
        ),
    )


def record_trust_events(world: World, is_kept: Bools, truth: Truth) -> None:
    """Record the kept events about permissions, offers, tasks and preferences."""
    codes = [TYPE_CODE[name] for name in TRUST_EVENTS]
    some = world.events[is_kept & world.events["type"].isin(codes).to_numpy()]
    task = pa.array(some["task"].to_numpy(), mask=some["task"].to_numpy() < 0)
    truth.add(
        "trust_events",
        pa.table(
            {
                "customer_ref": world.people.refs.take(some["customer"].to_numpy()),
                "event_name": pick(EVENT_TYPES, some["type"]),
                "feature_id": pick(_FEATURE_IDS, some["feature"]),
                "permission_scope": pick(PERMISSIONS, some["permission"]),
                "explanation_id": pick(EXPLANATIONS, some["explanation"]),
                "experiment_id": pick(TRIALS, some["experiment"]),
                "outcome": pick(OUTCOMES, some["outcome"]),
                "task_id": text("ta_", world.decision_ids.take(task)),
                "event_at": times(some["at"].to_numpy()),
            }
        ),
    )


def record_activity(world: World, is_kept: Bools, truth: Truth) -> None:
    """Record the kept events of customers' sessions: when somebody was there, and what they did."""
    events = world.events
    is_there = (events["session"] >= 0) & (events["customer"] >= 0) & (events["breed"] < 0)
    some = events[is_kept & is_there.to_numpy()]
    truth.add(
        "activity",
        pa.table(
            {
                "customer_ref": world.people.refs.take(some["customer"].to_numpy()),
                "event_name": pick(EVENT_TYPES, some["type"]).dictionary_encode(),
                "event_at": times(some["at"].to_numpy()),
            }
        ),
    )


def record_insights(
    world: World,
    *,
    is_event_kept: Bools,
    is_decision_kept: Bools,
    is_answer_kept: Bools,
    aims: pd.DataFrame,
    truth: Truth,
) -> None:
    """Record each served insight whose decision is kept, with what is kept of its course.

    Args:
        world: What really happened.
        is_event_kept: For each event, whether an ideal pipeline keeps it.
        is_decision_kept: The same of each decision.
        is_answer_kept: For each decision, whether an answer to its question is kept.
        aims: For each decision, whom its log says that it is for, and what it shows.
        truth: Takes them.
    """
    decisions, events = world.decisions, world.events
    chosen = is_decision_kept & (decisions["filter"] == PASSED).to_numpy()
    kept = events[is_event_kept & (events["decision"] >= 0).to_numpy()]
    insight = np.flatnonzero(chosen)

    def first(event: str) -> Ints:
        of_type = kept[kept["type"] == TYPE_CODE[event]]
        at = np.full(len(decisions), -1)
        # Written backwards, the earliest event of an insight is the one that stays.
        at[of_type["decision"].to_numpy()[::-1]] = of_type["at"].to_numpy()[::-1]
        return at[insight]

    taps = kept[kept["type"] == TYPE_CODE["insight_tapped"]]["decision"].to_numpy()
    answered = np.where(is_answer_kept, decisions["answered"].to_numpy() // 1000 * 1000, -1)
    said: Array = np.where(is_answer_kept, decisions["is_yes"].to_numpy().astype(int), -1)
    prompted = first("insight_feedback_prompted")
    ids = world.decision_ids.take(insight)
    has_prompt = (prompted >= 0) | (answered[insight] >= 0)
    truth.add(
        "insights",
        pa.table(
            {
                "decision_id": ids,
                "customer_ref": world.people.refs.take(aims["addressed"].to_numpy()[insight]),
                "feature_id": pick(_FEATURE_IDS, decisions["feature"].to_numpy()[insight]),
                "model_version": pick(MODEL_VERSIONS, decisions["model"].to_numpy()[insight]),
                "model_behaviour": pick(
                    tuple(b.name for b in BEHAVIOURS), decisions["behaviour"].to_numpy()[insight]
                ),
                "has_reason_shown": pa.array(decisions["has_reason_shown"].to_numpy()[insight]),
                "insight_category": pick(
                    tuple(f.category for f in FEATURES), decisions["feature"].to_numpy()[insight]
                ),
                "content_id": pick(CONTENT_IDS, aims["content"].to_numpy()[insight]),
                "linked_task_id": text(
                    "ta_",
                    pc.if_else(pa.array(decisions["is_linked"].to_numpy()[insight]), ids, None),
                ),
                "customer_response": pick(RESPONSES, decisions["response"].to_numpy()[insight]),
                "is_auto_applied": pa.array(decisions["is_auto_applied"].to_numpy()[insight]),
                "served_at": times(decisions["served"].to_numpy()[insight]),
                "opened_at": times(first("insight_opened")),
                "dismissed_at": times(first("insight_dismissed")),
                "acted_at": times(first("insight_acted")),
                "tap_count": pa.array(np.bincount(taps, minlength=len(decisions))[insight]),
                "prompt_id": pc.if_else(
                    pa.array(has_prompt), text("pr_", ids), pa.scalar(None, pa.string())
                ),
                "prompted_at": times(prompted),
                "answer": pick(("no", "yes"), said[insight]),
                "answered_at": times(answered[insight]),
            }
        ),
    )
