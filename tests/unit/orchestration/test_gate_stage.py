from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from expectations.verdicts import Remedy, Verdict
from orchestration.gate_stage import describe, describe_all

BATCH = "amplitude/events/2026-06-21"
VERDICT = Verdict(
    gate="batches",
    subject=BATCH,
    source_name="amplitude",
    table_name="events",
    received_date=date(2026, 6, 21),
    metric="duplication_rate",
    value=0.31,
    threshold_min=None,
    threshold_max=0.15,
    row_count=1_000,
    severity="error",
    status="failed",
    owner="data-engineering",
    why="A healthy client redelivers 2-3 %.",
    remedy=Remedy("Set it aside.", (f"trustlift reject {BATCH}",)),
)


def test_a_refusal_says_figure_threshold_batch_source_owner_and_what_to_run() -> None:
    blocked = describe(VERDICT, Path("trustlift.yml"))
    assert (blocked.subject, blocked.source, blocked.owner) == (
        BATCH,
        "amplitude",
        "data-engineering",
    )
    assert (blocked.figure, blocked.threshold) == (0.31, 0.15)
    assert blocked.expectation == "duplication_rate at most 0.15"
    assert blocked.commands == (f'trustlift reject {BATCH} --reason "…"',)


def test_commands_name_a_configuration_that_is_not_the_default(tmp_path: Path) -> None:
    [command] = describe(VERDICT, tmp_path / "my file.yml").commands
    assert command.endswith(f"--config '{tmp_path}/my file.yml'")


@pytest.mark.parametrize("gate", ["batches", "marts"])
def test_a_mart_has_its_gate_for_a_source(gate: str) -> None:
    mart = replace(VERDICT, gate=gate, source_name=None, remedy=None)
    blocked = describe(mart, Path("trustlift.yml"))
    assert blocked.source == gate
    assert blocked.commands == ()


def test_that_nothing_came_is_one_refusal() -> None:
    nothing = [
        replace(VERDICT, subject="*", source_name=None, metric=metric, value=None, fault="nothing")
        for metric in ("duplication_rate", "stale_rate")
    ]
    [blocked] = describe_all(nothing, Path("trustlift.yml"))
    assert (blocked.subject, blocked.expectation) == ("all batches", "batches to judge")
    assert len(describe_all([VERDICT, *nothing], Path("trustlift.yml"))) == 3
