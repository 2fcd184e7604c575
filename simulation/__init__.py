"""A small fintech whose truth is known, exporting the files that real systems would.

Here belong the company's facts, its people's behaviour, the faults that deliveries suffer, the seven
vendors' native file layouts, and the truth beside them. Nothing here reads an export, and nothing in
the pipeline may read the truth: only tests and checkers do. One import is allowed from the rest of
the project, `ingestion.contracts`; none is needed at present, since contracts describe what vendors
write and the vendors' layouts are this package's own subject.
"""

from simulation.parameters import SimulationParameters, SimulationSummary
from simulation.run import simulate

__all__ = ["SimulationParameters", "SimulationSummary", "simulate"]
