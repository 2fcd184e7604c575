"""The registry of experiments as a run last saw it: what is in it, and what breaks its rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from orchestration.exits import CommandError, Exit

_EXPERIMENTS = """
    select
        experiment_id, feature_id, kind, cast(started_at as varchar), cast(ended_at as varchar),
        planned_days, holdout_share, primary_metric, minimum_effect, salt
    from core.dim_experiments
    order by started_at, experiment_id
"""
_FAULTS = """
    select subject_type, subject, rule, message, is_current
    from core.fct_registry_faults
    order by subject_type, subject, rule, message
"""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A registered experiment.

    Attributes:
        experiment_id: Its id.
        feature_id: What it is about.
        kind: test, fix or pivot.
        started_at: When it begins (UTC).
        ended_at: When it ended (UTC); None while it runs.
        planned_days: How long it was planned for.
        holdout_share: Share of customers held out.
        primary_metric: What decides; None if nothing was declared.
        minimum_effect: Least effect worth having; None if nothing was declared.
        salt: What units are hashed with; None for its id.
    """

    experiment_id: str
    feature_id: str
    kind: str
    started_at: str
    ended_at: str | None
    planned_days: int
    holdout_share: float
    primary_metric: str | None
    minimum_effect: float | None
    salt: str | None


@dataclass(frozen=True, kw_only=True)
class RegistryFault:
    """What breaks a rule of the registry.

    Attributes:
        subject_type: experiment, feature, release or override.
        subject: Its id.
        rule: The rule.
        message: What was found, and the remedy.
        is_current: False once its experiment has ended.
    """

    subject_type: str
    subject: str
    rule: str
    message: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class Registry:
    """All that is registered, and all that is wrong with it."""

    experiments: Sequence[Experiment]
    faults: Sequence[RegistryFault]

    @property
    def exit_code(self) -> Exit:
        """3 while something that has not ended breaks a rule, else 0."""
        is_at_fault = any(fault.is_current for fault in self.faults)
        return Exit.BLOCKED if is_at_fault else Exit.PUBLISHED

    def experiment(self, experiment_id: str) -> Experiment | None:
        """Find an experiment by its id."""
        found = (one for one in self.experiments if one.experiment_id == experiment_id)
        return next(found, None)

    def salt_of(self, experiment: Experiment, given: str | None) -> str:
        """Choose what an experiment's units are hashed with: what is registered, or was given.

        Raises:
            CommandError: The experiment has another salt, or another experiment has this one.
        """
        if given is not None and experiment.salt not in (None, given):
            raise CommandError(
                f"{experiment.experiment_id} is registered with another salt than {given!r}, and "
                "a new one would draw everybody anew.",
                remedy="Leave --salt out.",
                code=Exit.USAGE,
            )
        salt = given or experiment.salt or experiment.experiment_id
        for other in self.experiments:
            is_other = other.experiment_id != experiment.experiment_id
            if is_other and salt in (other.salt, other.experiment_id):
                raise CommandError(
                    f"Salt {salt!r} is that of {other.experiment_id}: the same customers would be "
                    "held out of both.",
                    remedy="Choose a salt that no experiment has had.",
                    code=Exit.USAGE,
                )
        return salt


def read_registry(build: DuckDBPyConnection) -> Registry:
    """Read the registry from a build database."""
    names = tuple(Experiment.__dataclass_fields__)
    fault_names = tuple(RegistryFault.__dataclass_fields__)
    return Registry(
        experiments=[
            Experiment(**dict(zip(names, row, strict=True)))
            for row in build.execute(_EXPERIMENTS).fetchall()
        ],
        faults=[
            RegistryFault(**dict(zip(fault_names, row, strict=True)))
            for row in build.execute(_FAULTS).fetchall()
        ],
    )
