"""The Python stages of a run: each calls its package's own function and says what came of it."""

from collections.abc import Mapping

import dagster as dg

from orchestration.match_weights import show_match_weights
from orchestration.run import Run
from orchestration.segments import (
    INFERENCE,
    MATCHER,
    RESOLVER,
    STANDARDISER,
    USER_AGENTS,
    VERDICTS,
)
from warehouse import counted

Metadata = Mapping[str, dg.MetadataValue | int | float | str]


def classify_user_agents(run: Run) -> Metadata:
    """Ask the libraries which user agents are machines."""
    from hygiene import user_agents

    with run.stage(USER_AGENTS, "python") as stage, run.connect() as connection:
        classified = user_agents.run(connection, run.places.user_agent_cache)
        stage.result = f"{classified.agent_count:,} user agents"
    return {"user_agents": classified.agent_count, "newly_parsed": classified.parsed_count}


def standardise_phones(run: Run) -> Metadata:
    """Give every spelling of a phone number its one form."""
    from hygiene import phone_numbers

    with run.stage(STANDARDISER, "python") as stage, run.connect() as connection:
        phones = phone_numbers.run(connection)
        stage.result = f"{phones.standard_count:,} of {phones.spelling_count:,} phone numbers"
    return {"spellings": phones.spelling_count, "numbers": phones.standard_count}


def match_contacts(run: Run) -> Metadata:
    """Find contact records that are probably one person."""
    from identity.matching import matcher

    policy = run.settings.policy
    with run.stage(MATCHER, "python") as stage, run.connect() as connection:
        matched = matcher.run(
            connection,
            run.places.matching,
            threshold=policy.matching_threshold,
            min_records=policy.matching_min_records,
        )
        if matched.model:
            show_match_weights(run, matched.model)
        stage.result = matched.reason or counted(matched.match_count, "pair")
    return {
        "records": matched.record_count,
        "newly_scored": matched.scored_count,
        "pairs": matched.match_count,
        "model_version": matched.model.version if matched.model else "none",
    }


def resolve_identity(run: Run) -> Metadata:
    """Find which identifiers are one customer."""
    from identity import resolver

    with run.stage(RESOLVER, "python") as stage, run.connect() as connection:
        resolved = resolver.run(
            connection,
            run.places.identity_state,
            run.places.identity_candidate,
            as_of=run.as_of,
        )
        stage.result = f"{resolved.customer_count:,} customers"
    return {
        "identifiers": resolved.identifier_count,
        "customers": resolved.customer_count,
        "new_customers": resolved.new_customer_count,
        "changes": resolved.change_count,
        "reviews": resolved.review_count,
    }


def infer(run: Run) -> Metadata:
    """Compute intervals, comparisons and trends from the sums."""
    import inference

    with run.stage(INFERENCE, "python") as stage, run.connect() as connection:
        row_counts = inference.run(connection)
        stage.result = f"{sum(row_counts.values()):,} figures in {len(row_counts)} tables"
    return dict(row_counts)


def judge_features(run: Run) -> Metadata:
    """Say of every feature and week what should become of it."""
    import verdicts

    with run.stage(VERDICTS, "python") as stage, run.connect() as connection:
        issued = verdicts.run(
            connection,
            run.places.verdict_log,
            run.places.verdict_candidate,
            as_of=run.as_of,
            policy=run.settings.verdict_policy,
        )
        told = ", ".join(f"{count} {verdict}" for verdict, count in issued.by_verdict.items())
        stage.result = f"{counted(issued.feature_count, 'feature')}: {told or 'no verdict yet'}"
    return {
        "features": issued.feature_count,
        "verdicts": issued.week_count,
        "changes": issued.changed_count,
        "corrections": issued.correction_count,
    }
