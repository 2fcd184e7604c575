"""Records of Zendesk's exports as its API lays them out."""

from typing import Any

import numpy as np
import pandas as pd

from simulation.company import FEATURES
from simulation.parameters import DAY, MINUTE, SECOND
from simulation.randomness import Ints
from simulation.support import NEW, SOLVED, STATUSES
from simulation.world import World

CUSTOMER_FIELD, FEATURE_FIELD = 360001, 360002
SITE = "https://trustlift-bank.zendesk.example/api/v2"
_CHANNELS = ("email", "web", "mobile", "chat")


def _iso(micros: int) -> str:
    """Write whole seconds as Zendesk does."""
    return f"{np.datetime64(micros // SECOND, 's')}Z"


def ticket_records(
    world: World,
    tickets: pd.DataFrame,
    versions: pd.DataFrame,
    *,
    texts: list[tuple[str, str]],
    received: Ints,
) -> list[dict[str, Any]]:
    """Lay out ticket versions as the incremental export returns them.

    Args:
        world: Whose tickets they are.
        tickets: One row a ticket.
        versions: One row a version.
        texts: Subject and body of each ticket.
        received: When each version was generated, in microseconds.
    """
    refs = world.people.refs.to_pylist()
    rows = tickets.to_dict("records")
    out = []
    for ticket, status, at, generated in zip(
        versions["ticket"].tolist(),
        versions["status"].tolist(),
        versions["at"].tolist(),
        (received // SECOND).tolist(),
        strict=True,
    ):
        row = rows[ticket]
        subject, body = texts[ticket]
        feature = FEATURES[row["feature"]].feature_id if row["feature"] >= 0 else None
        tags = [] if status == NEW else ["triaged"] + ([feature] if feature else [])
        out.append(
            {
                "url": f"{SITE}/tickets/{row['id']}.json",
                "id": row["id"],
                "external_id": None,
                "type": "question",
                "subject": subject,
                "raw_subject": subject,
                "description": body,
                "priority": (None, "normal", "normal", "normal")[status],
                "status": STATUSES[status],
                "requester_id": row["requester"],
                "submitter_id": row["requester"],
                "assignee_id": None if status == NEW else 8_000_000_001 + row["id"] % 7,
                "tags": tags,
                "custom_fields": [
                    {
                        "id": CUSTOMER_FIELD,
                        "value": refs[row["customer"]] if row["names_customer"] else None,
                    },
                    {"id": FEATURE_FIELD, "value": feature},
                ],
                "satisfaction_rating": {"score": "offered" if status == SOLVED else "unoffered"},
                "via": {
                    "channel": _CHANNELS[row["id"] % len(_CHANNELS)],
                    "source": {"from": {}, "to": {}, "rel": None},
                },
                "metric_set": _metrics(row, at),
                "created_at": _iso(row["created"]),
                "updated_at": _iso(at),
                "generated_timestamp": generated,
            }
        )
    return out


def rating_records(
    tickets: pd.DataFrame, ratings: pd.DataFrame, versions: pd.DataFrame
) -> list[dict[str, Any]]:
    """Lay out legacy ratings: offered first, then good or bad."""
    scores = np.where(ratings["score"] >= 4, "good", "bad").tolist()
    begun = ratings["offered"].tolist()
    ids, requesters = tickets["id"].tolist(), tickets["requester"].tolist()
    return [
        {
            "url": f"{SITE}/satisfaction_ratings/{ids[ticket] + 500_000_000}.json",
            "id": ids[ticket] + 500_000_000,
            "ticket_id": ids[ticket],
            "requester_id": requesters[ticket],
            "assignee_id": 8_000_000_001 + ids[ticket] % 7,
            "group_id": 7_000_000_001,
            "score": scores[ticket] if status else "offered",
            "comment": None,
            "reason": "No reason provided" if status else None,
            "created_at": _iso(begun[ticket]),
            "updated_at": _iso(at),
        }
        for ticket, status, at in versions[["ticket", "status", "at"]].itertuples(
            index=False, name=None
        )
    ]


def survey_records(
    tickets: pd.DataFrame, ratings: pd.DataFrame, versions: pd.DataFrame
) -> list[dict[str, Any]]:
    """Lay out survey responses: sent without answers, answered, and for some edited."""
    scores, begun = ratings["score"].tolist(), ratings["offered"].tolist()
    answered = ratings["answered"].tolist()
    ids, requesters = tickets["id"].tolist(), tickets["requester"].tolist()
    out = []
    for ticket, status, at in versions[["ticket", "status", "at"]].itertuples(
        index=False, name=None
    ):
        first, last = _iso(answered[ticket]), _iso(at)
        rating = max(1, scores[ticket] - (status == 2))
        answers = [
            {
                "id": f"an_{ids[ticket]}_1",
                "type": "rating_scale",
                "rating": rating,
                "rating_category": "good" if rating >= 4 else "bad",
                "created_at": first,
                "updated_at": last,
            },
            {
                "id": f"an_{ids[ticket]}_2",
                "type": "open_ended",
                "skipped": True,
                "value": None,
                "created_at": first,
                "updated_at": first,
            },
        ]
        out.append(
            {
                "id": f"sr_{ids[ticket]}",
                "survey_id": "survey_support_csat",
                "survey_version": 1,
                "requester_id": requesters[ticket],
                "ticket_id": ids[ticket],
                "expires_at": _iso(begun[ticket] + 30 * DAY),
                "answers": answers if status else [],
                "created_at": _iso(begun[ticket]),
                "updated_at": last,
            }
        )
    return out


def _metrics(ticket: dict[Any, Any], at: int) -> dict[str, Any]:
    """Give the ticket's metrics as its version of a moment has them."""
    is_replied = 0 <= ticket["replied"] <= at
    minutes = (ticket["replied"] - ticket["created"]) // MINUTE if is_replied else None
    return {
        "reopens": int(0 <= ticket["reopened"] <= at),
        "reply_time_in_minutes": {"calendar": minutes, "business": None},
    }
