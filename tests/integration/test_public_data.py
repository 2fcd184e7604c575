"""Real files, written by none of us, from their text to published marts.

The expected figures are published with the data sets.
"""

import os
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from orchestration.run_command import run_once

REAL_DATA = Path(os.environ.get("TRUSTLIFT_REAL_DATA", "../shared/data")).resolve()
EXAMPLE = Path(__file__).parents[2] / "examples" / "public_data.yml"
pytestmark = pytest.mark.skipif(
    not REAL_DATA.is_dir(),
    reason="the public data sets are not here: set TRUSTLIFT_REAL_DATA to their folder",
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of one run of the example."""
    root = tmp_path_factory.mktemp("public")
    document = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    document["data_dir"] = str(root / "data")
    document["sources"]["custom"]["path"] = str(REAL_DATA)
    config = root / "public_data.yml"
    config.write_text(yaml.safe_dump(document), encoding="utf-8")
    code = run_once(config, as_of=None, wait=False, as_json=False, started_at=time.monotonic())
    assert code == 0
    return root / "data"


@pytest.fixture(scope="module")
def build(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(data / "warehouse/build.duckdb"), read_only=True) as connection:
        yield connection


def test_every_line_is_parsed_or_quarantined(data: Path) -> None:
    with duckdb.connect(str(data / "published/kpi.duckdb"), read_only=True) as published:
        rows = published.execute(
            """
            select
                table_name,
                cast(sum(received_count) as bigint),
                cast(sum(quarantined_count) as bigint),
                cast(sum(duplicate_count) as bigint)
            from kpi_data_hygiene_daily
            group by table_name
            order by table_name
            """
        ).fetchall()
    assert rows == [
        ("contacts", 1_000, 0, 0),
        ("decisions", 20_000, 0, 0),
        ("events", 10_000, 1, 0),
        ("orders", 69_659, 0, 0),
    ]


def test_each_library_flags_the_hits_it_is_known_to_flag(build: duckdb.DuckDBPyConnection) -> None:
    flagged = build.execute(
        """
        select
            count(case when agents.is_crawler_user_agents then 1 end),
            count(case when agents.is_device_detector then 1 end)
        from staging.stg_custom__events as events
        inner join hygiene.hygiene_user_agents as agents
            on events.user_agent = agents.user_agent
        """
    ).fetchall()
    assert flagged == [(1_955, 2_514)]


def test_orders_add_up_to_the_cent(build: duckdb.DuckDBPyConnection) -> None:
    totals = build.execute(
        """
        select
            count(*),
            count(distinct identifiers.customer_id),
            cast(sum(orders.quantity) as bigint),
            sum(orders.amount)
        from core.fct_orders as orders
        inner join core.dim_identifiers as identifiers
            on orders.identifier_key = identifiers.identifier_key
        """
    ).fetchall()
    assert totals == [(69_659, 23_570, 167_881, Decimal("2500315.63"))]


def test_whoever_ordered_comes_back_as_often_as_is_known(
    build: duckdb.DuckDBPyConnection,
) -> None:
    """Days 60 to 89 after the first order, by the days that every figure of activity counts."""
    came_back = build.execute(
        """
        with firsts as (
            select customer_id, min(activity_date) as first_date
            from core.fct_customer_days
            where order_count > 0
            group by customer_id
        )
        select
            count(distinct firsts.customer_id),
            count(
                distinct case
                    when days.activity_date - firsts.first_date between 60 and 89
                        then days.customer_id
                end
            )
        from firsts
        inner join core.fct_customer_days as days
            on firsts.customer_id = days.customer_id and days.order_count > 0
        """
    ).fetchall()
    assert came_back == [(23_570, 2_375)]
    assert round(2_375 / 23_570 * 100, 4) == 10.0764


def test_cohorts_of_orders_are_those_of_the_file(data: Path) -> None:
    """Equal windows of seven days do not rise with age, as the file's own dates say."""
    orders = pd.read_csv(
        REAL_DATA / "cdnow_orders.txt",
        sep=r"\s+",
        skiprows=1,
        header=None,
        names=["customer", "day", "quantity", "amount"],
    )
    orders["day"] = pd.to_datetime(orders["day"].astype(str))
    orders["first"] = orders.groupby("customer")["day"].transform("min")
    age = (orders["day"] - orders["first"]).dt.days
    expected = {}
    for end in (30, 60, 90, 180):
        inside = (age >= end - 6) & (age <= end)
        expected[end] = orders.loc[inside, "customer"].nunique()
    with duckdb.connect(str(data / "published/kpi.duckdb"), read_only=True) as published:
        found = published.execute(
            """
            select
                cast(sum(customer_count) as bigint),
                cast(sum(retention_d30_numerator) as bigint),
                cast(sum(retention_d60_numerator) as bigint),
                cast(sum(retention_d90_numerator) as bigint),
                cast(sum(retention_d180_numerator) as bigint)
            from kpi_retention_cohorts
            where segment_type = 'all' and cohort_week_start_date < date '1998-01-01'
            """
        ).fetchall()
    assert found == [(23_570, *expected.values())]
    assert list(expected.values()) == sorted(expected.values(), reverse=True)


def test_recommendations_keep_their_propensities_and_clicks(
    build: duckdb.DuckDBPyConnection,
) -> None:
    policies = build.execute(
        """
        select policy_id, count(*), cast(sum(reward) as bigint), min(propensity) > 0
        from core.fct_decisions
        group by policy_id
        order by policy_id
        """
    ).fetchall()
    assert policies == [("bernoulli_ts", 10_000, 69, True), ("random", 10_000, 46, True)]


def test_the_uniform_policy_is_worth_what_the_logs_say(data: Path) -> None:
    with duckdb.connect(str(data / "published/kpi.duckdb"), read_only=True) as published:
        figures = published.execute(
            """
            select
                printf('%.10f', ips_value),
                printf('%.6f', ips_value_standard_error),
                printf('%.10f', self_normalised_value),
                printf('%.3f', mean_weight),
                printf('%.1f', effective_sample_size),
                doubly_robust_value_ci_lower,
                doubly_robust_value_ci_upper,
                is_refused
            from kpi_policy_value
            where policy_id = 'bernoulli_ts:uniform'
            """
        ).fetchall()
        measured = published.execute(
            """
            select ips_value, ips_value_ci_lower, ips_value_ci_upper
            from kpi_policy_value
            where policy_id = 'random:uniform'
            """
        ).fetchall()
        refused = published.execute(
            """
            select count(*), count(doubly_robust_value), count(ips_value)
            from kpi_policy_value
            where is_refused
            """
        ).fetchall()
    *diagnostics, lower, upper, is_refused = figures[0]
    assert diagnostics == ["0.0030086263", "0.000774", "0.0031894232", "0.943", "655.7"]
    assert not is_refused
    value, true_lower, true_upper = measured[0]
    assert value == pytest.approx(0.0046)
    assert lower < upper
    assert lower < true_upper
    assert upper > true_lower
    assert refused[0][0] > 0
    assert refused[0][1:] == (0, 0)


def test_two_orders_in_the_first_week_go_with_the_third_month_but_predict_it_badly(
    data: Path,
) -> None:
    with duckdb.connect(str(data / "published/kpi.duckdb"), read_only=True) as published:
        figures = published.execute(
            """
            select
                true_positive_count,
                false_positive_count,
                false_negative_count,
                true_negative_count,
                printf('%.7f', phi),
                printf('%.6f', positive_predictive_value),
                phi_band,
                is_same_activity,
                is_confirmed,
                discovery_p_value < 0.001,
                phi_confirmed between 0.05 and 0.17
            from kpi_early_action_drivers
            where
                action_name = 'order_placed'
                and threshold = 2
            """
        ).fetchall()
    counts, phi, value = (339, 1_146, 2_036, 20_049), "0.1098502", "0.228283"
    assert figures[0][:6] == (*counts, phi, value)
    # A tiny p-value is no effect; and an order cannot prove that orders go on.
    assert figures[0][6:9] == ("not_predictive", True, None)
    assert figures[0][10]


def test_contacts_of_one_person_are_found_without_labels(build: duckdb.DuckDBPyConnection) -> None:
    people = f"read_csv('{REAL_DATA / 'contacts_fake_1000.csv'}')"
    pairs = build.execute(
        f"""
        with contacts as (
            select people.unique_id, people.cluster, people.email, identifiers.customer_id
            from {people} as people
            inner join identity.identity_identifiers as known
                on
                    known.identifier_type = 'contact_id'
                    and known.identifier_value = cast(people.unique_id as varchar)
            inner join core.dim_identifiers as identifiers
                on known.identifier_key = identifiers.identifier_key
        )
        select
            count(case when one.customer_id = other.customer_id then 1 end),
            count(
                case
                    when one.customer_id = other.customer_id and one.cluster = other.cluster
                        then 1
                end
            ),
            count(case when one.cluster = other.cluster then 1 end),
            count(case when one.email = other.email then 1 end),
            count(
                case
                    when one.email = other.email and one.customer_id = other.customer_id then 1
                end
            )
        from contacts as one
        inner join contacts as other
            on one.unique_id < other.unique_id
        """
    ).fetchall()
    joined, rightly_joined, true_pairs, of_one_mailbox, of_one_mailbox_joined = pairs[0]
    assert true_pairs == 2_031
    assert of_one_mailbox == of_one_mailbox_joined
    precision, recall = rightly_joined / joined, rightly_joined / true_pairs
    assert precision >= 0.99
    assert 2 * precision * recall / (precision + recall) >= 0.93
