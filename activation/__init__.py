"""Activation: what is owed to customers leaves the house, each thing once.

Here belongs how a list of things to do becomes what a sending system reads, and the memory of what
has left; and who is held out of what is sent. What is owed, and what is withheld and why, does not
belong here: a mart says so.
"""

from activation.exports import Exported, export
from activation.follow_ups import FollowUp, read_due
from activation.holdouts import HoldoutDraw, assignments, write_assignments
from activation.store import StoreError

__all__ = [
    "Exported",
    "FollowUp",
    "HoldoutDraw",
    "StoreError",
    "assignments",
    "export",
    "read_due",
    "write_assignments",
]
