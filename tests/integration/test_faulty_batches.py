"""A faulty batch never reaches the published marts, until somebody decides."""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.commands import reject_batch, restore_batch
from simulation.parameters import Scenario
from tests.integration.company import Company, copied, simulated


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


def test_faulty_batches_block_until_they_are_set_aside(
    company: Company, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    faulty, duplicated, emptied = with_faults(company, root)
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
    assert faulty.published_bytes() == healthy
    with duckdb.connect(str(faulty.data / "published/kpi.duckdb"), read_only=True) as snapshot:
        counted = snapshot.execute("select count(*) from kpi_data_hygiene_daily").fetchall()
    assert counted[0][0] > 0
    status = json.loads((faulty.data / "published/status.json").read_text())
    assert status["state"] == "blocked"

    assert faulty.run() == 3, "a blocked batch blocks every later run"

    for batch in (duplicated, emptied):
        reject_batch(faulty.config, batch, reason="faulty", wait=False, as_json=False)
    assert faulty.run() == 0
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
    assert faulty.published_bytes() == without_batches
