"""Facts of the simulated company that do not depend on chance."""

from dataclasses import dataclass

TIMEZONES = ("Europe/Madrid", "Atlantic/Canary", "Europe/Lisbon", "Europe/London")
TIMEZONE_SHARES = (0.93, 0.03, 0.02, 0.02)
COUNTRIES = ("ES", "ES", "PT", "GB")

AMPLITUDE_APP = 187520
AMPLITUDE_ORGANISATION = 36958

ORIGINS = ("direct", "push", "email", "in_app", "deep_link")
ORIGIN_SHARES = (0.55, 0.22, 0.10, 0.05, 0.08)
PLATFORMS = ("iOS", "Android", "Web", "Server")
IOS, ANDROID, WEB, SERVER = range(4)

EVENT_TYPES = (
    "app_opened",
    "screen_viewed",
    "page_viewed",
    "login_completed",
    "insight_served",
    "insight_opened",
    "insight_dismissed",
    "insight_tapped",
    "insight_acted",
    "insight_feedback_prompted",
    "personalisation_setting_changed",
    "preferences_viewed",
    "permission_prompted",
    "permission_answered",
    "loan_simulation_started",
    "loan_simulation_step",
    "loan_simulation_completed",
    "deposit_started",
    "[Experiment] Exposure",
    "debug_ping",
    "savings_plan_started",
    "savings_plan_step",
    "savings_plan_completed",
    "opt_in_offered",
    "opt_in_answered",
    "task_completed",
    "budget_created",
    "rates_viewed",
)
TYPE_CODE = {name: code for code, name in enumerate(EVENT_TYPES)}
ROLE_OF_TYPE = {
    "insight_served": "served",
    "insight_opened": "opened",
    "insight_dismissed": "dismissed",
    "insight_tapped": "tapped",
    "insight_acted": "acted",
}
SCREENS = ("home", "accounts", "savings", "cards", "loans", "insights", "settings", "support")
TARGETS = ("show_details", "why_this", "set_up", "chart", "next_tip")
# What a well-mannered machine asks for first; its code follows those of what people tap.
PATHS = (*TARGETS, "/robots.txt")
ROBOTS_TXT = len(TARGETS)
CHANNELS = ("push", "email", "in_app", "whatsapp")
SCOPES = ("feature", "global", "channel")
FEATURE_SCOPE, GLOBAL_SCOPE, CHANNEL_SCOPE = range(3)
PERMISSIONS = ("push_notifications", "transaction_analysis", "location")
EXPLANATIONS = ("why_v1", "why_v2")
OUTCOMES = ("granted", "denied")
TRIALS = ("exp_permission_explanation",)
RESPONSES = ("accepted", "overridden")
FLOWS = ("loan_simulation", "savings_plan")
LOAN, PLAN = range(len(FLOWS))
# The steps of all flows, one flow after the other, as many of each.
FLOW_STEPS = ("amount", "term", "summary", "target", "monthly_amount", "first_debit")
STEPS = len(FLOW_STEPS) // len(FLOWS)
VARIATIONS = ("treatment", "holdout")
HOLDOUT_SHARE = 0.15


@dataclass(frozen=True)
class Behaviour:
    """One way in which a feature's model speaks.

    Args:
        name: Its name in the decision log.
        share: How often the model chooses it, within its feature.
        helpful_rate: Chance that a customer who answers says yes.
        opt_out_factor: How much it multiplies the chance of an opt-out.
    """

    name: str
    share: float
    helpful_rate: float
    opt_out_factor: float


@dataclass(frozen=True)
class Feature:
    """An AI feature and its experiment.

    Args:
        feature_id: Its name everywhere.
        rollout_day: Day of the simulation on which its first stage opens.
        category: Category of its insights.
        behaviours: What its model may say; shares sum to 1.
        model_versions: `(from day, version)` in order of time.
        opt_in_chance: How likely somebody who is offered it accepts.
        objective: What its policy aims at.
        description: What it does, as the registry says it.
        shown_share: Share of the eligible sessions in which it has something to say.
        opened_share: Share of what it shows that is opened.
        asked_share: Share of what is read under which the customer is asked whether it helped.
        surge: `(from day, factor)`: from that day on it speaks up more often.
        comes_back: How likely somebody (treated, held out) comes back in the fourth week after
            the first exposure, and in every fourth week after that.
        is_careful: It serves only whom the vendor has verified and who never turned anything off.
        primary_metric: What its experiment is judged by, and by how much that must change: by
            default as much as a holdout of this size can show.
    """

    feature_id: str
    rollout_day: int
    category: str
    behaviours: tuple[Behaviour, ...]
    model_versions: tuple[tuple[int, str], ...]
    opt_in_chance: float
    objective: str
    description: str
    shown_share: float = 0.62
    opened_share: float = 0.48
    asked_share: float = 0.9
    surge: tuple[int, float] | None = None
    comes_back: tuple[float, float] | None = None
    is_careful: bool = False
    primary_metric: tuple[str, float] = ("account_retention", 0.07)

    @property
    def experiment_id(self) -> str:
        """Give the id of the feature's experiment."""
        return f"exp_{self.feature_id}"


# The challenge's second model: streaks to keep, tables to climb.
CHALLENGE_MODEL = "challenge-2"
CHALLENGE_SURGE_DAY = 97
# How much likelier its insights are turned off from then on.
CHALLENGE_FACTOR = 5.0
# Whom it has worn out leaves the bank, in this share, between these days; months too late to see.
CHALLENGE_LEAVERS, CHALLENGE_LEAVE_DAYS = 0.18, (175, 240)

# How much better those who know their bills think of the bank, on a scale of five.
FORECAST_RELIEF = 0.4

FEATURES = (
    Feature(
        "savings_insights",
        20,
        "saving",
        (
            Behaviour("round_up_tip", 0.40, 0.82, 0.8),
            Behaviour("spending_alert", 0.35, 0.74, 1.0),
            Behaviour("peer_comparison", 0.25, 0.35, 1.6),
        ),
        ((0, "2025.9"), (180, "2026.3")),
        0.30,
        "savings_rate",
        "Advice on putting money aside",
        primary_metric=("savings_rate", 0.01),
    ),
    Feature(
        "loan_nudges",
        60,
        "borrowing",
        (
            Behaviour("rate_drop_offer", 0.55, 0.66, 1.0),
            Behaviour("loan_reminder", 0.45, 0.52, 1.2),
        ),
        ((0, "2025.11"),),
        0.06,
        "loan_relief",
        "Hints at cheaper loans and at instalments due",
    ),
    Feature(
        "spend_coach",
        120,
        "spending",
        (
            Behaviour("weekly_digest", 0.60, 0.78, 0.8),
            Behaviour("category_cap", 0.40, 0.63, 1.1),
        ),
        ((0, "2026.1"),),
        0.22,
        "spending_balance",
        "A weekly look at what was spent, and limits to set oneself",
        # Everybody came back more often that spring, whether coached or not.
        comes_back=(0.16, 0.16),
        is_careful=True,
    ),
    # A trap: from its second model on it is used far more, turned off far more, and helps nobody.
    Feature(
        "daily_challenge",
        62,
        "habits",
        (
            Behaviour("streak_reminder", 0.55, 0.66, 0.6),
            Behaviour("leaderboard", 0.45, 0.60, 0.6),
        ),
        ((0, "challenge-1"), (CHALLENGE_SURGE_DAY, CHALLENGE_MODEL)),
        0.30,
        "daily_visits",
        "A small task a day, with streaks and tables to climb",
        shown_share=0.3,
        asked_share=0.4,
        surge=(CHALLENGE_SURGE_DAY, 1.7),
        is_careful=True,
    ),
    # Its happy twin: who knows which bills are due comes back when they are.
    Feature(
        "bill_forecast",
        12,
        "bills",
        (
            Behaviour("upcoming_bills", 0.60, 0.86, 0.08),
            Behaviour("shortfall_warning", 0.40, 0.82, 0.08),
        ),
        ((0, "forecast-1"),),
        0.36,
        "bill_cover",
        "Which bills are due, and whether the balance covers them",
        shown_share=0.32,
        opened_share=0.62,
        asked_share=0.4,
        comes_back=(0.16, 0.0),
        primary_metric=("account_retention", 0.03),
        is_careful=True,
    ),
    # Nobody minds it and nobody uses it.
    Feature(
        "subscription_finder",
        40,
        "subscriptions",
        (Behaviour("unused_subscription", 1.0, 0.75, 0.08),),
        ((0, "finder-1"),),
        0.24,
        "subscription_cost",
        "Subscriptions that are paid for and not used",
        shown_share=0.3,
        opened_share=0.015,
        is_careful=True,
    ),
)
# The features before this one have streams of chance that those after it do not touch.
FIRST_SCENARIO = 3
FEATURE_IDS = tuple(feature.feature_id for feature in FEATURES)
BEHAVIOURS = tuple(behaviour for feature in FEATURES for behaviour in feature.behaviours)

# Each behaviour has three contents, in three tones; the last one is what differs most.
CONTENTS = 3
_URGENT_TAGS = {
    "round_up_tip": ("speculative",),
    "spending_alert": ("security", "transparency"),
    "peer_comparison": ("aggressive",),
    "rate_drop_offer": ("aggressive",),
    "loan_reminder": ("security",),
    "weekly_digest": ("empowerment",),
    "category_cap": ("security",),
    "streak_reminder": ("aggressive",),
    "leaderboard": ("aggressive",),
    "upcoming_bills": ("security",),
    "shortfall_warning": ("security",),
    "unused_subscription": ("transparency",),
}
# Tags of each content, behaviour by behaviour.
CONTENT_TAGS = tuple(
    tags
    for behaviour in BEHAVIOURS
    for tags in (("educational",), ("transparency", "empowerment"), _URGENT_TAGS[behaviour.name])
)
# Pressure drives people away: how much it multiplies the chance of an opt-out.
AGGRESSIVE_FACTOR = 2.0

MODEL_VERSIONS = tuple(version for feature in FEATURES for _, version in feature.model_versions)

# Days after the rollout at which each stage opens, and the share of customers it lets in.
STAGES = ((0, 0.5), (7, 1.0))


@dataclass(frozen=True)
class Release:
    """One release of a feature: `day` of the simulation, share of customers it reached."""

    release_id: str
    feature_id: str
    kind: str
    day: int
    stage_share: float


RELEASES = (
    *(
        Release(
            f"rel_{feature.feature_id}_{stage + 1}",
            feature.feature_id,
            "feature_rollout",
            feature.rollout_day + wait,
            share,
        )
        for feature in FEATURES
        for stage, (wait, share) in enumerate(STAGES)
    ),
    Release("rel_savings_insights_model_2026_3", "savings_insights", "model_version", 180, 1.0),
    Release("rel_spend_coach_ui_refresh", "spend_coach", "ui_refresh", 210, 1.0),
    Release(
        "rel_daily_challenge_model_2", "daily_challenge", "model_version", CHALLENGE_SURGE_DAY, 1.0
    ),
)

# The second savings model tires people: the chance of an opt-out is multiplied from its day on.
TIRING_MODEL = "2026.3"
TIRING_FACTOR = 3.5
MODEL_FACTORS = {TIRING_MODEL: TIRING_FACTOR, CHALLENGE_MODEL: CHALLENGE_FACTOR}
