"""Verdicts: what should become of a feature, week by week.

Here belong the policy (numbers, with the catalogue's as defaults), the levels of engagement and
trust that sums give under it, the table of transitions, and the log of what was said when. Figures
do not belong here (sums are SQL's, experiments' conclusions are `inference`'s), nor does anything
done about a verdict.
"""

from verdicts.policy import VerdictPolicy
from verdicts.stage import run

__all__ = ["VerdictPolicy", "run"]
