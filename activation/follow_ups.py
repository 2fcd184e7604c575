"""Follow-ups that are due now, and the form in which Braze takes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_DUE = """
    select
        flow_instance_id, customer_id, flow_id, channel, cast(amount as varchar), currency_code,
        missing_step, deadline_at
    from flow_triggers_due
    where is_due and deadline_at > ?
    order by flow_instance_id
"""
# Whom the product knew the customer as; of several records of one customer the flow's own.
_ADDRESSES = """
    select flows.flow_instance_id, min(identifiers.identifier_value)
    from core.fct_flow_instances as flows
    inner join identity.identity_identifiers as identifiers
        on flows.identifier_key = identifiers.identifier_key
    where identifiers.identifier_type = 'customer_ref'
    group by flows.flow_instance_id
"""


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """A reminder that is owed.

    Attributes:
        flow_instance_id: The run that was given up.
        customer_id: Whose.
        flow_id: The flow.
        channel: Over which channel.
        amount: What it was about, None if that is unknown.
        currency_code: Of the amount.
        missing_step: What the customer would do next, None if that is unknown.
        deadline_at: After this it is late (aware UTC).
    """

    flow_instance_id: str
    customer_id: str
    flow_id: str
    channel: str
    amount: Decimal | None
    currency_code: str | None
    missing_step: str | None
    deadline_at: datetime


def read_due(published: DuckDBPyConnection, *, now: datetime) -> list[FollowUp]:
    """Read what is due and not yet late, from a published snapshot.

    Args:
        published: The snapshot.
        now: The moment (aware UTC) after which deadlines must lie.
    """
    moment = now.astimezone(UTC).replace(tzinfo=None)
    found = published.execute(_DUE, [moment]).fetchall()
    return [
        FollowUp(
            flow_instance_id=instance,
            customer_id=str(customer),
            flow_id=flow,
            channel=channel,
            amount=None if amount is None else Decimal(amount),
            currency_code=currency,
            missing_step=step,
            deadline_at=deadline.replace(tzinfo=UTC),
        )
        for instance, customer, flow, channel, amount, currency, step, deadline in found
    ]


def read_addresses(build: DuckDBPyConnection) -> dict[str, str]:
    """Read by flow instance whom the sending system knows the customer as."""
    return dict(build.execute(_ADDRESSES).fetchall())


def braze_line(due: FollowUp, external_user_id: str) -> str:
    """Write a recipient as `/canvas/trigger/send` takes it, one line of JSON.

    A property that is unknown is left out: a template then says something general.
    """
    properties = {
        "flow_id": due.flow_id,
        "flow_instance_id": due.flow_instance_id,
        "channel": due.channel,
        "amount": None if due.amount is None else str(due.amount),
        "currency_code": None if due.amount is None else due.currency_code,
        "missing_step": due.missing_step,
        "deadline_at": due.deadline_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    known = {name: value for name, value in properties.items() if value is not None}
    recipient = {
        "external_user_id": external_user_id,
        "canvas_entry_properties": known,
        "send_to_existing_only": True,
    }
    return json.dumps(recipient, ensure_ascii=False)
