"""A small fintech whose truth is known, exporting the files that real systems would.

Here belong the company's facts, its people's behaviour, the faults that deliveries suffer, the
vendors' native file layouts, and the truth beside them. Nothing here judges an export, and
nothing in the pipeline may read the truth: only tests and checkers do. The package imports nothing
of the pipeline, so that a fault in a contract cannot hide in the data made to test it.
"""

from simulation.parameters import SimulationParameters, SimulationSummary
from simulation.run import simulate

__all__ = ["SimulationParameters", "SimulationSummary", "simulate"]
