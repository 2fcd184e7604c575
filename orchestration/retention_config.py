"""The block `retention` of `trustlift.yml`: how long things are kept."""

from orchestration.config_types import PositiveInt, Strict


class Retention(Strict):
    """How long things are kept.

    Attributes:
        validation_runs: Runs in the validation history.
    """

    validation_runs: PositiveInt = 100
