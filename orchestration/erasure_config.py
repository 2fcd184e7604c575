"""The block `erasure` of `trustlift.yml`: who decides that a request to forget is carried out."""

from orchestration.config_types import Strict


class ErasurePolicy(Strict):
    """What becomes of requests that sources deliver.

    Attributes:
        carry_out_requests: The run that sees a request carries it out, for good. Else the person's
            rows only count as erased until somebody runs `trustlift erase --requested`.
    """

    carry_out_requests: bool = True
