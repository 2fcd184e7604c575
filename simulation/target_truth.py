"""What each decision was made for and on, and what the bank really knew of its customers."""

import pandas as pd
import pyarrow as pa

from simulation import banking
from simulation.banking import RISKS, STAGES, Bank
from simulation.company import BEHAVIOURS, FEATURES
from simulation.insights import BLOCKED, PASSED, REVIEWED
from simulation.parameters import HOUR, SimulationParameters
from simulation.randomness import Bools
from simulation.targets import CONTENT_IDS, CONTENT_RISKS, INPUTS, OFFERS, SNAPSHOT_TTL
from simulation.truth import Truth, pick, times
from simulation.world import World
from simulation.writers.files import next_extract

_FILTERS = {PASSED: "passed", BLOCKED: "blocked", REVIEWED: "review"}


def record_targets(
    parameters: SimulationParameters,
    world: World,
    bank: Bank,
    aims: pd.DataFrame,
    *,
    is_kept: Bools,
    truth: Truth,
) -> None:
    """Record every kept decision, and each state of genuine customers that the bank has told.

    Args:
        parameters: The company.
        world: What really happened.
        bank: Its books.
        aims: What `simulation.targets.aim` drew.
        is_kept: For each decision, whether an ideal pipeline keeps it.
        truth: Takes them.
    """
    _record_decisions(world, aims, is_kept, truth)
    told = {
        name: _told(parameters, world, bank.tables[name])
        for name in ("customers", "eligibility", "product_holdings")
    }
    records, said, held = told["customers"], told["eligibility"], told["product_holdings"]
    for table, states, columns in (
        (
            "customer_states",
            records,
            {
                "lifecycle_stage": pick(STAGES, records["stage"]),
                "risk_segment": pick(RISKS, records["risk"]),
                "valid_from": times(records["updated_at"].to_numpy()),
            },
        ),
        (
            "eligibility",
            said,
            {
                "is_eligible": pa.array(said["is_eligible"].to_numpy()),
                "valid_from": times(said["valid_from"].to_numpy()),
            },
        ),
        (
            "holdings",
            held,
            {
                "product_line": pick(banking.PRODUCT_LINES, held["product_line"]),
                "valid_from": times(held["valid_from"].to_numpy()),
            },
        ),
    ):
        refs = world.people.refs.take(states["customer"].to_numpy())
        truth.add(table, pa.table({"customer_ref": refs, **columns}))


def _told(parameters: SimulationParameters, world: World, rows: pd.DataFrame) -> pd.DataFrame:
    """Leave the rows of genuine customers' first records that an extract took along."""
    first = parameters.start_micros + 23 * HOUR
    customer = rows["customer"].to_numpy()
    is_known = next_extract(rows["updated_at"].to_numpy(), first) < parameters.end_micros
    is_known &= customer < world.people.count
    known: pd.DataFrame = rows[is_known]
    genuine: pd.DataFrame = known[world.people.is_genuine[known["customer"].to_numpy()]]
    return genuine


def _record_decisions(world: World, aims: pd.DataFrame, is_kept: Bools, truth: Truth) -> None:
    decisions, aim = world.decisions[is_kept], aims[is_kept]
    feature, content = decisions["feature"], aim["content"].to_numpy()
    categories = tuple(f.category for f in FEATURES)
    behaviours = tuple(b.name for b in BEHAVIOURS)
    truth.add(
        "decisions",
        pa.table(
            {
                "decision_id": world.decision_ids.filter(pa.array(is_kept)),
                "customer_ref": world.people.refs.take(aim["addressed"].to_numpy()),
                "feature_id": pick(tuple(f.feature_id for f in FEATURES), feature),
                "model_behaviour": pick(behaviours, decisions["behaviour"]),
                "insight_category": pick(categories, feature),
                "decided_at": times(decisions["decided"].to_numpy()),
                "served_at": times(decisions["served"].to_numpy()),
                "has_reason_shown": pa.array(decisions["has_reason_shown"].to_numpy()),
                "filter_result": pa.array(decisions["filter"].map(_FILTERS).to_numpy()),
                "filter_ran": pa.array(aim["is_filtered"].to_numpy()),
                "offer_id": pick(OFFERS, aim["offer"]),
                "content_id": pick(CONTENT_IDS, content),
                "topic": pick(categories, feature),
                "risk_level": pick(RISKS, CONTENT_RISKS[content]),
                "asserted_lifecycle_stage": pick(STAGES, aim["stage"]),
                "uses_location": pa.array(["location" in INPUTS[i] for i in aim["inputs"]]),
                "snapshot_at": times(aim["snapshot"].to_numpy()),
                "snapshot_ends_at": times(aim["snapshot"].to_numpy() + SNAPSHOT_TTL),
                "score_surplus": pa.array((decisions["decided"] % 4001 + 500).to_numpy()),
            }
        ),
    )
