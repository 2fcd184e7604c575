"""Inference: what statistics libraries say of the sums that SQL made.

Here belong intervals, differences, p-values, corrections for many comparisons: everything past a
sum. The sums themselves do not belong here (they are marts tagged `sums`), nor does any decision
drawn from a figure, nor Wilson's interval, which is a macro.
"""

from inference.stage import run

__all__ = ["run"]
