"""Engagement and trust: what the trailing weeks' sums say, with the interval each rests on."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from verdicts.policy import VerdictPolicy
    from verdicts.weeks import Week

Level = Literal["high", "low", "unclear"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its Wilson interval.

    Attributes:
        numerator: Those who did.
        denominator: Of how many.
        value: The share; None below the smallest sample, as are the bounds.
        lower: Lower bound.
        upper: Upper bound.
    """

    numerator: int
    denominator: int
    value: float | None = None
    lower: float | None = None
    upper: float | None = None

    def is_above(self, limit: float) -> bool:
        """Say whether the whole interval lies above a limit."""
        return self.lower is not None and self.lower > limit

    def is_below(self, limit: float) -> bool:
        """Say whether the whole interval lies below a limit."""
        return self.upper is not None and self.upper < limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What the trailing weeks say of a feature.

    Attributes:
        engagement: How much it is used.
        trust: Whether customers trust it.
        engagement_rate: Weekly active of exposed and enabled.
        opt_out_hazard: First opt-outs a customer-week.
        helpful_rate: Answers that it was helpful.
        opt_in_rate: First offers taken up.
        csat_positive_rate: Satisfied answers.
        spike_count: Days with a spike of tickets.
        distrust_signals: What speaks against trust beside opt-outs, by name.
        is_vanity_trap: Volume is up, and what customers have of it is not.
        has_quantitative: Customers who could turn it off are counted.
        has_qualitative: Enough customers said what they think of it.
    """

    engagement: Level
    trust: Level
    engagement_rate: Rate
    opt_out_hazard: Rate
    helpful_rate: Rate
    opt_in_rate: Rate
    csat_positive_rate: Rate
    spike_count: int
    distrust_signals: tuple[str, ...]
    is_vanity_trap: bool
    has_quantitative: bool
    has_qualitative: bool


def wilson(numerator: int, denominator: int, *, policy: VerdictPolicy, sample: int = 0) -> Rate:
    """Give a share its Wilson interval.

    Args:
        numerator: Those who did.
        denominator: Of how many.
        policy: The confidence and the smallest sample.
        sample: Independent units, where the denominator counts some of them several times.
    """
    n = sample or denominator
    if n < policy.min_sample or denominator <= 0:
        return Rate(numerator, denominator)
    z = policy.normal_quantile
    share = numerator / denominator
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # Rounding must carry no bound out of 0-1.
    lower, upper = max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
    return Rate(numerator, denominator, share, min(lower, share), max(upper, share))


def judge(
    weeks: Sequence[Week],
    *,
    policy: VerdictPolicy,
    trust_since: date | None,
    born: date | None = None,
) -> Levels:
    """Judge the last of a feature's weeks by it and those before it.

    Args:
        weeks: The feature's weeks in order, none left out, up to the one judged.
        policy: The limits.
        trust_since: Trust rests on weeks from here on only: the first after a fix.
        born: Engagement rests on weeks from here on only: the first of another product.
    """
    usable = [week for week in weeks[-policy.window_weeks :] if not week.is_blocked]
    after = [w for w in usable if trust_since is None or w.week_start_date >= trust_since]
    own = [w for w in usable if born is None or w.week_start_date >= born]
    engagement_rate = _engagement(own, policy)
    hazard = _sum(after, "opt_out_count", "at_risk_count", policy)
    helpful = _sum(after, "helpful_count", "helpful_answer_count", policy)
    opt_in = _sum(after, "opt_in_count", "offer_count", policy)
    csat = _sum(after, "csat_positive_count", "csat_answer_count", policy)
    recent = {week.week_start_date for week in weeks[-policy.spike_weeks :]}
    spikes = sum(w.theme_spike_count for w in after if w.week_start_date in recent)
    signals = _signals(helpful, opt_in, csat, spikes, policy)
    has_quantitative = hazard.value is not None and engagement_rate.denominator > 0
    has_qualitative = helpful.denominator + csat.denominator >= policy.min_sample
    is_live = has_quantitative and has_qualitative
    trust = _trust(hazard, signals, is_live=is_live, policy=policy)
    return Levels(
        engagement=_level(engagement_rate, low=policy.engagement_low, high=policy.engagement_high),
        trust=trust,
        engagement_rate=engagement_rate,
        opt_out_hazard=hazard,
        helpful_rate=helpful,
        opt_in_rate=opt_in,
        csat_positive_rate=csat,
        spike_count=spikes,
        distrust_signals=signals,
        is_vanity_trap=_is_vanity_trap(weeks, trust, policy),
        has_quantitative=has_quantitative,
        has_qualitative=has_qualitative,
    )


def _engagement(weeks: Sequence[Week], policy: VerdictPolicy) -> Rate:
    """Weigh each week alike, and count each customer once: the same ones come back every week."""
    return wilson(
        sum(week.weekly_active_count for week in weeks),
        sum(week.exposed_enabled_count for week in weeks),
        policy=policy,
        sample=max((week.exposed_enabled_count for week in weeks), default=0),
    )


def _sum(weeks: Sequence[Week], numerator: str, denominator: str, policy: VerdictPolicy) -> Rate:
    return wilson(
        sum(getattr(week, numerator) for week in weeks),
        sum(getattr(week, denominator) for week in weeks),
        policy=policy,
    )


def _level(rate: Rate, *, low: float, high: float) -> Level:
    if rate.is_above(high):
        return "high"
    return "low" if rate.is_below(low) else "unclear"


def _signals(
    helpful: Rate, opt_in: Rate, csat: Rate, spikes: int, policy: VerdictPolicy
) -> tuple[str, ...]:
    speaking = {
        "helpful_rate": helpful.is_below(policy.helpful_rate),
        "theme_spike": spikes > 0,
        "opt_in_rate": opt_in.is_below(policy.opt_in_rate),
        "csat_positive_rate": csat.is_below(policy.csat_positive_rate),
    }
    return tuple(name for name, speaks in speaking.items() if speaks)


def _trust(
    hazard: Rate, signals: tuple[str, ...], *, is_live: bool, policy: VerdictPolicy
) -> Level:
    if hazard.is_above(policy.opt_out_hazard) or len(signals) >= policy.distrust_signals:
        return "low"
    is_high = hazard.is_below(policy.opt_out_hazard) and not signals and is_live
    return "high" if is_high else "unclear"


def _is_vanity_trap(weeks: Sequence[Week], trust: Level, policy: VerdictPolicy) -> bool:
    span = policy.window_weeks
    now, before = weeks[-span:], weeks[-2 * span : -span]
    if len(before) < span or any(week.is_blocked for week in (*now, *before)):
        return False
    volume, former = (sum(w.interaction_count for w in part) for part in (now, before))
    if former == 0 or volume <= former * (1 + policy.volume_rise):
        return False
    outcome = weeks[-1].readout.conclusion
    if outcome == "works" and trust == "high":
        return False
    returned = _sum(now, "return_count", "first_use_count", policy)
    returned_before = _sum(before, "return_count", "first_use_count", policy)
    comes_back = not returned.is_below(policy.return_adoption_rate) or (
        returned_before.value is not None and returned.is_above(returned_before.value)
    )
    return trust == "low" or outcome in {"neutral", "harm"} or not comes_back
