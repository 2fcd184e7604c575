"""What is known of a feature in a week: counts, facts of the registry, experiments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """What a feature's experiments say at the end of a week.

    Attributes:
        conclusion: Of the latest experiment that may be read: works, harm, neutral or
            inconclusive; None where none may be.
        experiment_id: Which one that is.
        began: Its first week.
        metric_name: Its primary metric.
        status: Why the latest experiment may be read or not: its `readout_status`.
        is_neutral_with_power: Neutral, and an effect worth having would have been seen.
        runtime_days: How long it has run.
        absolute_lift: Of the primary metric.
        lift_ci_lower: Lower bound of the lift.
        lift_ci_upper: Upper bound of the lift.
        minimum_effect: Declared beforehand as worth having.
        has_harm: A running experiment's conclusion is harm.
        has_always_valid_harm: A running experiment's always-valid guardrail shows harm.
        harm_experiment_id: Which one shows harm.
        harm_metric: In which metric.
    """

    conclusion: str | None = None
    experiment_id: str | None = None
    began: date | None = None
    metric_name: str | None = None
    status: str | None = None
    is_neutral_with_power: bool = False
    runtime_days: int | None = None
    absolute_lift: float | None = None
    lift_ci_lower: float | None = None
    lift_ci_upper: float | None = None
    minimum_effect: float | None = None
    has_harm: bool = False
    has_always_valid_harm: bool = False
    harm_experiment_id: str | None = None
    harm_metric: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One complete week of a feature.

    Attributes:
        week_start_date: Its Monday.
        exposed_enabled_count: Customers to whom it was shown, and for whom it is on.
        weekly_active_count: Of these, those who used it.
        exposed_customer_count: Customers to whom it was shown up to the week's end.
        at_risk_count: Customer-weeks in which it could be turned off for the first time.
        opt_out_count: First opt-outs.
        helpful_count: Answers that it was helpful, by questions whose window closed in the week.
        helpful_answer_count: Answers to these questions.
        opt_in_count: First offers taken up, of those whose window closed in the week.
        offer_count: First offers whose window closed in the week.
        csat_positive_count: Satisfied among the survey answers of customers shown the feature.
        csat_answer_count: These answers.
        theme_spike_count: Days with a spike of a theme's tickets.
        interaction_count: Volume; vanity by itself.
        return_count: First-time users who came back, of those whose window closed in the week.
        first_use_count: These first-time users.
        reportable_incident_count: Compliance incidents that an authority must be told of.
        is_blocked: The week's data were set aside or did not come.
        has_fix: A fix of the feature was released.
        has_pivot: A registered pivot was released.
        has_version: A new version of the feature was released.
        has_override: Somebody signed that it goes on.
        readout: What its experiments say.
    """

    week_start_date: date
    exposed_enabled_count: int = 0
    weekly_active_count: int = 0
    exposed_customer_count: int = 0
    at_risk_count: int = 0
    opt_out_count: int = 0
    helpful_count: int = 0
    helpful_answer_count: int = 0
    opt_in_count: int = 0
    offer_count: int = 0
    csat_positive_count: int = 0
    csat_answer_count: int = 0
    theme_spike_count: int = 0
    interaction_count: int = 0
    return_count: int = 0
    first_use_count: int = 0
    reportable_incident_count: int = 0
    is_blocked: bool = False
    has_fix: bool = False
    has_pivot: bool = False
    has_version: bool = False
    has_override: bool = False
    readout: Readout = field(default_factory=Readout)
