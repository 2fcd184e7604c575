"""What was wrong with each served decision, in pandas and from the simulator's truth only."""

import pandas as pd

from tests.integration.truth import Truth, monday, switches

PRODUCTS = {"of_personal_loan": "loans", "of_savings_account": "savings"}
LENDING = ("ES", "PT")
RISKS = {"low": 1, "medium": 2, "high": 3}
KINDS = (
    "ineligible",
    "wrong_customer",
    "stale_snapshot",
    "after_opt_out",
    "already_owned",
    "wrong_lifecycle_stage",
    "riskier_content",
    "not_relevant",
    "quick_dismissal",
)


def as_of(
    rows: pd.DataFrame, states: pd.DataFrame, since: str, by: tuple[str, ...] = ("customer_ref",)
) -> pd.DataFrame:
    """Add to each served decision the last state that had begun when it was served.

    Args:
        rows: Decisions with `served_at`.
        states: States with the columns of `by`.
        since: Their column of when they began.
        by: What both have in common.

    Returns:
        The rows in order of serving, with the states' columns; NaN before the first.
    """
    return pd.merge_asof(
        rows.sort_values("served_at"),
        states.sort_values(since, kind="stable"),
        left_on="served_at",
        right_on=since,
        by=list(by),
    )


def verification(truth: Truth) -> pd.DataFrame:
    """Tell what was known of each applicant after each of the vendor's words.

    Returns:
        customer_ref, told_at, status, and answer, sanctions, aml, jurisdiction as they then stood.
    """
    words = truth.table("applicant_events").sort_values("event_at", kind="stable")
    is_green, label = words["answer"] == "GREEN", words["label"]
    words["sanctions"] = words["label"].where(label == "SANCTIONS").mask(is_green, "clear")
    words["aml"] = words["label"].where(label == "PEP").mask(is_green, "clear")
    stands = ["answer", "sanctions", "aml", "jurisdiction"]
    words[stands] = words.groupby("customer_ref")[stands].ffill()
    return words.rename(columns={"event_at": "told_at"})[
        ["customer_ref", "told_at", "status", *stands]
    ]


def served(truth: Truth) -> pd.DataFrame:
    """Give every served decision with what was true of its customer when it was served."""
    decisions = truth.table("decisions").dropna(subset=["served_at"])
    told = verification(truth)
    rows = as_of(decisions, told, "told_at")
    signed_up = truth.table("customers").set_index("customer_ref")["signed_up_at"]
    is_new = rows["customer_ref"].map(signed_up) >= told["told_at"].min()
    rows["is_known"] = rows["answer"].notna() | is_new
    rows["is_approved"] = rows["answer"].eq("GREEN") & ~rows["status"].isin(["onHold", "deleted"])
    rows = as_of(rows, truth.table("customer_states"), "valid_from").drop(columns="valid_from")
    rows = as_of(rows, truth.table("eligibility"), "valid_from").drop(columns="valid_from")
    changes = switches(truth).rename(columns={"event_at": "switched_at"})
    rows = as_of(rows, changes, "switched_at", by=("customer_ref", "feature_id"))
    settings = truth.table("settings")
    muted = settings[(settings["scope"] == "channel") & (settings["channel"] == "in_app")]
    muted = muted.assign(is_muted=muted["new_state"] == "off", muted_at=muted["event_at"])
    rows = as_of(rows, muted[["customer_ref", "is_muted", "muted_at"]], "muted_at")
    rows["is_opted_out"] = rows["is_on"].eq(False) | rows["is_muted"].eq(True)
    answers = truth.table("trust_events").rename(columns={"event_at": "answered_at"})
    is_answer = answers["event_name"] == "permission_answered"
    located = answers[is_answer & (answers["permission_scope"] == "location")]
    rows = as_of(rows, located[["customer_ref", "outcome", "answered_at"]], "answered_at")
    held = truth.table("holdings").rename(columns={"valid_from": "held_from"})
    rows["product_line"] = rows["offer_id"].map(PRODUCTS)
    rows = as_of(rows, held, "held_from", by=("customer_ref", "product_line"))
    return rows.assign(
        served_date=truth.day(rows["served_at"]), is_loan=rows["product_line"] == "loans"
    )


def compliance(truth: Truth) -> pd.DataFrame:
    """Count judged decisions and incidents by rule and day.

    Returns:
        rule_id, activity_date, served, judged, incidents, customers; a row a rule and day on which
        anything was served.
    """
    rows = served(truth)
    is_lent = rows["is_loan"] & rows["jurisdiction"].isin(LENDING)
    everything = pd.Series(True, index=rows.index)
    rules = {
        "sanctions_hit": (rows["sanctions"].notna(), rows["sanctions"] == "SANCTIONS"),
        "kyc_not_approved": (rows["is_known"], ~rows["is_approved"]),
        "jurisdiction_not_permitted": (rows["is_loan"] & rows["jurisdiction"].notna(), ~is_lent),
        "sensitive_data_without_consent": (rows["uses_location"], rows["outcome"] != "granted"),
        "consent_withdrawn": (everything, rows["is_opted_out"]),
        "ineligible_product": (rows["is_loan"], rows["is_eligible"].ne(True)),
        "scope_not_permitted": (is_lent, ~everything),
        "aml_not_clear": (rows["aml"].notna(), rows["aml"] == "PEP"),
        "blocked_by_filter": (everything, rows["filter_result"] == "blocked"),
        "review_not_awaited": (rows["filter_result"] == "review", everything),
        "filter_not_run": (everything, ~rows["filter_ran"]),
    }
    parts = []
    for rule, (is_judged, is_broken) in rules.items():
        broken = is_judged & is_broken
        flags = rows.assign(
            judged=is_judged, incidents=broken, offender=rows["customer_ref"].where(broken)
        )
        days = flags.groupby("served_date").agg(
            served=("judged", "size"),
            judged=("judged", "sum"),
            incidents=("incidents", "sum"),
            customers=("offender", "nunique"),
        )
        parts.append(days.reset_index(names="activity_date").assign(rule_id=rule))
    return pd.concat(parts, ignore_index=True)


def targeting(truth: Truth) -> pd.DataFrame:
    """Count what was wrong with the targets of a week's served decisions, kind by kind.

    Returns:
        feature_id, model_behaviour, week_start_date, served, a column a kind, and faults,
        irrelevant, false, matched_topics, matched_risks, near, near_false.
    """
    rows = served(truth)
    events = truth.table("feature_events")
    shown = events[events["insight_role"] == "served"].drop_duplicates("insight_id")
    shown_to = rows["decision_id"].map(shown.set_index("insight_id")["customer_ref"])
    course = truth.table("insights").set_index("decision_id")
    opened, closed = (rows["decision_id"].map(course[c]) for c in ("opened_at", "dismissed_at"))
    open_for = closed - opened
    flags = pd.DataFrame(
        {
            "ineligible": rows["is_loan"] & rows["is_eligible"].ne(True),
            "wrong_customer": shown_to.notna() & (shown_to != rows["customer_ref"]),
            "stale_snapshot": rows["served_at"] > rows["snapshot_ends_at"],
            "after_opt_out": rows["is_opted_out"],
            "already_owned": rows["held_from"].notna(),
            "wrong_lifecycle_stage": rows["asserted_lifecycle_stage"] != rows["lifecycle_stage"],
            "riskier_content": rows["risk_level"].map(RISKS) > rows["risk_segment"].map(RISKS),
            "not_relevant": rows["decision_id"].isin(truth.table("complaints")["decision_id"]),
            "quick_dismissal": (open_for >= pd.Timedelta(0))
            & (open_for <= pd.Timedelta(seconds=3)),
        }
    )
    faults = flags[list(KINDS[:7])].any(axis=1)
    irrelevant = flags[list(KINDS[7:])].any(axis=1)
    near = rows["score_surplus"] < 1000
    weeks = rows[["feature_id", "model_behaviour"]].assign(
        week_start_date=monday(rows["served_date"]),
        served=1,
        **flags,
        faults=faults,
        irrelevant=irrelevant,
        false=faults | irrelevant,
        matched_topics=rows["topic"] == rows["insight_category"],
        matched_risks=rows["risk_level"] == rows["risk_segment"],
        near=near,
        near_false=near & (faults | irrelevant),
    )
    keys = ["feature_id", "model_behaviour", "week_start_date"]
    return weeks.groupby(keys).sum().reset_index()


def controls(truth: Truth) -> pd.DataFrame:
    """Count what the filter and the reviewers did with a week's candidates.

    Returns:
        week_start_date, candidates, blocked, unfiltered, served, reviewed, overturned, reviews
        (with an answer), p50 and p95 (their hours), reasons, sensitive.
    """
    decisions = truth.table("decisions").merge(truth.table("reviews"), how="left", on="decision_id")
    is_served = decisions["served_at"].notna()
    hours = (decisions["reviewed_at"] - decisions["requested_at"]).dt.total_seconds() / 3600
    decisions = decisions.assign(
        week_start_date=monday(truth.day(decisions["decided_at"])),
        blocked=decisions["filter_result"] == "blocked",
        unfiltered=~decisions["filter_ran"],
        is_served=is_served,
        is_reviewed=hours.notna(),
        overturned=decisions["status"] == "rejected",
        hours=hours,
        reasons=is_served & decisions["has_reason_shown"],
        is_sensitive=is_served & decisions["uses_location"],
    )
    return (
        decisions.groupby("week_start_date")
        .agg(
            candidates=("decision_id", "size"),
            blocked=("blocked", "sum"),
            unfiltered=("unfiltered", "sum"),
            served=("is_served", "sum"),
            reviewed=("is_reviewed", "sum"),
            overturned=("overturned", "sum"),
            reviews=("hours", "count"),
            p50=("hours", "median"),
            p95=("hours", lambda values: values.quantile(0.95)),
            reasons=("reasons", "sum"),
            sensitive=("is_sensitive", "sum"),
        )
        .reset_index()
    )
