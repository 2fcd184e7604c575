"""The key-value pairs that the company gives its messages, as Currents brings them."""

from collections.abc import Iterator

import orjson
import pandas as pd

from simulation.company import FLOW_STEPS
from simulation.jsontext import stamps
from simulation.message_contents import MESSAGE_CONTENTS
from simulation.world import World


def message_extras(world: World, messages: pd.DataFrame) -> list[str | None]:
    """Write each message's pairs as one JSON object, None where it has none."""
    return [orjson.dumps(pairs).decode() if pairs else None for pairs in _pairs(world, messages)]


def _pairs(world: World, messages: pd.DataFrame) -> Iterator[dict[str, str]]:
    ids = world.insert_ids.to_pylist()
    computed = stamps(messages["segment_at"].to_numpy()).to_pylist()
    wanted = ["content", "coordination", "trigger", "segment_at", "cents", "step"]
    columns = (messages[name].tolist() for name in wanted)
    rows = zip(*columns, computed, strict=True)
    first = world.people.first
    for content, coordination, trigger, segment_at, cents, step, at in rows:
        pairs = {}
        if content >= 0:
            pairs["content_id"] = MESSAGE_CONTENTS[content].content_id
            if offer := MESSAGE_CONTENTS[content].offer_id:
                pairs["offer_id"] = offer
        if coordination >= 0:
            pairs["coordination_id"] = f"co_{first}_{coordination}"
        if trigger >= 0:
            pairs["trigger_event_id"] = ids[trigger]
        if segment_at >= 0:
            pairs["segment_computed_at"] = at
        if cents >= 0:
            pairs["rendered_amount"] = f"{cents // 100}.{cents % 100:02d}"
        if step >= 0:
            pairs["rendered_step"] = FLOW_STEPS[step]
        yield pairs
