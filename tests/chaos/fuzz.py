"""Land and judge thousands of broken records; each must be kept or quarantined with a reason.

`python -m tests.chaos.fuzz --records 20000`
"""

import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from ingestion.lake import data_files, quarantine_folder, table_folder
from ingestion.manifest import read_manifests
from tests.chaos import forks
from tests.chaos.oddities import OddFile, write_odd_files
from tests.chaos.trials import session
from tests.chaos.worlds import PARAMETERS, land_everything, remove
from tests.integration.company import Company, simulated

_PUBLISHED_OR_BLOCKED = (0, 3)


def faults_of_landing(lake: Path, odd_files: Sequence[OddFile]) -> list[str]:
    """Compare the rows of each odd file, as they lie in the lake and the quarantine."""
    manifests = read_manifests(lake)
    numbers = {
        (source, table, file.path): file.file_no
        for (source, table), manifest in manifests.items()
        for file in manifest.files
    }
    counts: Counter[int] = Counter()
    faults: list[str] = []
    for source, table in sorted({(file.source, file.table) for file in odd_files}):
        landed = data_files(table_folder(lake, source, table))
        quarantined = data_files(quarantine_folder(lake, source, table))
        for paths in (landed, quarantined):
            counts.update(dict(_query(paths, "select _file_no, count(*) from {} group by all")))
        silent = _query(quarantined, "select 1 from {} where coalesce(reason, '') = ''")
        if silent:
            faults.append(f"{source}/{table}: {len(silent)} quarantined rows have no reason")
    for file in odd_files:
        number = numbers.get((file.source, file.table, file.name))
        found = 0 if number is None else counts[number]
        if found != file.row_count:
            place = f"{file.source}/{file.table}/{file.name}"
            faults.append(f"{place}: {found} rows of {file.row_count}")
    return faults


def reasons(lake: Path, odd_files: Sequence[OddFile]) -> Counter[str]:
    """Count the quarantined rows by kind of reason."""
    counts: Counter[str] = Counter()
    for source, table in sorted({(file.source, file.table) for file in odd_files}):
        paths = data_files(quarantine_folder(lake, source, table))
        sql = "select split_part(reason, ':', 1), count(*) from {} group by all"
        counts.update(dict(_query(paths, sql)))
    return counts


def _query(paths: Sequence[Path], sql: str) -> list[tuple[Any, ...]]:
    if not paths:
        return []
    with duckdb.connect() as connection:
        scan = "read_parquet(?, union_by_name = true)"
        return connection.execute(sql.format(scan), [[str(path) for path in paths]]).fetchall()


def faults_of_odd_lake(company: Company) -> list[str]:
    """Run the whole pipeline on the odd lake: it may refuse to publish, it must not fail."""
    ended = forks.run(company)
    if ended.code not in _PUBLISHED_OR_BLOCKED:
        return [f"the run ended with {ended.code}: see {company.root / 'run.log'}"]
    as_of = company.as_of.replace(tzinfo=None)
    with duckdb.connect(str(company.data / "warehouse" / "build.duckdb"), read_only=True) as build:
        counted = build.execute(
            "select sum(landed_count + quarantined_count) from hygiene.hygiene_batches"
        ).fetchall()[0][0]
    paths = [
        path
        for source, table in read_manifests(company.data / "lake")
        for folder in (table_folder, quarantine_folder)
        for path in data_files(folder(company.data / "lake", source, table))
    ]
    # What nothing dates counts from the date on that its neighbours have.
    visible = f"coalesce(_received_at, cast(received_date as timestamp)) <= timestamp '{as_of}'"
    received = _query(paths, f"select count(*) from {{}} where {visible}")[0][0]
    return [] if counted == received else [f"{counted} rows are judged of {received} received"]


def main() -> int:
    """Fuzz with as many records as asked and print what came of it."""
    with session(__doc__, of_what="records", wanted=20_000) as given:
        root = given.folder / "trial-0"
        company = simulated(root, PARAMETERS)
        rng = random.Random(given.seed)
        odd_files = list(write_odd_files(company.exports, rng, record_count=given.wanted))
        expected = sum(file.row_count for file in odd_files)
        print(f"{expected:,} broken records in {len(odd_files):,} files", flush=True)

        land_everything(company)
        lake = company.data / "lake"
        faults = faults_of_landing(lake, odd_files)
        quarantined = reasons(lake, odd_files)
        print(f"landed after {given.seconds:.0f} s; quarantined by reason:", flush=True)
        for reason, count in quarantined.most_common():
            print(f"  {reason}: {count:,}", flush=True)
        forks.prepare()
        faults += faults_of_odd_lake(company)
        for fault in faults:
            print(f"  {fault}")
        if not faults:
            remove([root])
    print(
        f"broken records: {expected:,}; files: {len(odd_files):,}; faults: {len(faults)}; "
        f"{given.seconds:.0f} s"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
