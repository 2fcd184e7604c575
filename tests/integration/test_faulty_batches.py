"""A faulty batch never reaches the published marts, until somebody decides."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.commands import reject_batch, restore_batch
from simulation.parameters import Scenario
from tests.integration.company import Company, copied, simulated
from tests.unit.orchestration.alerts.receivers import Mailbox, Webhook, mailbox, webhook


def with_faults(company: Company, root: Path) -> tuple[Company, str, str]:
    """Deliver two faulty days anew to a company whose healthy days are published.

    Returns:
        The company, the batch with 30 % duplicates, and the one with half of its fields empty.
    """
    faulty = copied(company, root)
    parameters = company.parameters
    day = parameters.faulty_date
    faults: dict[Scenario, date] = {
        "duplicated_batch": day,
        "empty_fields_batch": day - timedelta(days=2),
    }
    for scenario, spoilt_day in faults.items():
        spoilt = simulated(
            root.with_name(scenario),
            replace(parameters, scenario=scenario, scenario_date=spoilt_day),
        )
        for path in spoilt.exports.glob(f"amplitude/*_{spoilt_day}_*.json.gz"):
            shutil.copy(path, faulty.exports / "amplitude")
    return faulty, f"amplitude/events/{day}", f"amplitude/events/{day - timedelta(days=2)}"


@pytest.fixture
def receivers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Webhook, Mailbox]]:
    with webhook() as hook, mailbox() as post:
        monkeypatch.setenv("HOOK_URL", hook.url)
        yield hook, post


def tell(company: Company, post: Mailbox) -> None:
    """Have the company's alerts sent to the webhook and by mail, errors only."""
    mail = {"kind": "email", "host": "127.0.0.1", "port": post.port, "security": "none"}
    sinks = [
        {"kind": "webhook", "url_env": "HOOK_URL", "min_severity": "error", "heartbeat": True},
        {**mail, "sender": "a@b.example", "to": ["c@d.example"], "min_severity": "error"},
    ]
    content = yaml.safe_load(company.config.read_text())
    company.config.write_text(yaml.safe_dump({**content, "alerts": {"sinks": sinks}}))


def told(receivers: tuple[Webhook, Mailbox]) -> set[str]:
    """Take what both were sent, each once and both the same; heartbeats aside."""
    hook, post = receivers
    titles = [title for title in hook.titles if title != "OK: trustlift published"]
    assert len(set(titles)) == len(titles)
    assert [f"[trustlift] {title}" for title in titles] == post.subjects
    hook.bodies.clear()
    post.mails.clear()
    return set(titles)


def test_faulty_batches_block_until_they_are_set_aside(
    company: Company,
    root: Path,
    receivers: tuple[Webhook, Mailbox],
    capfd: pytest.CaptureFixture[str],
) -> None:
    faulty, duplicated, emptied = with_faults(company, root)
    tell(faulty, receivers[1])
    healthy = faulty.published_bytes()
    capfd.readouterr()

    assert faulty.run() == 3
    said = " ".join(capfd.readouterr().out.split())
    for batch, metric, limit in (
        (duplicated, "duplication_rate", "0.15"),
        (emptied, "contract_pass_rate", "0.98"),
    ):
        for part in (batch, metric, limit, f"trustlift reject {batch}"):
            assert part in said
    begun = told(receivers)
    assert {
        f"ERROR: duplication rate, {duplicated}",
        f"ERROR: contract pass rate, {emptied}",
    } <= begun
    assert all(duplicated in title or emptied in title for title in begun)
    assert faulty.published_bytes() == healthy
    with duckdb.connect(str(faulty.data / "published/kpi.duckdb"), read_only=True) as snapshot:
        counted = snapshot.execute("select count(*) from kpi_data_hygiene_daily").fetchall()
    assert counted[0][0] > 0
    status = json.loads((faulty.data / "published/status.json").read_text())
    assert status["state"] == "blocked"

    assert faulty.run() == 3, "a blocked batch blocks every later run"
    assert told(receivers) == set(), "and is told once"

    for batch in (duplicated, emptied):
        reject_batch(faulty.config, batch, reason="faulty", wait=False, as_json=False)
    assert faulty.run() == 0
    assert "OK: trustlift published" in receivers[0].titles
    assert told(receivers) == {title.replace("ERROR: ", "OK: ") for title in begun}
    rows = faulty.mart("kpi_data_hygiene_daily")
    for batch in (duplicated, emptied):
        source, table, day = batch.split("/")
        judged = rows[
            (rows["source_name"] == source)
            & (rows["table_name"] == table)
            & (rows["received_date"].astype(str) == day)
        ]
        assert judged["received_count"].sum() > 0
        assert judged["quarantined_count"].equals(judged["received_count"])
    without_batches = faulty.published_bytes()

    restore_batch(faulty.config, duplicated, wait=False, as_json=False)
    assert faulty.run() == 3
    assert told(receivers) == {title for title in begun if duplicated in title}
    assert faulty.published_bytes() == without_batches
