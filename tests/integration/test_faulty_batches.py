"""A faulty batch never reaches the published marts, until somebody decides."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from orchestration.commands import reject_batch, restore_batch
from orchestration.status_command import show_status
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


def rename_a_column(company: Company) -> tuple[Path, bytes, str]:
    """Have the CRM call a required column by another name in its last export of what it spent.

    Returns:
        The file, what it was, and how the difference is told.
    """
    file = max(company.exports.glob("crm/spend/*/*.csv"))
    healthy = file.read_bytes()
    assert healthy.count(b"currency") == 1
    file.write_bytes(healthy.replace(b"currency", b"currency_code"))
    return file, healthy, "schema drift, crm/spend: currency"


def counted(company: Company, batch: str) -> pd.DataFrame:
    """Give the rows of a batch in the mart of hygiene."""
    rows = company.mart("kpi_data_hygiene_daily")
    names = rows[["source_name", "table_name", "received_date"]].astype(str).agg("/".join, axis=1)
    return rows[names == batch]


def test_faulty_batches_block_until_they_are_set_aside(
    small_company: Company,
    root: Path,
    receivers: tuple[Webhook, Mailbox],
    capfd: pytest.CaptureFixture[str],
) -> None:
    faulty, duplicated, emptied = with_faults(small_company, root)
    drifted, healthy_file, drift = rename_a_column(faulty)
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
        f"ERROR: {drift}",
    } <= begun
    begun.remove(f"ERROR: {drift}")
    assert all(duplicated in title or emptied in title for title in begun)
    assert faulty.published_bytes() == healthy
    with duckdb.connect(str(faulty.data / "published/kpi.duckdb"), read_only=True) as snapshot:
        published = snapshot.execute("select count(*) from kpi_data_hygiene_daily").fetchall()
    assert published[0][0] > 0
    status = json.loads((faulty.data / "published/status.json").read_text())
    assert status["state"] == "blocked"

    for batch in (duplicated, emptied):
        reject_batch(faulty.config, batch, reason="faulty", wait=False, as_json=False)
    assert faulty.run() == 0, "a file whose columns drifted stops nothing but itself"
    assert "OK: trustlift published" in receivers[0].titles
    over = {title.replace("ERROR: ", "OK: ") for title in begun}
    assert told(receivers) == over, "and the drift is told once"
    for batch in (duplicated, emptied):
        rows = counted(faulty, batch)
        assert rows["received_count"].sum() > 0
        assert rows["quarantined_count"].equals(rows["received_count"])
    assert_that_drift_is_seen(faulty, drifted, capfd)
    assert kept_elsewhere(faulty) == kept_elsewhere(small_company)
    without_batches = faulty.published_bytes()

    drifted.write_bytes(healthy_file)
    restore_batch(faulty.config, duplicated, wait=False, as_json=False)
    assert faulty.run() == 3
    again = {title for title in begun if duplicated in title}
    assert told(receivers) == {*again, f"OK: {drift}"}
    assert faulty.published_bytes() == without_batches


def kept_elsewhere(company: Company) -> dict[tuple[str, ...], int]:
    """Count what is kept of every batch that the faults are not in."""
    rows = company.mart("kpi_data_hygiene_daily").query("source_name != 'amplitude'")
    names = rows[["source_name", "table_name", "received_date"]].astype(str)
    return dict(zip(map(tuple, names.to_numpy()), rows["kept_count"], strict=True))


def day_of_export(file: Path) -> str:
    """Give the day on which the CRM exported a file."""
    return file.parent.name.removeprefix("exported_at=").partition("T")[0]


def assert_that_drift_is_seen(
    company: Company, drifted: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The drifted file's rows are in quarantine, and whoever looks sees the difference."""
    rows = counted(company, f"crm/spend/{day_of_export(drifted)}")
    sent = len(drifted.read_text().splitlines()) - 1
    # The file had come before, in the contract's columns: what cannot be read supersedes nothing.
    assert rows[["received_count", "quarantined_count"]].to_numpy().tolist() == [[2 * sent, sent]]
    capfd.readouterr()
    show_status(company.config, as_json=False)
    status = " ".join(capfd.readouterr().out.split())
    assert "error schema_drift in crm/spend: currency" in status
    page = (company.data / "validation" / "index.html").read_text()
    for part in ("renamed column", "currency string required", "currency_code"):
        assert part in page
