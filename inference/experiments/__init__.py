"""What an experiment's sums say: lifts, survival, health, power, corrections, sequential looks.

Here belong pure functions over arrays, one element a comparison: no queries, no tables, no names of
metrics. `treatment` and `holdout` are always arms in that order, and a difference is the treatment
minus the holdout. What cannot be said is NaN, never 0. What a readout may be used for, and when, is
decided by those who call.
"""
