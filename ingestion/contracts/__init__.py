"""What every source delivers: fields, types, keys, times, owners.

The YAML files here are the truth about vendor tables and, in `canonical.yml`, about the tables
that users may bring themselves; the code loads and checks them. How files are read, and what
becomes of a row, is not decided here.
"""

from ingestion.contracts.errors import ContractError, Violation
from ingestion.contracts.loading import load_contract, load_contracts
from ingestion.contracts.model import Field, SourceContract, TableContract

__all__ = [
    "ContractError",
    "Field",
    "SourceContract",
    "TableContract",
    "Violation",
    "load_contract",
    "load_contracts",
]
