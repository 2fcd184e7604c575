"""Validity: what the statistics say where the truth is known, because it was injected.

Here belong draws of made-up customers and how often `inference` is right about them, beside common
ways that are not (controls, which must fail). No statistic is computed here that is judged here.
"""
