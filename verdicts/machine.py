"""The state machine: one feature's weeks in, one verdict a week out.

A verdict follows from the weeks up to its own and from nothing else, so that the same weeks always
give the same verdicts. What is measured waits while data are blocked; what is registered or
happened (an incident, a pivot, a signature, time running out) counts in every week.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from verdicts.levels import judge
from verdicts.states import State
from verdicts.transitions import RULES, Situation, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verdicts.levels import Levels
    from verdicts.policy import VerdictPolicy
    from verdicts.weeks import Week

Action = Literal["continue", "expand", "hold", "pause", "withdraw"]
_ACTIONS: dict[str, Action] = {
    "watch": "continue",
    "scale": "expand",
    "fix": "hold",
    "remove": "withdraw",
    "sunset": "withdraw",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said of a feature at the end of a week, and all that it was said for.

    Attributes:
        week: What was known of the week.
        levels: What the trailing weeks said.
        seen: What the rules saw: the state before them, with this week counted.
        state: The state after it.
        rule: Which row of the table moved it, or `stay`.
        previous: The verdict of the week before; None in the first week.
    """

    week: Week
    levels: Levels
    seen: State
    state: State
    rule: str
    previous: str | None

    @property
    def is_changed(self) -> bool:
        """Whether it is another verdict than before; a feature begins by being watched."""
        return self.state.verdict != (self.previous or "watch")

    @property
    def rollout_action(self) -> Action:
        """What to do with the rollout."""
        return "pause" if self.state.is_paused else _ACTIONS[self.state.verdict]


def verdicts(weeks: Sequence[Week], *, policy: VerdictPolicy) -> Iterator[Verdict]:
    """Yield the verdict of each week of one feature.

    Args:
        weeks: Its weeks in order from its first exposure or launch, none left out.
        policy: The numbers.

    Raises:
        ValueError: A week is missing, or they are out of order.
    """
    if not weeks:
        return
    first = weeks[0].week_start_date
    state, previous = State(since=first), None
    for position, week in enumerate(weeks):
        expected = first + timedelta(weeks=position)
        if week.week_start_date != expected:
            raise ValueError(
                f"expected the week of {expected} and got {week.week_start_date}: weeks must be in "
                "order with none left out; give a week without data its row of zeros"
            )
        span = weeks[max(0, position + 1 - 2 * policy.window_weeks) : position + 1]
        verdict = step(state, span, policy=policy, previous=previous)
        yield verdict
        state, previous = verdict.state, verdict.state.verdict


def step(
    state: State, weeks: Sequence[Week], *, policy: VerdictPolicy, previous: str | None
) -> Verdict:
    """Judge one week: count, then apply the first rule that holds.

    Args:
        state: As the week before left it.
        weeks: The trailing weeks, twice as many as levels rest on, up to the one judged.
        policy: The numbers.
        previous: The verdict of the week before.
    """
    week = weeks[-1]
    levels = judge(weeks, policy=policy, trust_since=state.trust_since, born=state.born)
    seen = counted(state, week, levels, policy=policy)
    situation = Situation(state=seen, week=week, levels=levels, policy=policy)
    rule = next((one for one in RULES if one.applies(situation)), None)
    after, name = (seen, "stay") if rule is None else (rule.move(situation), rule.name)
    if after.verdict == "fix" and week.has_fix:
        # What comes of it is measured on the exposure after it.
        shipped = week.week_start_date
        after = replace(
            after,
            fixed_on=shipped,
            trust_since=shipped + timedelta(weeks=1),
            recovery_weeks=0,
            is_paused=after.is_paused and name == "incident_or_harm",
        )
    return Verdict(week=week, levels=levels, state=after, rule=name, previous=previous, seen=seen)
