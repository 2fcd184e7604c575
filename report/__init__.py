"""The pages people look at: what gates found and matching learnt, as HTML that needs no network.

Reads what other stages wrote, through `warehouse`, and the records of earlier runs. Decides
nothing: a figure, a threshold or a verdict comes from elsewhere.
"""

from report.findings import Findings, find
from report.match_weights import AgreementLevel, MatchWeights, write_match_weights
from report.pages import Page, write_pages
from report.record import Refusal, RunRecord, SourceRows, prune_records, read_records, write_record

__all__ = [
    "AgreementLevel",
    "Findings",
    "MatchWeights",
    "Page",
    "Refusal",
    "RunRecord",
    "SourceRows",
    "find",
    "prune_records",
    "read_records",
    "write_match_weights",
    "write_pages",
    "write_record",
]
