"""Forget a person: what was received of them is taken out of the lake, and stays out.

Who the person is is not decided here: the identifiers are given. They are kept as keyed digests
only (tombstones), by which rows that bring the person back are known when they land.
"""
