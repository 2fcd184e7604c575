"""What an ideal pipeline keeps, recomputed from the exports and the expected reasons."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import duckdb

ROLES = {"insight_served", "insight_opened", "insight_dismissed", "insight_tapped", "insight_acted"}


def kept(
    rows: list[tuple[str, int, Any]], truth: duckdb.DuckDBPyConnection
) -> list[dict[str, Any]]:
    places = set(
        truth.sql(
            "select source_file, line_number from received_rows where source_name = 'amplitude' "
            "and table_name = 'events' and expected_reason = 'kept'"
        ).fetchall()
    )
    return [row for file, line, row in rows if (file, line) in places]


def test_feature_events_are_the_kept_events_with_a_role(
    amplitude_rows: list[tuple[str, int, Any]], truth: duckdb.DuckDBPyConnection
) -> None:
    exported = Counter(
        (
            row["user_id"],
            row["event_properties"]["feature_id"],
            row["event_type"],
            row["event_properties"]["insight_id"],
            row["event_properties"].get("target_id"),
            row["session_id"],
            row["event_properties"]["session_origin"],
            row["event_time"],
        )
        for row in kept(amplitude_rows, truth)
        if row["event_type"] in ROLES
    )
    true = truth.sql(
        "select customer_ref, feature_id, event_name, insight_id, target_id, session_id, "
        "session_origin, strftime(event_at, '%Y-%m-%d %H:%M:%S.%f') from feature_events"
    ).fetchall()
    assert Counter(true) == exported


def test_settings_are_the_kept_setting_changes(
    amplitude_rows: list[tuple[str, int, Any]], truth: duckdb.DuckDBPyConnection
) -> None:
    exported = Counter(
        (
            row["user_id"],
            row["event_properties"]["setting_scope"],
            row["event_properties"].get("feature_id"),
            row["event_properties"]["new_state"],
            row["event_time"],
        )
        for row in kept(amplitude_rows, truth)
        if row["event_type"] == "personalisation_setting_changed"
    )
    true = truth.sql(
        "select customer_ref, scope, feature_id, new_state, "
        "strftime(event_at, '%Y-%m-%d %H:%M:%S.%f') from settings"
    ).fetchall()
    assert Counter(true) == exported
    assert {scope for _, scope, *_ in true} >= {"feature", "channel"}


def test_answers_are_the_kept_responses(
    truth: duckdb.DuckDBPyConnection, records_of: Callable[[str], list[Any]]
) -> None:
    answered = {
        (response["metadata"]["decision_id"], response["answers"][0]["handle"])
        for response in records_of("zigpoll/**/*.json")
        if response["metadata"]["instrument"] == "micro" and response["answers"]
    }
    true = truth.sql("select decision_id, answer from insights where answer is not null").fetchall()
    assert true
    assert set(true) <= answered
    complaints = truth.sql("select decision_id, 'not_relevant' from complaints").fetchall()
    assert complaints
    assert set(complaints) <= answered


def test_insights_are_the_served_decisions_of_genuine_customers(
    truth: duckdb.DuckDBPyConnection, records_of: Callable[[str], list[Any]]
) -> None:
    genuine = {
        ref
        for (ref,) in truth.sql(
            "select customer_ref from customers where not (is_staff or is_test or is_erased)"
        ).fetchall()
    }
    served = {
        decision["decision_id"]
        for decision in records_of("decisioning/decisions/**/*.gz")
        if decision["served_at"] and decision["customer_ref"] in genuine
    }
    true = {row for (row,) in truth.sql("select decision_id from insights").fetchall()}
    stale = truth.sql(
        "select count(*) from received_rows where table_name = 'decisions' "
        "and expected_reason = 'stale'"
    ).fetchall()[0][0]
    assert true <= served
    assert len(served) - len(true) <= stale


def test_held_out_and_opted_out_customers_are_served_nothing(
    truth: duckdb.DuckDBPyConnection,
) -> None:
    held_out = truth.sql(
        "select count(*) from insights inner join assignments using (customer_ref, feature_id) "
        "where variation_id = 'holdout'"
    ).fetchall()
    opted_out = truth.sql(
        "select count(*) from insights as i inner join ("
        "  select customer_ref, feature_id, max(event_at) as last_at, "
        "max_by(new_state, event_at) as state from settings where scope = 'feature' group by all"
        ") as s using (customer_ref, feature_id) where state = 'off' and i.served_at > s.last_at"
    ).fetchall()
    assert held_out == opted_out == [(0,)]
