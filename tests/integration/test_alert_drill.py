"""For each threshold the data that trips it: told once when it begins and once when it is over."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from expectations.thresholds import Threshold, load_thresholds
from orchestration.alerts.carrier import carry
from orchestration.alerts.outbox import waiting
from orchestration.config_load import load_settings
from orchestration.dbt_process import DbtProject
from orchestration.gate_stage import judge_batches, judge_marts
from orchestration.ingestion_stage import observe_drift
from orchestration.places import main_places
from orchestration.run import Run
from tests.integration.drill_worlds import AS_OF, DRILLS, healthy_world, publish
from tests.unit.orchestration.alerts.receivers import Mailbox, Webhook, mailbox, webhook

RULES = {rule.id: rule for rule in load_thresholds()}


@dataclass
class Phase:
    """What was told in one part of the drill, and what blocked each of its runs."""

    texts: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    blocked: list[set[tuple[str, str]]] = field(default_factory=list)


@dataclass
class Drill:
    """A pipeline's gates at work on crafted data, with alerts that really go out."""

    run: Run
    hook: Webhook
    post: Mailbox

    def judge(self, *, times: int) -> Phase:
        """Judge what is there, as so many runs would, and note what was told."""
        self.hook.bodies.clear()
        self.post.mails.clear()
        phase = Phase()
        for _ in range(times):
            judged = (judge_batches(self.run), judge_marts(self.run))
            blocked = {(one.subject, one.expectation) for gate in judged for one in gate.blocked}
            phase.blocked.append(blocked)
            carry(self.run.settings, now=AS_OF)
        phase.texts = [body["text"] for body in self.hook.bodies]
        phase.subjects = self.post.subjects
        return phase


@pytest.fixture(scope="module")
def phases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Phase]]:
    """Data that trips every threshold at once, and then healthy data, each seen by two runs."""
    root = tmp_path_factory.mktemp("drill")
    with webhook() as hook, mailbox() as post, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRILL_URL", hook.url)
        run = make_run(root, port=post.port)
        drill, told = Drill(run, hook, post), {}
        with run.connect() as connection:
            healthy_world(connection)
            publish(connection, run.places.published)
            for spoil in DRILLS.values():
                spoil(connection)
        told["spoilt"] = drill.judge(times=2)
        with run.connect() as connection:
            healthy_world(connection)
        told["healed"] = drill.judge(times=2)
        yield told


def make_run(root: Path, *, port: int) -> Run:
    """Make a run whose alerts go to local receivers."""
    mail = {"kind": "email", "host": "127.0.0.1", "port": port, "security": "none"}
    sinks = [
        {"kind": "webhook", "url_env": "DRILL_URL"},
        {**mail, "sender": "trustlift@example.com", "to": ["data@example.com"]},
    ]
    config = root / "trustlift.yml"
    content: dict[str, Any] = {"timezone": "UTC", "data_dir": "data", "alerts": {"sinks": sinks}}
    content["sources"] = {"amplitude": {"path": "exports"}}
    config.write_text(yaml.safe_dump(content))
    settings = load_settings(config)
    return Run(
        run_id="drill",
        as_of=AS_OF,
        config_file=config,
        settings=settings,
        places=main_places(settings.data_dir),
        project=cast("DbtProject", None),
        clock=lambda: AS_OF,
    )


def test_every_threshold_has_its_drill() -> None:
    assert DRILLS.keys() == RULES.keys(), "a threshold that was never tripped may never alert"


def test_healthy_data_raises_nothing(phases: dict[str, Phase]) -> None:
    assert phases["healed"].blocked == [set(), set()]
    assert all(text.startswith("OK: ") for text in phases["healed"].texts)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_what_trips_a_threshold_is_told_once_and_its_end_once(
    rule: Threshold, phases: dict[str, Phase]
) -> None:
    words = rule.metric.replace("_", " ")
    begun = [text for text in phases["spoilt"].texts if f": expected {rule.metric} " in text]
    mine = [text for text in begun if rule.id in text or DRILLS[rule.id].subject in text]
    assert len(mine) == 1
    title, line, *_ = mine[0].splitlines()
    severity = DRILLS[rule.id].severity or rule.severity
    assert title.startswith(f"{severity.upper()}: {words}, ")
    assert line.startswith(f"{DRILLS[rule.id].subject}: expected {rule.metric} at ")
    assert f"Owner: {rule.owner}." in mine[0]
    over = [text for text in phases["healed"].texts if text.startswith(f"OK: {words}, ")]
    assert len([text for text in over if f"{DRILLS[rule.id].subject}: no longer" in text]) == 1


def test_what_is_wrong_with_data_blocks_and_what_is_only_odd_does_not(
    phases: dict[str, Phase],
) -> None:
    first, second = (
        {(subject, said.split()[0]) for subject, said in run} for run in phases["spoilt"].blocked
    )
    assert first == second, "what blocks a run blocks every later one"
    assert first == {
        (DRILLS[rule.id].subject, rule.metric)
        for rule in RULES.values()
        if (DRILLS[rule.id].severity or rule.severity) == "error"
    }


def test_a_column_that_is_lost_is_told_once_and_once_when_it_is_back(tmp_path: Path) -> None:
    run = make_run(tmp_path, port=1)
    with run.connect() as connection:
        connection.execute(
            "create schema raw; create table raw.schema_drift as select 'wallets' as source_name, "
            "'links' as table_name, 'missing_column' as kind, 'caip10' as field, "
            "'string' as expected, null as found, 12 as row_count"
        )
        for _ in range(2):
            observe_drift(run, connection)
        connection.execute("delete from raw.schema_drift")
        observe_drift(run, connection)
    titles = [one.message.title for one in waiting(run.places.alerts) if one.sink == "webhook"]
    about = "schema drift, wallets/links: caip10"
    assert titles == [f"ERROR: {about}", f"OK: {about}"]


def test_mails_say_what_the_webhook_says(phases: dict[str, Phase]) -> None:
    for phase in phases.values():
        titles = [text.partition("\n")[0] for text in phase.texts]
        assert [f"[trustlift] {title}" for title in titles] == phase.subjects
    assert len(phases["spoilt"].texts) == len(phases["healed"].texts) >= len(RULES)
