from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from orchestration.alerts.config import Alerts
from orchestration.alerts.findings import Finding

NOW = datetime(2026, 6, 28, 5, tzinfo=UTC)
FINDING = Finding(
    condition="duplication_rate",
    subject="amplitude/events/2026-06-21",
    group="amplitude/events",
    severity="error",
    owner="data-engineering",
    expected="duplication_rate at most 0.15",
    found="0.31",
    figure=0.31,
    threshold=0.15,
    why="A healthy client redelivers 2-3 %.",
    remedy="Set it aside.",
    commands=('trustlift reject amplitude/events/2026-06-21 --reason "…"',),
    look="trustlift status",
)


def finding(day: int = 21, **changes: Any) -> Finding:
    return replace(FINDING, subject=f"amplitude/events/2026-06-{day:02d}", **changes)


def alerts(*sinks: dict[str, Any], **settings: Any) -> Alerts:
    context: dict[str, Any] = {"base": None, "environ": {}, "cwd": None}
    return Alerts.model_validate({"sinks": list(sinks), **settings}, context=context)
