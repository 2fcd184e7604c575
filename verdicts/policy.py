"""The numbers of the verdicts: when a feature is scaled, fixed, removed or put to rest."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictPolicy:
    """Numbers of the state machine; shares are 0-1, times are whole weeks.

    Attributes:
        window_weeks: Complete weeks, up to the one judged, that a level rests on.
        confidence: Of every interval.
        min_sample: A rate over fewer customers or answers is not known.
        engagement_high: Engagement is high if its lower bound lies above this.
        engagement_low: Engagement is low if its upper bound lies below this.
        opt_out_hazard: Opt-outs a customer-week: above it trust is low, below it may be high.
        helpful_rate: An upper bound below it speaks against trust.
        opt_in_rate: Likewise.
        csat_positive_rate: Likewise.
        spike_weeks: A spike of tickets speaks against trust for so long.
        distrust_signals: So many that speak against it make trust low.
        unused_weeks: Engagement low for so long is a reason to remove.
        unused_min_age: A younger feature is not removed for it.
        unused_min_exposed: Nor is one shown to fewer customers.
        distrust_weeks: Low trust, or harm, for so long is a reason to fix.
        fix_ship_weeks: Time to ship a fix.
        fix_measure_weeks: Time to measure what it did.
        frozen_clock_weeks: So long blocked data stop a fix clock, once a fix.
        recovery_weeks: High trust for so long after a fix is a recovery.
        max_fixes: A feature that would need one more is put to rest.
        relapse_weeks: A fix needed again so soon has only the time that was left.
        scale_min_days: An experiment counts for scaling after so many days.
        scale_weeks: A feature that qualifies for so long is scaled.
        unscale_weeks: One that does not qualify for so long is watched again.
        decision_weeks: Watched for so long, somebody must decide.
        no_value_weeks: Watched for so long without an effect, it is removed.
        pivot_weeks: So long after its removal one pivot brings a feature back.
        stale_weeks: A verdict without data for so long is stale.
        volume_rise: Interactions up by more than this share are volume that is up.
        return_adoption_rate: Fewer first-time users who come back are too few.
    """

    window_weeks: int = 4
    confidence: float = 0.95
    min_sample: int = 30
    engagement_high: float = 0.10
    engagement_low: float = 0.05
    opt_out_hazard: float = 0.0075
    helpful_rate: float = 0.50
    opt_in_rate: float = 0.12
    csat_positive_rate: float = 0.80
    spike_weeks: int = 2
    distrust_signals: int = 2
    unused_weeks: int = 4
    unused_min_age: int = 8
    unused_min_exposed: int = 1_000
    distrust_weeks: int = 2
    fix_ship_weeks: int = 2
    fix_measure_weeks: int = 4
    frozen_clock_weeks: int = 2
    recovery_weeks: int = 3
    max_fixes: int = 2
    relapse_weeks: int = 12
    scale_min_days: int = 28
    scale_weeks: int = 2
    unscale_weeks: int = 3
    decision_weeks: int = 12
    no_value_weeks: int = 26
    pivot_weeks: int = 8
    stale_weeks: int = 3
    volume_rise: float = 0.10
    return_adoption_rate: float = 0.25

    @property
    def fix_weeks(self) -> int:
        """Weeks of the fix clock."""
        return self.fix_ship_weeks + self.fix_measure_weeks

    @property
    def normal_quantile(self) -> float:
        """Standard deviations to either side of an interval's middle."""
        return NormalDist().inv_cdf((1 + self.confidence) / 2)
