"""A faulty batch never reaches the published marts, until somebody decides."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.commands import reject_batch, restore_batch
from simulation.parameters import Scenario
from tests.integration.company import Company, copied, simulated


def with_fault(company: Company, root: Path, scenario: Scenario) -> tuple[Company, str]:
    """Deliver a faulty day to a company whose healthy days before it are published.

    Returns:
        The company, and the faulty batch.
    """
    parameters = replace(company.parameters, scenario=scenario)
    spoilt = simulated(root.with_name("spoilt"), parameters)
    faulty = copied(company, root)
    day = parameters.faulty_date.isoformat()
    shutil.copytree(spoilt.exports, faulty.exports, dirs_exist_ok=True)
    return faulty, f"amplitude/events/{day}"


def test_a_duplicated_batch_blocks_until_it_is_set_aside(
    company: Company, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    faulty, batch = with_fault(company, root, "duplicated_batch")
    healthy = faulty.published_bytes()
    day = batch.rsplit("/", 1)[1]
    capfd.readouterr()

    assert faulty.run() == 3
    said = " ".join(capfd.readouterr().out.split())
    for part in (batch, "duplication_rate", "0.15", f"trustlift reject {batch}"):
        assert part in said
    assert faulty.published_bytes() == healthy
    with duckdb.connect(str(faulty.data / "published/kpi.duckdb"), read_only=True) as snapshot:
        assert snapshot.sql("select count(*) from kpi_data_hygiene_daily").fetchall()[0][0] > 0
    status = json.loads((faulty.data / "published/status.json").read_text())
    assert status["state"] == "blocked"

    assert faulty.run() == 3, "a blocked batch blocks every later run"

    reject_batch(faulty.config, batch, reason="sent twice", wait=False, as_json=False)
    assert faulty.run() == 0
    rows = faulty.mart("kpi_data_hygiene_daily")
    rows = rows[(rows["table_name"] == "events") & (rows["received_date"].astype(str) == day)]
    assert (rows["quarantined_count"] == rows["received_count"]).all()
    assert rows["received_count"].sum() > 0

    without_batch = faulty.published_bytes()

    restore_batch(faulty.config, batch, wait=False, as_json=False)
    assert faulty.run() == 3
    assert faulty.published_bytes() == without_batch


def test_a_batch_with_empty_fields_blocks(
    company: Company, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    faulty, batch = with_fault(company, root, "empty_fields_batch")
    healthy = faulty.published_bytes()
    assert faulty.run() == 3
    said = " ".join(capfd.readouterr().out.split())
    assert batch in said
    assert "contract_pass_rate" in said
    assert faulty.published_bytes() == healthy
