"""What the parts of `trustlift.yml` are built from: strict blocks, paths, bounded numbers."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from orchestration.as_of import parse_as_of
from orchestration.config_paths import resolve_path


def _path(value: object, info: ValidationInfo) -> Path:
    context = info.context or {}
    return resolve_path(value, base=context["base"], environ=context["environ"], cwd=context["cwd"])


def _moment(value: object) -> datetime | None:
    try:
        return None if value is None else parse_as_of(value)
    except ValueError as error:
        told = {"rule": str(error), "remedy": "write such a moment, or leave the key out"}
        raise PydanticCustomError("moment", "{rule}", told) from error


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
ConfiguredPath = Annotated[Path, BeforeValidator(_path)]
Share = Annotated[float, Field(ge=0, le=1)]
PositiveInt = Annotated[int, Field(ge=1)]


class Strict(BaseModel):
    """Refuse unknown keys, other types, and later changes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
