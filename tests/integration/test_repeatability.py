"""Same exports, same marts: run again, or delivered in parts."""

import shutil
from datetime import timedelta
from pathlib import Path

from tests.integration.company import PARAMETERS, Company, copied, day_of


def test_a_second_run_loads_nothing_and_changes_nothing(company: Company, root: Path) -> None:
    again = copied(company, root)
    before = again.published_bytes()
    landed = sorted(path.name for path in (again.data / "lake").rglob("*.parquet"))
    assert again.run() == 0
    assert again.published_bytes() == before
    assert sorted(path.name for path in (again.data / "lake").rglob("*.parquet")) == landed


def test_two_deliveries_are_as_good_as_one(company: Company, root: Path) -> None:
    parts = copied(company, root, exports_only=True)
    first_day_of_the_rest = PARAMETERS.start + timedelta(days=50)
    rest = [
        path
        for path in sorted(parts.exports.rglob("*"))
        if path.is_file()
        and (day := day_of(path, parts.exports)) is not None
        and day >= first_day_of_the_rest
    ]
    away = root / "later"
    for path in rest:
        target = away / path.relative_to(parts.exports)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    cut = parts.as_of - timedelta(days=PARAMETERS.days - 50)
    assert parts.run(as_of=cut) == 0
    assert parts.published_bytes() != company.published_bytes()
    shutil.copytree(away, parts.exports, dirs_exist_ok=True)
    assert parts.run() == 0
    assert parts.published_bytes() == company.published_bytes()
