"""What Python hands back to dbt: user agents, customers, inference, verdicts."""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from orchestration.erasure_stage import resolve_identity_of_the_remembered
from orchestration.run import Run
from orchestration.segments import (
    INFERENCE,
    MATCHER,
    RESOLVER,
    STANDARDISER,
    USER_AGENTS,
    VERDICTS,
)
from orchestration.stages import (
    classify_user_agents,
    infer,
    judge_features,
    match_contacts,
    standardise_phones,
)
from orchestration.translator import DEFAULT_OWNER, Translator

_CONTACT_MATCHES = dg.AssetKey([MATCHER, "contact_matches"])


def user_agent_asset(translator: Translator) -> dg.AssetsDefinition:
    """Make the asset of the user agents' classes."""

    @dg.asset(
        key=[USER_AGENTS, "classified"],
        deps=translator.keys("stg_web_user_agents"),
        description="Each user agent seen on the web, and which library takes it for a machine.",
        group_name="hygiene",
        owners=[DEFAULT_OWNER],
        kinds={"python"},
    )
    def user_agents(run: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=classify_user_agents(run))

    return user_agents


def phone_number_asset(translator: Translator) -> dg.AssetsDefinition:
    """Make the asset of the phone numbers' one form."""

    @dg.asset(
        key=[STANDARDISER, "phone_numbers"],
        deps=translator.keys("stg_phone_numbers"),
        description="Each spelling of a phone number, and the number it is.",
        group_name="hygiene",
        owners=[DEFAULT_OWNER],
        kinds={"python"},
    )
    def standardiser(run: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=standardise_phones(run))

    return standardiser


def matcher_asset(translator: Translator) -> dg.AssetsDefinition:
    """Make the asset of the contact records that are probably one person."""

    @dg.asset(
        key=_CONTACT_MATCHES,
        deps=translator.keys("identity_contact_records", "identity_training_records"),
        description="Pairs of contact records that are probably one person, and how probably.",
        group_name="identity",
        owners=[DEFAULT_OWNER],
        kinds={"python"},
    )
    def matcher(run: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=match_contacts(run))

    return matcher


def resolver_assets(translator: Translator) -> dg.AssetsDefinition:
    """Make the assets of the identity resolver."""
    descriptions = {
        "identifier_customers": "The customer of each identifier, by a durable id.",
        "identifier_history": "The customer each identifier was of, and from when to when.",
        "identity_changes": "Customers merged, split and moved, each with its cause.",
        "retired_customers": "The customer that goes on for each id that was merged away.",
        "identity_reviews": "Links that the resolver refused, and why.",
    }
    deps = [
        *translator.keys("identity_identifiers", "identity_edges", "identity_guards"),
        _CONTACT_MATCHES,
    ]

    @dg.multi_asset(
        name=RESOLVER, specs=_specs(RESOLVER, descriptions, deps=deps, group="identity")
    )
    def resolver(run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
        metadata = resolve_identity_of_the_remembered(run)
        for table in descriptions:
            yield dg.MaterializeResult(asset_key=[RESOLVER, table], metadata=metadata)

    return resolver


def inference_assets(translator: Translator) -> dg.AssetsDefinition:
    """Make the assets of what libraries infer from the sums."""
    descriptions = translator.tables_of(INFERENCE)
    deps = translator.keys_tagged("sums")

    @dg.multi_asset(
        name=INFERENCE, specs=_specs(INFERENCE, descriptions, deps=deps, group="inference")
    )
    def inference(run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
        metadata = infer(run)
        for table in descriptions:
            yield dg.MaterializeResult(asset_key=[INFERENCE, table], metadata=metadata)

    return inference


def verdict_assets(translator: Translator) -> dg.AssetsDefinition:
    """Make the assets of what is said of features."""
    descriptions = translator.tables_of(VERDICTS)
    inferred = [dg.AssetKey([INFERENCE, table]) for table in translator.tables_of(INFERENCE)]
    deps = [*translator.keys_tagged("sums"), *inferred]

    @dg.multi_asset(
        name=VERDICTS, specs=_specs(VERDICTS, descriptions, deps=deps, group="verdicts")
    )
    def verdicts(run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
        metadata = judge_features(run)
        for table in descriptions:
            yield dg.MaterializeResult(asset_key=[VERDICTS, table], metadata=metadata)

    return verdicts


def _specs(
    schema: str, descriptions: Mapping[str, str], *, deps: Sequence[dg.AssetKey], group: str
) -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec(
            key=[schema, table],
            deps=deps,
            description=description,
            group_name=group,
            owners=[DEFAULT_OWNER],
            kinds={"python"},
        )
        for table, description in descriptions.items()
    ]
