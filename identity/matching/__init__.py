"""Matching: which contact records are probably one person, although they share no exact identifier.

Here belong the model (what is compared, by Fellegi and Sunter as Splink computes it), its training,
and the scores of pairs. Whether a pair is joined is the resolver's decision. Personal data is read
from the build and stays there: the model holds parameters, the scores hold keys.
"""
