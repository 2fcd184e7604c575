"""Read `thresholds.yml` and resolve each rule into the limits it sets, one per scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Gate = Literal["batches", "sources", "marts", "kpis"]
Severity = Literal["error", "warning", "page"]
Text = Annotated[str, Field(min_length=1)]

DEFAULT_PATH = Path(__file__).with_name("thresholds.yml")
DEFAULT_SCOPE = "default"
_REMEDIES = {
    "missing": "add the key",
    "extra_forbidden": "spell it as in the other thresholds, or remove it",
    "literal_error": "use one of these words",
    "string_too_short": "write it: a threshold that nobody can explain can't be judged",
}


class ThresholdsError(ValueError):
    """The thresholds file breaks a rule; the message names key, value, rule and remedy."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Override(_Strict):
    """What differs for one source, one table of a source, or one mart.

    Attributes:
        source: source name; in gates `batches` and `sources`.
        table: table of that source; all its tables where left out.
        mart: mart name; in gates `marts` and `kpis`.
        min: replaces the threshold's, as do `max`, `severity` and `min_rows`.
        why: what is different here.
    """

    source: Text | None = None
    table: Text | None = None
    mart: Text | None = None
    min: float | None = None
    max: float | None = None
    severity: Severity | None = None
    min_rows: Annotated[int, Field(ge=1)] | None = None
    why: Text

    @property
    def scope(self) -> str:
        """The subjects it holds for: `source`, `source/table` or the mart's name."""
        return "/".join(part for part in (self.source, self.table, self.mart) if part)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.source is None) == (self.mart is None):
            raise ValueError(
                "an override holds for a source or a mart, one of them: name `source` or `mart`"
            )
        if self.table and not self.source:
            raise ValueError(f"table {self.table!r} needs its source: add `source`")
        if all(value is None for value in (self.min, self.max, self.severity, self.min_rows)):
            raise ValueError(
                f"the override for {self.scope!r} changes nothing: "
                "give min, max, severity or min_rows, or remove it"
            )
        return self


class Threshold(_Strict):
    """One rule of `thresholds.yml`.

    Attributes:
        id: name of the rule, unique.
        gate: what it judges: batches received, sources as a whole, marts built, or what KPIs say.
        metric: column it judges.
        min: smallest value that passes.
        max: largest value that passes.
        severity: `error` stops publishing; `page`, in gate `kpis` alone, calls somebody at once and
            publishes, since what is wrong is not the data; `warning` does neither.
        min_rows: on fewer rows nothing is judged.
        why: why this number.
        owner: who answers for the number.
        since: when it was set or last moved.
        overrides: what differs for single sources or marts.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    gate: Gate
    metric: Annotated[str, Field(pattern=r"^[a-z][a-z_0-9]*$")]
    min: float | None = None
    max: float | None = None
    severity: Severity
    min_rows: Annotated[int, Field(ge=1)]
    why: Text
    owner: Text
    since: date
    overrides: tuple[Override, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        scopes = [override.scope for override in self.overrides]
        repeated = sorted({scope for scope in scopes if scopes.count(scope) > 1})
        if repeated:
            raise ValueError(f"{repeated} is overridden more than once: keep one")
        for override in self.overrides:
            if (override.mart is None) == (self.gate in {"marts", "kpis"}):
                raise ValueError(
                    f"the override for {override.scope!r} is of another gate than {self.gate!r}: "
                    "batches and sources are overridden by `source`, marts and KPIs by `mart`"
                )
        for limit in self.limits():
            if (limit.severity == "page" and self.gate != "kpis") or (
                limit.severity == "error" and self.gate == "kpis"
            ):
                raise ValueError(
                    f"severity {limit.severity!r} is not for gate {self.gate!r}: KPIs page and "
                    "never stop publishing, the other gates stop it and do not page"
                )
            if limit.min is None and limit.max is None:
                raise ValueError("nothing is judged without `min` or `max`: give at least one")
            if limit.min is not None and limit.max is not None and limit.min > limit.max:
                raise ValueError(
                    f"min {limit.min} is above max {limit.max} for {limit.scope!r}: swap them"
                )
        return self

    def limits(self) -> tuple[Limit, ...]:
        """Return the limit of every scope, the default first."""
        base = Limit(
            rule_id=self.id,
            scope=DEFAULT_SCOPE,
            metric=self.metric,
            min=self.min,
            max=self.max,
            severity=self.severity,
            min_rows=self.min_rows,
            why=self.why,
            owner=self.owner,
        )
        return (base, *(self._override(base, override) for override in self.overrides))

    @staticmethod
    def _override(base: Limit, override: Override) -> Limit:
        return Limit(
            rule_id=base.rule_id,
            scope=override.scope,
            metric=base.metric,
            min=base.min if override.min is None else override.min,
            max=base.max if override.max is None else override.max,
            severity=override.severity or base.severity,
            min_rows=override.min_rows or base.min_rows,
            why=override.why,
            owner=base.owner,
        )


class _File(_Strict):
    thresholds: Annotated[tuple[Threshold, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        ids = [threshold.id for threshold in self.thresholds]
        repeated = sorted({name for name in ids if ids.count(name) > 1})
        if repeated:
            raise ValueError(f"ids {repeated} are there more than once: rename one of each")
        return self


@dataclass(frozen=True)
class Limit:
    """What one rule demands in one scope.

    Attributes:
        rule_id: the rule.
        scope: `default`, or the source, source/table or mart of an override.
        metric: column judged.
        min: smallest value that passes; None for none.
        max: largest value that passes; None for none.
        severity: `error` stops publishing; `page`, in gate `kpis` alone, calls somebody at once and
            publishes, since what is wrong is not the data; `warning` does neither.
        min_rows: on fewer rows nothing is judged.
        why: why this number.
        owner: who answers for it.
    """

    rule_id: str
    scope: str
    metric: str
    min: float | None
    max: float | None
    severity: Severity
    min_rows: int
    why: str
    owner: str

    @property
    def key(self) -> str:
        """Name of the limit, unique among all."""
        return f"{self.rule_id}@{self.scope}"


def load_thresholds(path: Path = DEFAULT_PATH) -> tuple[Threshold, ...]:
    """Read and check the thresholds.

    Args:
        path: the YAML file.

    Raises:
        ThresholdsError: it breaks a rule.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _File.model_validate(content).thresholds
    except yaml.YAMLError as error:
        raise ThresholdsError(f"{path.name} is no YAML: {error}") from error
    except ValidationError as error:
        faults = "\n".join(_explain(fault, content) for fault in error.errors())
        raise ThresholdsError(f"{path.name} is not valid:\n{faults}") from error


def _explain(fault: Any, content: Any) -> str:
    key = ".".join(_name(fault["loc"], content)) or "thresholds"
    rule = fault["msg"].removeprefix("Value error, ")
    remedy = _REMEDIES.get(fault["type"])
    value = "" if isinstance(fault["input"], dict) else f" = {fault['input']!r}"
    return f"- {key}{value}: {rule}" + (f"; {remedy}" if remedy else "")


def _name(location: tuple[int | str, ...], content: Any) -> list[str]:
    """Name a place in the file by rule ids, where positions in a list would make people count."""
    names: list[str] = []
    for step in location:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            content = None
        known = content.get("id") if isinstance(content, dict) else None
        names.append(str(known or step))
    return names
