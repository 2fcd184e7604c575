"""What the parts of `trustlift.yml` are built from: strict blocks, paths, bounded numbers."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from orchestration.config_paths import resolve_path


def _path(value: object, info: ValidationInfo) -> Path:
    context = info.context or {}
    return resolve_path(value, base=context["base"], environ=context["environ"], cwd=context["cwd"])


ConfiguredPath = Annotated[Path, BeforeValidator(_path)]
Share = Annotated[float, Field(ge=0, le=1)]
PositiveInt = Annotated[int, Field(ge=1)]


class Strict(BaseModel):
    """Refuse unknown keys, other types, and later changes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
