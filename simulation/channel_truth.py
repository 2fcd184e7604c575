"""The truth about messages and flows that an ideal pipeline arrives at."""

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.banking import ENTRY_CLASSES, ORDER_STATUSES
from simulation.company import CHANNELS, EVENT_TYPES, FLOW_STEPS, FLOWS, TIMEZONES
from simulation.follow_ups import ARMS
from simulation.jsontext import numbers, text
from simulation.message_contents import MESSAGE_CONTENTS
from simulation.messages import GLOBAL_STATE, GROUP_STATE, TYPES
from simulation.people import People
from simulation.randomness import Array, Bools, Ints
from simulation.truth import Truth, pick, times
from simulation.world import World

SETTLED = ORDER_STATUSES.index("settled")
SAVINGS_DEPOSIT = ENTRY_CLASSES.index("savings_deposit")
_KINDS = {
    "Send": "sent",
    "Open": "opened",
    "Impression": "sent",
    "Click": "clicked",
    "Dismiss": "dismissed",
    "Unsubscribe": "unsubscribed",
    "Read": "opened",
}
_CHANNELS = {
    "email": "email",
    "pushnotification": "push",
    "inappmessage": "in_app",
    "whatsapp": "whatsapp",
    "contentcard": "in_app",
}


def record_messages(
    world: World, messages: pd.DataFrame, is_event_kept: Bools, truth: Truth
) -> None:
    """Record what is kept of messages: each sending with what it carries, and each response.

    Args:
        world: What happened.
        messages: The kept rows, as `make_messages` gives them.
        is_event_kept: Of the product events; a cause that is lost is no cause.
        truth: Takes the table `message_events`.
    """
    _record_subscriptions(world, messages, truth)
    _record_states(world, messages, truth)
    told = messages[[name.startswith("users.messages") for name in _names(messages)]]
    parts = pd.Series(_names(told)).str.split(".", expand=True)
    customer, trigger = told["customer"].to_numpy(), told["trigger"].to_numpy()
    cause = world.events.iloc[trigger]
    is_own = (trigger >= 0) & is_event_kept[trigger]
    is_own &= cause["customer"].to_numpy() == customer
    cents = told["cents"].to_numpy()
    content = told["content"].to_numpy()
    own: Array = np.where(is_own, cause["at"].to_numpy(), -1)
    truth.add(
        "message_events",
        pa.table(
            {
                "customer_ref": world.people.refs.take(customer),
                # A mail to a profile that was merged later has no number.
                "message": pa.array(
                    np.where(told["send"] >= 0, told["send"], -1 - customer).astype(np.int64)
                ),
                "channel": pa.array(parts[2].map(_CHANNELS).tolist()),
                "kind": pa.array(parts[3].map(_KINDS).tolist()),
                "event_at": times(told["at"].to_numpy()),
                "campaign_id": pick(tuple(f"cmp_{c:02d}" for c in range(24)), told["campaign"]),
                "is_coordinated": pa.array(told["coordination"].to_numpy() >= 0),
                "content_id": pick(tuple(c.content_id for c in MESSAGE_CONTENTS), content),
                "offer_id": pick(tuple(c.offer_id or "" for c in MESSAGE_CONTENTS), content),
                "conflict_group": pick(
                    tuple(c.conflict_group or "" for c in MESSAGE_CONTENTS), content
                ),
                "topic": pick(tuple(c.topic for c in MESSAGE_CONTENTS), content),
                "segment_computed_at": times(told["segment_at"].to_numpy()),
                "triggered_at": times(own),
                "flow_instance_id": _instances(
                    world, np.where(is_own & (cause["flow_instance"].to_numpy() >= 0), trigger, -1)
                ),
                "rendered_amount": pa.array(cents / 100, mask=cents < 0),
                "rendered_step": pick(FLOW_STEPS, told["step"]),
                "timezone": pick(TIMEZONES, world.people.column("timezone")[customer]),
            }
        ),
    )


def _record_subscriptions(world: World, messages: pd.DataFrame, truth: Truth) -> None:
    """Record when people's subscriptions ended, by the messaging system's own word."""
    is_state = np.array(["subscription" in name for name in _names(messages)])
    states = messages[is_state & (messages["is_on"] == 0).to_numpy()]
    truth.add(
        "unsubscriptions",
        pa.table(
            {
                "customer_ref": world.people.refs.take(states["customer"].to_numpy()),
                "event_at": times(states["at"].to_numpy()),
            }
        ),
    )


def _record_states(world: World, messages: pd.DataFrame, truth: Truth) -> None:
    """Record the kept states of subscriptions."""
    states = messages[messages["type"].isin((GLOBAL_STATE, GROUP_STATE))]
    truth.add(
        "subscription_states",
        pa.table(
            {
                "customer_ref": world.people.refs.take(states["customer"].to_numpy()),
                "channel": pick(CHANNELS, states["campaign"].to_numpy()),
                "new_state": pick(("off", "on"), states["is_on"].to_numpy()),
                "event_at": times(states["at"].to_numpy()),
            }
        ),
    )


def record_campaigns(campaigns: pd.DataFrame, truth: Truth) -> None:
    """Record each campaign as it was last described."""
    last = campaigns.sort_values("updated_at").drop_duplicates("campaign", keep="last")
    truth.add(
        "campaigns",
        pa.table(
            {
                "campaign_id": pa.array([f"cmp_{c:02d}" for c in last["campaign"]]),
                "briefed_at": times(last["briefed_at"].to_numpy()),
                "live_at": times(last["live_at"].to_numpy()),
                "needs_ticket": pa.array(last["needs_ticket"].to_numpy()),
                "min_gap_hours": pa.array(last["min_gap_hours"].to_numpy()),
            }
        ),
    )


def record_acts(name: str, rows: pd.DataFrame, registry: People, truth: Truth) -> None:
    """Record the kept orders that are settled, and deposits of savings: what counts as taking up.

    Args:
        name: The bank's table; others than orders and ledger entries record nothing.
        rows: Its kept rows.
        registry: The bank's own records of people.
        truth: Takes the table `bank_acts`.
    """
    if name == "orders":
        last = rows.sort_values("updated_at", kind="stable").drop_duplicates("order", keep="last")
        acts = last[last["status"] == SETTLED].assign(at=last["created_at"], line="trading")
    elif name == "ledger_entries":
        # What undoes a deposit is of its class, and no deposit.
        acts = rows[(rows["entry_class"] == SAVINGS_DEPOSIT) & (rows["reverses"] < 0)]
        acts = acts.assign(at=acts["updated_at"], line="savings")
    else:
        return
    people = registry.customers.get("person", pd.Series(np.arange(registry.count))).to_numpy()
    truth.add(
        "bank_acts",
        pa.table(
            {
                "customer_ref": registry.refs.take(people[acts["customer"].to_numpy()]),
                "product_line": pa.array(acts["line"].tolist(), pa.string()),
                "event_at": times(acts["at"].to_numpy()),
            }
        ),
    )


def record_flows(world: World, is_kept: Bools, truth: Truth) -> None:
    """Record the kept events of flows, and who is in which arm of the follow-up programme."""
    events = world.events
    some = np.flatnonzero(is_kept & (events["flow_instance"] >= 0).to_numpy())
    chosen = events.iloc[some]
    cents = chosen["cents"].to_numpy()
    truth.add(
        "flow_events",
        pa.table(
            {
                "customer_ref": world.people.refs.take(chosen["customer"].to_numpy()),
                "flow_id": pick(FLOWS, np.maximum(chosen["flow"].to_numpy(), 0)),
                "flow_instance_id": _instances(world, some),
                "event_name": pick(EVENT_TYPES, chosen["type"]),
                "flow_step": pick(FLOW_STEPS, chosen["flow_step"]),
                "is_completion": pa.array(chosen["is_completion"].to_numpy() == 1),
                "amount": pa.array(cents / 100, mask=cents < 0),
                "event_at": times(chosen["at"].to_numpy()),
            }
        ),
    )
    customer, flow = np.nonzero(world.follow_ups.arm >= 0)
    truth.add(
        "follow_up_arms",
        pa.table(
            {
                "customer_ref": world.people.refs.take(customer),
                "flow_id": pick(FLOWS, flow),
                "arm": pick(ARMS, world.follow_ups.arm[customer, flow]),
                "assigned_at": times(world.follow_ups.assigned_at[customer, flow]),
            }
        ),
    )


def _names(messages: pd.DataFrame) -> list[str]:
    return [TYPES[code] for code in messages["type"]]


def _instances(world: World, place: Ints) -> pa.Array:
    """Name the flow instances of events by their positions; null where it is negative."""
    events = world.events.iloc[place]
    start = world.sessions["start"].to_numpy()[events["session"].to_numpy()]
    is_none = place < 0
    return text(
        "fl", numbers(start, is_none), "-", numbers(events["flow_instance"].to_numpy(), is_none)
    )
