"""The block `verdicts` of `trustlift.yml`: when a feature is scaled, fixed or taken down."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from orchestration.config_types import PositiveInt, Share, Strict
from verdicts.policy import VerdictPolicy

_DEFAULT = VerdictPolicy()
Weeks = Annotated[int, Field(ge=1, le=520)]
Rate = Annotated[float, Field(gt=0, lt=1)]


class Verdicts(Strict):
    """Numbers of the state machine; `verdicts.policy` says what each means.

    The smallest sample and the target of return adoption are those of `policy` and `targets`.
    """

    window_weeks: Annotated[int, Field(ge=1, le=26)] = _DEFAULT.window_weeks
    confidence: Annotated[float, Field(ge=0.5, lt=1)] = _DEFAULT.confidence
    engagement_high: Rate = _DEFAULT.engagement_high
    engagement_low: Rate = _DEFAULT.engagement_low
    opt_out_hazard: Rate = _DEFAULT.opt_out_hazard
    helpful_rate: Rate = _DEFAULT.helpful_rate
    opt_in_rate: Rate = _DEFAULT.opt_in_rate
    csat_positive_rate: Rate = _DEFAULT.csat_positive_rate
    spike_weeks: Weeks = _DEFAULT.spike_weeks
    distrust_signals: Annotated[int, Field(ge=1, le=4)] = _DEFAULT.distrust_signals
    unused_weeks: Weeks = _DEFAULT.unused_weeks
    unused_min_age: Weeks = _DEFAULT.unused_min_age
    unused_min_exposed: PositiveInt = _DEFAULT.unused_min_exposed
    distrust_weeks: Weeks = _DEFAULT.distrust_weeks
    fix_ship_weeks: Weeks = _DEFAULT.fix_ship_weeks
    fix_measure_weeks: Weeks = _DEFAULT.fix_measure_weeks
    frozen_clock_weeks: Annotated[int, Field(ge=0, le=520)] = _DEFAULT.frozen_clock_weeks
    recovery_weeks: Weeks = _DEFAULT.recovery_weeks
    max_fixes: PositiveInt = _DEFAULT.max_fixes
    relapse_weeks: Weeks = _DEFAULT.relapse_weeks
    scale_min_days: PositiveInt = _DEFAULT.scale_min_days
    scale_weeks: Weeks = _DEFAULT.scale_weeks
    unscale_weeks: Weeks = _DEFAULT.unscale_weeks
    decision_weeks: Weeks = _DEFAULT.decision_weeks
    no_value_weeks: Weeks = _DEFAULT.no_value_weeks
    pivot_weeks: Weeks = _DEFAULT.pivot_weeks
    stale_weeks: Weeks = _DEFAULT.stale_weeks
    volume_rise: Share = _DEFAULT.volume_rise

    @model_validator(mode="after")
    def _in_order(self) -> "Verdicts":
        pairs = (
            ("engagement_low", "engagement_high", "a feature could be both high and low"),
            ("recovery_weeks", "fix_measure_weeks", "no fix could ever recover"),
            ("decision_weeks", "no_value_weeks", "it would be removed before anybody is asked"),
        )
        for smaller, larger, why in pairs:
            low, high = getattr(self, smaller), getattr(self, larger)
            if low > high:
                rule = f"{smaller} = {low} must not be above {larger} = {high}: {why}"
                remedy = f"lower {smaller} or raise {larger}"
                raise PydanticCustomError("order", "{rule}", {"rule": rule, "remedy": remedy})
        return self

    def policy(self, *, min_sample: int, return_adoption_rate: float | None) -> VerdictPolicy:
        """Give the numbers to the machine.

        Args:
            min_sample: A rate over fewer is not known.
            return_adoption_rate: The target of return adoption; None for the default.
        """
        default = _DEFAULT.return_adoption_rate
        return VerdictPolicy(
            **self.model_dump(),
            min_sample=min_sample,
            return_adoption_rate=default if return_adoption_rate is None else return_adoption_rate,
        )
