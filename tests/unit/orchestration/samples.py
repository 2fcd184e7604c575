from orchestration.status import Blocked

BLOCKED = Blocked(
    subject="amplitude/events/2026-06-21",
    source="amplitude",
    owner="data-engineering",
    expectation="duplication_rate at most 0.15",
    figure=0.31,
    threshold=0.15,
    fault="",
    remedy="Set it aside.",
    commands=('trustlift reject amplitude/events/2026-06-21 --reason "…"',),
)
