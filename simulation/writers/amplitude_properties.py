"""The event_properties of Amplitude rows, and the catalogue of things that rows refer to."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.company import (
    CHANNELS,
    EXPLANATIONS,
    FEATURES,
    FLOW_STEPS,
    FLOWS,
    ORIGINS,
    OUTCOMES,
    PATHS,
    PERMISSIONS,
    SCOPES,
    SCREENS,
    TIMEZONES,
    TRIALS,
    TYPE_CODE,
    VARIATIONS,
)
from simulation.jsontext import iso, members, names, numbers, quoted, text
from simulation.randomness import Array, Bools, Ints
from simulation.sessions import LIFETIME
from simulation.user_agents import USER_AGENTS

_FEATURE_IDS = tuple(feature.feature_id for feature in FEATURES)
_EXPERIMENT_IDS = tuple(feature.experiment_id for feature in FEATURES)
_PRODUCT_LINES = ("loans", "savings")


@dataclass(frozen=True)
class Catalogue:
    """What Amplitude rows of a chunk refer to, by position.

    `events` holds the clean events' columns; the other members belong to sessions, devices,
    customers, decisions and rows, as their names say.
    """

    events: dict[str, Array]
    session_start: Ints
    session_origin: Ints
    session_user_agent: Ints
    device_ids: pa.Array
    advertising_ids: pa.Array
    device_amplitude_id: Ints
    refs: pa.Array
    customer_amplitude_id: Ints
    customer_timezone: Ints
    is_test: Bools
    is_merged_silently: Bools
    is_rig: Bools
    decision_ids: pa.Array
    row_uuids: pa.Array
    insert_ids: pa.Array


def properties(catalogue: Catalogue, event: dict[str, Array]) -> pa.Array:
    """Write event_properties: only the keys that an event has.

    Args:
        catalogue: What the rows refer to.
        event: The clean events' columns, taken for the rows.
    """
    session, customer = event["session"], event["customer"]
    inside = session >= 0
    origin = np.where(inside, catalogue.session_origin[session], -1)
    # A zombie's client forgot when its session was to end.
    is_ended = inside & ~event["is_zombie"]
    expires = np.where(is_ended, catalogue.session_start[session] + LIFETIME, -1)
    user_agent = np.where(inside, catalogue.session_user_agent[session], -1)
    timezone = np.where(event["is_logged_in"], catalogue.customer_timezone[customer], -1)
    is_test = event["is_logged_in"] & catalogue.is_test[customer]
    kind, feature, is_on = event["type"], event["feature"], event["is_on"]
    is_exposure = kind == TYPE_CODE["[Experiment] Exposure"]
    is_flow = event["flow_instance"] >= 0
    # A loan simulation's events carry no flow: they were there before there were others.
    flow = np.where(is_flow, np.maximum(event["flow"], 0), -1)
    has_money = event["cents"] >= 0
    decision = pa.array(event["decision"], mask=event["decision"] < 0)
    insight = catalogue.decision_ids.take(decision)
    prompt = pa.array(event["decision"], mask=(event["prompt"] < 0) | (event["decision"] < 0))
    task = pa.array(event["task"], mask=event["task"] < 0)
    return members(
        {
            "session_origin": names(ORIGINS, origin),
            "session_expires_at": quoted(iso(expires)),
            "user_agent": names(USER_AGENTS, user_agent),
            "timezone": names(TIMEZONES, timezone),
            "is_test": names(("true",), np.where(is_test, 0, -1), form="{}"),
            "source_screen": names(SCREENS, event["screen"]),
            "feature_id": names(_FEATURE_IDS, np.where(is_exposure, -1, feature)),
            "insight_id": quoted(insight),
            "target_id": names(PATHS, event["target"]),
            "prompt_id": quoted(text("pr_", catalogue.decision_ids.take(prompt))),
            "setting_scope": names(SCOPES, event["scope"]),
            "channel": names(CHANNELS, event["channel"]),
            "old_state": names(("on", "off"), is_on),
            "new_state": names(("off", "on"), is_on),
            "flow_id": names(FLOWS, flow),
            "flow_instance_id": quoted(
                text(
                    "fl",
                    numbers(catalogue.session_start[session], ~is_flow),
                    "-",
                    numbers(event["flow_instance"], ~is_flow),
                )
            ),
            "flow_step": names(FLOW_STEPS, event["flow_step"]),
            "is_flow_completion": names(("false", "true"), event["is_completion"], form="{}"),
            "amount": quoted(
                text(
                    numbers(event["cents"] // 100, ~has_money),
                    ".",
                    numbers(event["cents"] % 100 // 10, ~has_money),
                    numbers(event["cents"] % 10, ~has_money),
                )
            ),
            "currency_code": names(("EUR",), np.where(has_money, 0, -1)),
            "product_line": names(_PRODUCT_LINES, np.where(has_money & ~is_flow, 1, flow)),
            "permission_scope": names(PERMISSIONS, event["permission"]),
            "explanation_id": names(EXPLANATIONS, event["explanation"]),
            "outcome": names(OUTCOMES, event["outcome"]),
            "experiment_id": names(TRIALS, event["experiment"]),
            "task_id": quoted(text("ta_", catalogue.decision_ids.take(task))),
            "[Experiment] Flag Key": names(_EXPERIMENT_IDS, np.where(is_exposure, feature, -1)),
            "[Experiment] Variant": names(VARIATIONS, event["is_holdout"]),
        }
    )
