"""Expectations: is it fit to publish?

Here belong tolerances: the numbers that judge data (`thresholds.yml`, each with its why, owner and
date), the Great Expectations suites made of them, and the two gates that apply them, to batches
received and to marts built. Invariants do not belong here: they are dbt tests. Nor do numbers that
change data, nor what is done about a refusal.
"""
