"""Same exports, same marts: run again, or delivered in parts."""

import shutil
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pandas as pd

from tests.integration.company import MEASURED_BY_CLOCK, Company, copied, day_of
from tests.integration.hygiene_truth import assert_same, latencies
from tests.integration.lake import Lake


def test_a_second_run_loads_nothing_and_changes_nothing(small_company: Company, root: Path) -> None:
    again = copied(small_company, root)
    before = again.published_bytes()
    landed = sorted(path.name for path in (again.data / "lake").rglob("*.parquet"))
    assert again.run() == 0
    assert again.published_bytes() == before
    assert sorted(path.name for path in (again.data / "lake").rglob("*.parquet")) == landed


def test_two_deliveries_are_as_good_as_one(small_company: Company, root: Path) -> None:
    parts = copied(small_company, root, exports_only=True)
    parameters = parts.parameters
    cut = parameters.start + timedelta(days=parameters.days * 2 // 3)
    later = root / "later"
    for path in sorted(path for path in parts.exports.rglob("*") if path.is_file()):
        day = day_of(path, parts.exports)
        if day is not None and day >= cut:
            target = later / path.relative_to(parts.exports)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)

    assert parts.run(as_of=datetime.combine(cut, time(), tzinfo=UTC)) == 0
    assert parts.published_bytes() != small_company.published_bytes()

    shutil.copytree(later, parts.exports, dirs_exist_ok=True)
    first_publish = root / "publishes.jsonl"
    shutil.copy(parts.data / "published" / "publishes.jsonl", first_publish)
    assert parts.run() == 0
    assert parts.published_bytes() == small_company.published_bytes()

    # What was said from where is kept, whatever is said now.
    said = pd.read_parquet(parts.data / "verdicts" / "history.parquet")
    moments = {datetime.combine(cut, time()), parameters.as_of.replace(tzinfo=None)}
    assert set(said["issued_as_of"]) == moments

    # The one mart that may differ: now it knows when the first delivery was published.
    delays = latencies(Lake(parts.data / "lake", small_company.root / "truth"), first_publish)
    assert 0 < delays["published_count"].sum() < delays["landed_count"].sum()
    assert_same(delays, parts.mart(MEASURED_BY_CLOCK), ["source_name", "received_date"])
