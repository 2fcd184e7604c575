"""Let the expectations judge, and say what blocks, to whom, and what to do."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from orchestration.alerts import send_alert
from orchestration.run import Run
from orchestration.status import BlockedBatch, record_outcome


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a gate found."""

    judged_count: int
    blocked: tuple[BlockedBatch, ...]


def judge_batches(run: Run) -> Verdict:
    raise NotImplementedError


def judge_marts(run: Run) -> Verdict:
    raise NotImplementedError
