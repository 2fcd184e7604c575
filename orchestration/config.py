"""The user's one file, `trustlift.yml`: its shape and its rules."""

from collections.abc import Iterator
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from orchestration.alerts.config import SINKS, Alerts
from orchestration.config_types import ConfiguredPath, Moment, PositiveInt, Share, Strict
from orchestration.erasure_config import ErasurePolicy
from orchestration.retention_config import Retention
from orchestration.source_config import MODELS as SOURCE_MODELS
from orchestration.source_config import Sources
from orchestration.verdict_config import Verdicts
from verdicts.policy import VerdictPolicy


def _zone(value: object) -> object:
    if not isinstance(value, str) or value not in available_timezones():
        remedy = "write a name such as Europe/Madrid or UTC"
        raise PydanticCustomError("zone", "must be an IANA time zone", {"remedy": remedy})
    return value


class Policy(Strict):
    """Numbers that change what the marts say; each is the dbt var of the same name.

    Attributes:
        default_country: ISO 3166-1 alpha-2; where a phone number without a country was written.
        min_sample: A rate over fewer customers or answers is not shown.
        allowed_lateness_days: How long after a window closes its rows may still arrive.
        feedback_window_days: A prompt without an answer by then counts as unanswered.
        insight_window_days: What is done with an insight later is not its outcome.
        flow_idle_minutes: A flow left alone for so long before its completion is abandoned.
        flow_follow_up_hours: A follow-up sent later after the abandonment is late.
        flow_recovery_days: An abandoned flow completed by then is recovered.
        coordination_hours: Messages this close that say the same, or the contrary, collide.
        realtime_hours: A message that long after the act that set it off still answers it.
        message_cap_per_week: A customer with so many messages in seven days gets no follow-up.
        quiet_hours_from: Hour of the customer's clock from which nothing that interrupts is sent.
        quiet_hours_until: Hour of the customer's clock at which that ends.
        conversion_window_days: Who does it within so many days has converted.
        satisfied_score: Score from which somebody is satisfied, 0-1; 4 of 5 stars are 0.75.
        survey_agreement_days: Surveys of a customer are compared if they are no further apart.
        support_window_days: What happens to a ticket later no longer counts for its week.
        support_exposure_days: Complaints are per customer shown the feature in so many days.
        login_attribution_days: A session without a login is its nearest login's within this.
        bot_events_per_minute: Faster than any person.
        bot_cadence_gaps: So many gaps like the one before make a rhythm.
        bot_cadence_share: Share of a day's gaps that must be so, 0-1.
        bot_cadence_tolerance: How far a gap may be off the one before, as a share of it, 0-1.
        bot_cadence_minutes: How long those gaps must last together.
        zombie_session_hours: A session this long has nobody in it.
        test_device_share: Share of testers' events on a device that makes it a test device, 0-1.
        frustrated_tap_gap_seconds: Taps closer than this belong to one burst.
        frustrated_tap_count: Taps in a burst that show frustration.
        frustrated_dismiss_seconds: An insight closed this fast was not wanted.
        opt_out_attribution_hours: An opt-out belongs to the last insight within this before it.
        permission_window_days: A permission not granted by then is not granted.
        opt_in_window_days: An offer not taken up by then is declined.
        task_window_days: A task done later is not the insight's doing.
        resumption_window_days: Nor is an abandoned flow completed later.
        honour_window_days: How long after an opt-out messages are looked for.
        trust_baseline_weeks: First weeks of a feature that its trust is measured against.
        helpful_gap: Difference in helpfulness worth acting on, 0-1.
        fdr_level: Accepted share of false discoveries.
        experiment_min_days: An experiment is not read before so many days.
        holdout_share_min: Least share of an experiment's customers to hold out.
        holdout_share_max: Largest share to hold out.
        bot_jump_days: Days before a batch that say what its usual share of bots is.
        volume_gap_weeks: Weeks before an hour that say what to expect of it.
        volume_gap_min_expected: Rows to expect of an hour before a lack of them is news.
        volume_gap_share: An hour with more than this share of what was expected is no gap.
        volume_gap_deviations: Nor is one this few robust standard deviations below.
        churn_inactive_days: Without activity for so long, a customer is gone.
        reporting_currency: ISO 4217; in which savings and revenue are summed.
        matching_training_days: How often the model that compares contact records learns anew.
        matching_min_records: A model learnt from fewer is none.
        matching_threshold: Probability from which two records are taken for one person, 0-1.
        value_window_days: Net revenue of so many days says how valuable customers are.
        discovery_min_customers: Who must have done an early action, and left it, to look at it.
        discovery_min_phi: Correlation with staying below which nothing is confirmed, 0-1.
        anomaly_baseline_days: A card payment is compared with those of so many days before.
        anomaly_min_transactions: Fewer of the customer's own are no baseline.
        anomaly_amount_score: Robust deviations from which an amount is unusual.
        anomaly_hour_score: Circular deviations from which an hour is unusual.
        anomaly_country_share: A country with no more of the baseline is unusual, 0-1.
        anomaly_signals: How many of the three make an anomaly.
        policy_weight_tolerance: How far from 1 the mean weight of a shown policy value may be.
        policy_min_effective_sample: Decisions that its weights must be worth.
        policy_max_weight_share: The share of them that one decision may have, 0-1.
        score_margin: A score this little above its threshold was nearly none.
    """

    default_country: str = Field(default="ES", pattern="^[A-Z]{2}$")
    min_sample: PositiveInt = 30
    allowed_lateness_days: int = Field(default=2, ge=0)
    feedback_window_days: PositiveInt = 7
    insight_window_days: PositiveInt = 7
    flow_idle_minutes: PositiveInt = 30
    flow_follow_up_hours: PositiveInt = 24
    flow_recovery_days: PositiveInt = 7
    coordination_hours: PositiveInt = 24
    realtime_hours: PositiveInt = 24
    message_cap_per_week: PositiveInt = 5
    quiet_hours_from: int = Field(default=22, ge=0, le=23)
    quiet_hours_until: int = Field(default=8, ge=0, le=23)
    conversion_window_days: PositiveInt = 7
    satisfied_score: float = Field(default=0.75, gt=0.5, le=1)
    survey_agreement_days: PositiveInt = 28
    support_window_days: PositiveInt = 14
    support_exposure_days: PositiveInt = 28
    login_attribution_days: PositiveInt = 30
    bot_events_per_minute: PositiveInt = 120
    bot_cadence_gaps: PositiveInt = 30
    bot_cadence_share: Share = 0.8
    bot_cadence_tolerance: Share = 0.1
    bot_cadence_minutes: PositiveInt = 10
    zombie_session_hours: PositiveInt = 12
    test_device_share: Share = 0.9
    frustrated_tap_gap_seconds: PositiveInt = 2
    frustrated_tap_count: PositiveInt = 3
    frustrated_dismiss_seconds: PositiveInt = 3
    opt_out_attribution_hours: PositiveInt = 24
    permission_window_days: PositiveInt = 14
    opt_in_window_days: PositiveInt = 14
    task_window_days: PositiveInt = 14
    resumption_window_days: PositiveInt = 30
    honour_window_days: PositiveInt = 28
    trust_baseline_weeks: int = Field(default=8, ge=2)
    helpful_gap: Share = 0.20
    fdr_level: Share = 0.05
    experiment_min_days: PositiveInt = 28
    holdout_share_min: Share = 0.10
    holdout_share_max: Share = 0.20
    bot_jump_days: PositiveInt = 28
    volume_gap_weeks: PositiveInt = 8
    volume_gap_min_expected: PositiveInt = 10
    volume_gap_share: Share = 0.5
    volume_gap_deviations: PositiveInt = 3
    churn_inactive_days: PositiveInt = 60
    reporting_currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    matching_training_days: PositiveInt = 28
    matching_min_records: int = Field(default=500, ge=2)
    matching_threshold: float = Field(default=0.95, ge=0.5, lt=1)
    value_window_days: PositiveInt = 180
    discovery_min_customers: PositiveInt = 100
    discovery_min_phi: Share = 0.2
    anomaly_baseline_days: PositiveInt = 90
    anomaly_min_transactions: int = Field(default=20, ge=4)
    anomaly_amount_score: float = Field(default=5, gt=0)
    anomaly_hour_score: float = Field(default=3, gt=0)
    anomaly_country_share: Share = 0.01
    anomaly_signals: int = Field(default=2, ge=1, le=3)
    policy_weight_tolerance: Share = 0.1
    policy_min_effective_sample: PositiveInt = 100
    policy_max_weight_share: Share = 0.1
    score_margin: Share = 0.1


class Target(Strict):
    """What a metric should reach, who set it, and why."""

    value: float
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class Targets(Strict):
    """Targets by metric; one left out keeps the value of `dbt_project.yml`."""

    return_adoption_rate: Target | None = None
    helpful_rate: Target | None = None
    false_targeting_rate: Target | None = None
    reportable_incident_count: Target | None = None
    weeks_saved: Target | None = None
    csat_positive_rate: Target | None = None
    opt_out_rate_28d: Target | None = None
    opt_in_rate: Target | None = None
    auto_applied_rate: Target | None = None


class Settings(Strict):
    """The whole file.

    Attributes:
        timezone: Zone of the company's calendar days.
        data_dir: Where the lake, the build and the published marts are kept.
        as_of: The moment to look from; None for now.
        sources: Where the exports lie.
        policy: Numbers that change what the marts say.
        targets: What metrics should reach.
        alerts: Who is told.
        retention: How long things are kept.
        erasure: Who decides that a request to forget is carried out.
        verdicts: When a feature is scaled, fixed, removed or put to rest.
    """

    timezone: Annotated[str, BeforeValidator(_zone)]
    data_dir: ConfiguredPath
    as_of: Moment = None
    sources: Sources
    policy: Policy = Policy()
    targets: Targets = Targets()
    alerts: Alerts = Alerts()
    retention: Retention = Retention()
    erasure: ErasurePolicy = ErasurePolicy()
    verdicts: Verdicts = Verdicts()

    @field_validator("sources")
    @classmethod
    def _apart_from_data(cls, sources: Sources, info: ValidationInfo) -> Sources:
        data_dir = info.data.get("data_dir")
        holding = [
            name
            for name, folder in sources.folders.items()
            if data_dir is not None and data_dir.is_relative_to(folder)
        ]
        if holding:
            rule = f"the folder of {', '.join(holding)} must not hold data_dir, which is no export"
            remedy = "give data_dir, or the exports, a folder of their own"
            raise PydanticCustomError("folder", "{rule}", {"rule": rule, "remedy": remedy})
        return sources

    @property
    def verdict_policy(self) -> VerdictPolicy:
        """The numbers of the verdicts, with those that other blocks set."""
        target = self.targets.return_adoption_rate
        return self.verdicts.policy(
            min_sample=self.policy.min_sample,
            return_adoption_rate=None if target is None else target.value,
        )

    @property
    def dbt_variables(self) -> dict[str, object]:
        """The dbt vars this file sets, flat; `as_of` comes from the run."""
        targets = {name: target for name, target in self.targets if target is not None}
        return {
            "timezone": self.timezone,
            **self.policy.model_dump(),
            **{f"target_{name}": target.value for name, target in targets.items()},
        }


def known_keys(*models: type[BaseModel]) -> Iterator[str]:
    """Yield every key the file may hold, to find what a misspelt one meant."""
    for model in models or _MODELS:
        yield from (field.alias or name for name, field in model.model_fields.items())


_MODELS = (
    Settings,
    Policy,
    Targets,
    Target,
    Alerts,
    *SINKS,
    Retention,
    ErasurePolicy,
    Verdicts,
    *SOURCE_MODELS,
)
