"""The company's decision log, its review log (JSON lines by day) and its content taxonomy (CSV)."""

from pathlib import Path

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulation.banking import RISKS, STAGES
from simulation.company import (
    BEHAVIOURS,
    CONTENT_TAGS,
    CONTENTS,
    FEATURES,
    MODEL_VERSIONS,
    RESPONSES,
)
from simulation.deliveries import Deliveries, Habits, deliver
from simulation.insights import BLOCKED, PASSED, REVIEWED
from simulation.jsontext import (
    booleans,
    lines,
    names,
    numbers,
    quoted,
    stamps,
    text,
    truncated,
)
from simulation.message_contents import OWN_CONTENTS
from simulation.parameters import DAY, HOUR, SECOND, SimulationParameters
from simulation.policies import ACTION_LISTS, FORMATS, POLICIES, POLICY_TYPES, policies
from simulation.randomness import Array, Bools, Ints, at_least, between, chance, hex_ids, stream
from simulation.reasons import KEPT, Marks, judge
from simulation.targets import CONTENT_IDS, CONTENT_RISKS, INPUTS, OFFERS, SNAPSHOT_TTL
from simulation.truth import Truth, pick, times
from simulation.world import World
from simulation.writers.files import seconds_text, write_csv, write_daily_lines

SLA = 48 * HOUR
_HABITS = Habits(
    usual=(1.5 * SECOND, 6 * SECOND),
    late_share=0.01,
    stale_share=0.002,
    copy_share=0.012,
)
_VERDICTS = ("rejected", "approved")
_FEATURE_IDS = tuple(feature.feature_id for feature in FEATURES)
_BEHAVIOUR_FEATURE = [f for f in FEATURES for _ in f.behaviours]


def export_decisions(
    parameters: SimulationParameters,
    chunk: int,
    world: World,
    folder: Path,
    truth: Truth,
    *,
    aims: pd.DataFrame,
) -> Bools:
    """Write the decision log; a broken line is a first try whose repeat follows it.

    Returns:
        For each decision, whether an ideal pipeline keeps it.
    """
    rng = stream(parameters.seed, chunk, "decisioning")
    decided = world.decisions["decided"].to_numpy()
    sent = deliver(rng, decided, _HABITS)
    broken = at_least(rng, 0.0005, 2, np.arange(len(decided)))
    record = np.concatenate([sent.record, broken])
    received = np.concatenate([sent.received, sent.received[broken]])
    copy = np.concatenate([sent.copy, np.full(len(broken), -1)])
    is_late = np.concatenate([sent.is_late, np.zeros(len(broken), dtype=bool)])
    order = np.lexsort((copy, record, received))
    order = order[received[order] < parameters.end_micros]
    rows = Deliveries(record[order], received[order], copy[order], is_late[order])
    is_broken = rows.copy < 0
    written = truncated(_decision_lines(parameters, world, rows, aims), is_broken)
    file, files, line = write_daily_lines(folder, "decisions", chunk, written, rows.received)
    is_internal, is_erased = world.people.flags(world.decisions["customer"].to_numpy()[rows.record])
    reason = judge(
        Marks(
            record=rows.record,
            received=rows.received,
            is_quarantined=is_broken,
            is_test=is_internal,
            is_stale=rows.received - decided[rows.record] > SLA,
            is_erased=is_erased,
        )
    )
    truth.add_received(
        "decisioning",
        "decisions",
        received=rows.received,
        key=text(world.decision_ids.take(rows.record), "#", numbers(rows.copy)),
        reason=reason,
        file=file,
        files=files,
        line=line,
        flags=pd.DataFrame({"is_late": rows.is_late}),
    )
    is_kept = np.zeros(len(decided), dtype=bool)
    is_kept[rows.record[reason == KEPT]] = True
    return is_kept


def export_reviews(
    parameters: SimulationParameters, chunk: int, world: World, folder: Path, truth: Truth
) -> None:
    """Write the reviews of decisions that the filter passed to people.

    A review names no customer, so internal and erased customers' decisions are not sent to review.
    """
    rng = stream(parameters.seed, chunk, "reviews")
    decisions = world.decisions
    is_genuine = world.people.is_genuine[decisions["customer"].to_numpy()]
    decision = np.flatnonzero((decisions["filter"] == REVIEWED).to_numpy() & is_genuine)
    requested = decisions["decided"].to_numpy()[decision] + SECOND
    reviewed = requested + between(rng, 0.3 * HOUR, 20 * HOUR, len(decision))
    ids = hex_ids(rng, len(decision), digits=16, prefix="rv")
    approved = chance(rng, 0.7, len(decision))
    arrived = deliver(rng, reviewed, Habits(copy_share=0.01))
    order = np.lexsort((arrived.copy, arrived.record, arrived.received))
    order = order[arrived.received[order] < parameters.end_micros]
    if not len(order):
        return
    record, received = arrived.record[order], arrived.received[order]
    written = lines(
        {
            "review_id": quoted(ids.take(record)),
            "decision_id": quoted(world.decision_ids.take(decision[record])),
            "requested_at": quoted(stamps(requested[record])),
            "reviewed_at": quoted(stamps(reviewed[record])),
            "logged_at": quoted(stamps(received)),
            "review_status": names(_VERDICTS, approved[record]),
            "reason": names(("wording", "affordability", "vulnerable_customer"), record % 3),
        }
    )
    given = np.unique(record)
    truth.add(
        "reviews",
        pa.table(
            {
                "decision_id": world.decision_ids.take(decision[given]),
                "requested_at": times(requested[given]),
                "reviewed_at": times(reviewed[given]),
                "status": pick(_VERDICTS, approved[given]),
            }
        ),
    )
    file, files, line = write_daily_lines(folder, "filter_reviews", chunk, written, received)
    truth.add_received(
        "decisioning",
        "filter_reviews",
        received=received,
        key=text(ids.take(record), "#", numbers(arrived.copy[order])),
        reason=judge(Marks(record=record, received=received)),
        file=file,
        files=files,
        line=line,
    )


def export_content(parameters: SimulationParameters, folder: Path, truth: Truth) -> None:
    """Write the content taxonomy, published before the first day."""
    columns = "content_id version topic tone format risk_level tags conflict_group published_at"
    published = parameters.start_micros - 30 * DAY + 9 * HOUR
    rows: list[tuple[object, ...]] = [
        (
            f"ct_{behaviour.name}_{number}",
            1,
            feature.category,
            ("friendly", "neutral", "urgent")[number - 1],
            "card",
            RISKS[CONTENT_RISKS[place * CONTENTS + number - 1]],
            orjson.dumps(CONTENT_TAGS[place * CONTENTS + number - 1]).decode(),
            f"cg_{feature.category}",
            seconds_text(published),
        )
        for place, (behaviour, feature) in enumerate(
            zip(BEHAVIOURS, _BEHAVIOUR_FEATURE, strict=True)
        )
        for number in range(1, CONTENTS + 1)
    ]
    rows += [
        (
            content.content_id,
            1,
            content.topic,
            "neutral",
            "message",
            "medium" if content.topic == "investing" else "low",
            '["educational"]',
            content.conflict_group,
            seconds_text(published),
        )
        for content in OWN_CONTENTS
    ]
    truth.add(
        "content",
        pa.table(
            {
                "content_id": pa.array(CONTENT_IDS),
                "tags": pa.array([list(tags) for tags in CONTENT_TAGS], pa.list_(pa.string())),
            }
        ),
    )
    write_csv(folder / "content/content.csv", columns.split(), rows)
    truth.add_received(
        "decisioning",
        "content",
        received=np.full(len(rows), published),
        key=pa.array([f"{row[0]}|{row[1]}" for row in rows]),
        reason=np.full(len(rows), KEPT),
        file=np.zeros(len(rows)),
        files=["content/content.csv"],
        line=np.arange(len(rows)) + 1,
    )


def _decision_lines(
    parameters: SimulationParameters, world: World, rows: Deliveries, aims: pd.DataFrame
) -> pa.Array:
    """Write the log's lines."""
    taken = {name: values.to_numpy()[rows.record] for name, values in world.decisions.items()}
    aim = {name: values.to_numpy()[rows.record] for name, values in aims.items()}
    behaviour, feature = taken["behaviour"], taken["feature"]
    decided: Ints = taken["decided"]
    verdict = taken["filter"]
    count = len(rows.record)
    chosen = policies(parameters, world.decisions.iloc[rows.record])
    policy = {name: values.to_numpy() for name, values in chosen.items()}
    is_told = ~np.isnan(policy["propensity"])
    score: Array = (decided % 4001) / 10_000 + 0.55
    insights = world.decision_ids.take(rows.record)
    inputs = [orjson.dumps(used).decode() for used in INPUTS]
    one = np.zeros(count)
    return lines(
        {
            "decision_id": quoted(insights),
            "customer_ref": quoted(world.people.refs.take(aim["addressed"])),
            "decided_at": quoted(stamps(decided)),
            "logged_at": quoted(stamps(rows.received)),
            "served_at": quoted(stamps(taken["served"])),
            "feature_id": names(_FEATURE_IDS, feature),
            "feature_version": names(("1",), one),
            "candidate_id": quoted(text("ca", numbers(rows.record))),
            "objective": names([f.objective for f in FEATURES], feature),
            "policy_id": names(POLICIES, policy["policy"]),
            "policy_type": names(POLICY_TYPES, policy["type"]),
            "model_version": names(MODEL_VERSIONS, taken["model"]),
            "model_behaviour": names([b.name for b in BEHAVIOURS], behaviour),
            "insight_category": names([f.category for f in FEATURES], feature),
            "channel": names(("in_app",), one),
            "offer_id": names(OFFERS, aim["offer"]),
            "tone": names(("friendly", "neutral", "urgent"), aim["content"] % CONTENTS),
            "frequency": names(("per_session",), one),
            "format": names(FORMATS, policy["format"]),
            "content_id": names(CONTENT_IDS, aim["content"]),
            "eligible_actions": names(ACTION_LISTS, policy["actions"], form="{}"),
            "propensity": numbers(policy["propensity"], ~is_told),
            "exploration_floor": numbers(policy["floor"], ~is_told),
            "score": numbers(np.round(score, 4)),
            "score_threshold": numbers(np.full(count, 0.5)),
            "features_used": names(inputs, aim["inputs"], form="{}"),
            "snapshot_at": quoted(stamps(aim["snapshot"])),
            "snapshot_ttl_seconds": numbers(np.full(count, SNAPSHOT_TTL // SECOND)),
            "asserted_lifecycle_stage": names(STAGES, aim["stage"]),
            "asserted_risk_segment": names(RISKS, aim["risk"]),
            "filter_ran": booleans(aim["is_filtered"]),
            "filter_result": names(
                ("passed", "blocked", "review"),
                np.select([verdict == PASSED, verdict == BLOCKED], [0, 1], default=2),
            ),
            "filter_reason": names(("frequency_cap",), np.where(verdict == BLOCKED, 0, -1)),
            "reason_shown": booleans(taken["has_reason_shown"]),
            "customer_response": names(RESPONSES, taken["response"]),
            "linked_task_id": quoted(
                text("ta_", pc.if_else(pa.array(taken["is_linked"]), insights, None))
            ),
            "is_auto_applied": booleans(taken["is_auto_applied"].astype(int)),
            "is_test": booleans(world.people.column("is_flagged")[taken["customer"]]),
        }
    )
