"""Avro schemas of the Currents event types, and the values of their fields."""

from collections.abc import Sequence
from typing import Any, cast

import fastavro

from simulation.company import CHANNELS
from simulation.messages import TYPES

Columns = dict[str, Sequence[Any]]
_COMMON = ("campaign_id", "message_variation_id", "canvas_id", "canvas_step_id", "send_id")
_EMAIL = (*_COMMON, "dispatch_id", "email_address")
_DEVICE = (*_COMMON, "device_id", "platform")
_WHATSAPP = ("campaign_id", "message_variation_id", "canvas_id", "canvas_step_id", "send_id")
_STATE = ("subscription_status", "state_change_source")
_EXTRA: dict[str, tuple[str, ...]] = {
    "users.messages.email.Send": (*_EMAIL, "message_extras"),
    "users.messages.email.Open": (*_EMAIL, "user_agent", "machine_open"),
    "users.messages.email.Click": (
        *_EMAIL,
        "url",
        "user_agent",
        "is_suspected_bot_click",
        "suspected_bot_click_reason",
    ),
    "users.messages.email.Unsubscribe": _EMAIL,
    "users.messages.pushnotification.Send": (*_DEVICE, "dispatch_id", "message_extras"),
    "users.messages.pushnotification.Open": (*_DEVICE, "dispatch_id"),
    "users.messages.inappmessage.Impression": (*_DEVICE, "message_extras"),
    "users.messages.inappmessage.Click": _DEVICE,
    "users.messages.whatsapp.Send": (*_WHATSAPP, "to_phone_number", "message_extras"),
    "users.messages.whatsapp.Read": (*_WHATSAPP, "to_phone_number"),
    "users.messages.contentcard.Dismiss": (*_DEVICE, "content_card_id"),
    "users.behaviors.subscription.GlobalStateChange": (*_STATE, "channel", "channel_identifier"),
    "users.behaviors.subscriptiongroup.StateChange": (*_STATE, "subscription_group_id", "channel"),
    "users.campaigns.EnrollInControl": ("campaign_id",),
    "users.canvas.Entry": ("canvas_id", "canvas_variation_id", "in_control_group"),
    "users.UserOrphan": ("orphaned_by_id",),
    "users.UserDeleteRequest": (),
}
_TABLE_OF_PREFIX = (
    ("users.messages.", "messages"),
    ("users.behaviors.", "subscription_changes"),
    ("users.campaigns.", "control_enrollments"),
    ("users.canvas.", "control_enrollments"),
    ("users.UserOrphan", "user_orphans"),
    ("users.UserDeleteRequest", "user_delete_requests"),
)
TABLES = tuple(
    next(table for prefix, table in _TABLE_OF_PREFIX if name.startswith(prefix)) for name in TYPES
)
_SPECIAL: dict[str, Any] = {
    "is_suspected_bot_click": ["null", "boolean"],
    "suspected_bot_click_reason": ["null", {"type": "array", "items": "string"}],
    "in_control_group": ["null", "boolean"],
    "orphaned_by_id": "string",
    "subscription_status": "string",
}
_BROWSER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148"
)


def _schema(name: str) -> dict[str, Any]:
    """Lay out the Avro record of one event type."""
    time = "long" if "whatsapp" in name else "int"
    fields: list[dict[str, Any]] = [
        {"name": "id", "type": "string"},
        {"name": "user_id", "type": "string"},
        {"name": "external_user_id", "type": ["null", "string"], "default": None},
        {"name": "time", "type": time},
        {"name": "app_group_id", "type": ["null", "string"], "default": None},
    ]
    if not name.startswith("users.User"):
        fields.append({"name": "timezone", "type": ["null", "string"], "default": None})
    for extra in _EXTRA[name]:
        kind = _SPECIAL.get(extra, ["null", "string"])
        field: dict[str, Any] = {"name": extra, "type": kind}
        if isinstance(kind, list):
            field["default"] = None
        fields.append(field)
    record = {"type": "record", "name": name.rsplit(".", 1)[1], "namespace": name, "fields": fields}
    return cast("dict[str, Any]", fastavro.parse_schema(record))


SCHEMAS = tuple(_schema(name) for name in TYPES)


def columns(
    *,
    ids: list[str],
    user: list[str],
    absorbed_by: list[str],
    external: list[str | None],
    seconds: list[int],
    timezone: list[str],
    campaign: list[int],
    send: list[int],
    is_on: list[int],
    canvas: list[str | None],
    extras: list[str | None],
    email: list[str],
    phone: list[str],
    device: list[str],
    platform: list[int],
    machine_open: list[bool],
    machine_click: list[bool],
) -> Columns:
    """Turn the facts of events into the fields that the schemas name, a list of values each."""
    count = len(ids)
    campaigns = [f"cmp_{c:02d}" if c >= 0 else None for c in campaign]
    channels = [CHANNELS[c] if 0 <= c < len(CHANNELS) else "email" for c in campaign]
    return {
        "id": ids,
        "user_id": user,
        "external_user_id": external,
        "time": seconds,
        "app_group_id": ["5f1c0b7e"] * count,
        "timezone": timezone,
        "campaign_id": campaigns,
        "message_variation_id": [f"{c}_v1" if c else None for c in campaigns],
        "canvas_id": canvas,
        "canvas_variation_id": ["control" if on == 1 else "welcome_a" for on in is_on],
        "canvas_step_id": [None] * count,
        "in_control_group": [on == 1 for on in is_on],
        "send_id": [
            (f"snd_{c}_{s % 997:03d}" if c else f"snd_{s:08d}") if s >= 0 else None
            for c, s in zip(campaigns, send, strict=True)
        ],
        "dispatch_id": [f"dsp_{s:08d}" if s >= 0 else None for s in send],
        "message_extras": extras,
        "email_address": email,
        "to_phone_number": phone,
        "device_id": device,
        "platform": [("ios", "android")[p % 2] for p in platform],
        "user_agent": [_BROWSER] * count,
        "machine_open": ["true" if m else None for m in machine_open],
        "url": ["https://www.trustlift-bank.example/insights"] * count,
        "is_suspected_bot_click": [None] * count,
        "suspected_bot_click_reason": [["fast_click"] if m else [] for m in machine_click],
        "content_card_id": [f"card_{c}" for c in campaigns],
        "subscription_status": ["Subscribed" if on == 1 else "Unsubscribed" for on in is_on],
        "state_change_source": ["sdk"] * count,
        "subscription_group_id": [f"group_{c}" for c in channels],
        "channel": channels,
        "channel_identifier": email,
        "orphaned_by_id": absorbed_by,
    }
