"""The order of the run: dbt's segments and the Python stages between them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A part of the dbt project that is built in one go.

    Attributes:
        name: Name of the Dagster step.
        select: dbt selection.
        exclude: dbt selection taken out of it.
        is_gated: Whether it waits for the gate on batches.
    """

    name: str
    select: str
    exclude: str = ""
    is_gated: bool = False


HYGIENE_AND_CORE = "hygiene_and_core"

SEGMENTS = (
    Segment(name="seeds", select="resource_type:seed"),
    Segment(name="staging", select="fqn:trustlift.staging"),
    Segment(name="identity", select="fqn:trustlift.identity"),
    Segment(name=HYGIENE_AND_CORE, select="fqn:trustlift.hygiene fqn:trustlift.core"),
    Segment(name="sums", select="tag:sums", is_gated=True),
    Segment(name="marts", select="fqn:trustlift.marts", exclude="tag:sums", is_gated=True),
)

BATCH_GATE_KEY = ("gates", "results")
MART_GATE_KEY = ("gates", "marts")

RAW = "raw"
USER_AGENTS = "user_agents"
STANDARDISER = "standardiser"
MATCHER = "matcher"
RESOLVER = "resolver"
BATCH_GATE = "gate_on_batches"
INFERENCE = "inference"
VERDICTS = "verdicts"
MART_GATE = "gate_on_marts"
PUBLISH = "publish"

STAGES_BEFORE_PUBLISH = (
    RAW,
    *(segment.name for segment in SEGMENTS),
    USER_AGENTS,
    STANDARDISER,
    MATCHER,
    RESOLVER,
    BATCH_GATE,
    INFERENCE,
    VERDICTS,
    MART_GATE,
)
