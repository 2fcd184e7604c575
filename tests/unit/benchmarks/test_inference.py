"""The benchmark of readouts makes every readout, and by day the sums that one pass makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import inference as benchmark


def test_daily_sums_are_those_of_one_pass_and_give_every_readout(tmp_path: Path) -> None:
    benchmark._write(tmp_path, customers=3_000)
    assert benchmark._aggregate(tmp_path).seconds > 0
    assert benchmark._read_out(tmp_path).seconds > 0
    with benchmark._connect(tmp_path) as connection:
        for metric, letters in (("ratio_0", "xd"), ("share_0", "yc"), ("mean_0", "yy")):
            product = " * ".join(f"{letter}_{metric}" for letter in letters)
            daily, once = (
                connection.execute(query).fetchall()
                for query in (
                    (
                        f"select sum(sum_{letters}), sum(customer_count) from daily"
                        f" where metric_name = '{metric}'"
                    ),
                    f"select sum({product}), count(*) from customers",
                )
            )
            assert [float(value) for value in daily[0]] == [float(value) for value in once[0]]


@pytest.mark.parametrize(
    ("readouts", "gib", "code"), [(1.19, 5.9, 0), (1.21, 5.9, 1), (1.19, 6.1, 1)]
)
def test_more_time_or_memory_than_allowed_fails(readouts: float, gib: float, code: int) -> None:
    cost = {"aggregation": benchmark.Cost(1.0, 1.0, 1.0), "tea-tasting": benchmark.Cost(9, 9, 9)}
    spent = {name: [one] for name, one in cost.items()}
    spent["readouts"] = [benchmark.Cost(readouts, 1.0, gib)]
    assert benchmark._report(1_000, spent) == code
