"""What a user says about files of their own: which canonical table, and which column is what."""

import re
import string
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

CustomFormat = Literal["csv", "json_lines", "parquet", "combined_log", "lines"]
_KINDS = ("source", "value", "template", "digest")


class ColumnRule(BaseModel):
    """Where the text of one canonical field comes from: exactly one of four.

    In YAML a plain text is short for `{from: text}`.

    Attributes:
        source: A column of the file (`from` in YAML).
        format: How a time in that column is written (strptime).
        value: The same text for every row.
        template: A text with `{column}` in it; empty when one of its columns is.
        digest: Columns whose MD5 identifies the row's owner; empty when all of them are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    source: str | None = Field(default=None, alias="from")
    format: str | None = None
    value: str | int | float | bool | datetime | date | None = None
    template: str | None = Field(default=None, min_length=1)
    digest: tuple[str, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"from": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_kind(self) -> "ColumnRule":
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError("must have exactly one of from, value, template, digest")
        if self.format is not None and self.source is None:
            raise ValueError("a format needs a column: give `from`")
        if self.digest == ():
            raise ValueError("a digest needs one column or more")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The file's columns that the rule reads."""
        if self.source is not None:
            return (unnamed(self.source),)
        if self.digest is not None:
            return tuple(unnamed(column) for column in self.digest)
        return tuple(name for _, name in self.parts if name is not None)

    @property
    def parts(self) -> tuple[tuple[str, str | None], ...]:
        """The template as (text, column after it) pairs."""
        parsed = string.Formatter().parse(self.template or "")
        return tuple((text, None if n is None else unnamed(n)) for text, n, *_ in parsed)


class CustomInput(BaseModel):
    """Files of the user's own for one canonical table.

    Attributes:
        table: The canonical table.
        path: Glob relative to the source's root.
        format: How the files are written.
        pattern: Regular expression with named groups (`lines` only).
        delimiter: Between two values (`csv` only).
        skip_lines: Lines at the beginning of each file that are no rows (nor the CSV's header).
        columns: The rule of each canonical field that the files fill.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    path: str
    format: CustomFormat
    pattern: str | None = None
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    skip_lines: int = Field(default=0, ge=0)
    columns: Mapping[str, ColumnRule] = Field(min_length=1)

    @model_validator(mode="after")
    def _fitting(self) -> "CustomInput":
        if (self.format == "lines") != (self.pattern is not None):
            raise ValueError("format `lines` needs a `pattern` with named groups, no other has one")
        if self.pattern is not None and not _named_groups(self.pattern):
            raise ValueError("`pattern` must be a regular expression with named groups (?P<name>…)")
        if PurePosixPath(self.path).is_absolute() or ".." in PurePosixPath(self.path).parts:
            raise ValueError("`path` must lie under the source's root: make it relative")
        return self


def unnamed(column: str) -> str:
    """Return the name of a column: one without a name in the header is called by its place."""
    return column or "column0"


def _named_groups(pattern: str) -> bool:
    try:
        return bool(re.compile(pattern).groupindex)
    except re.error:
        return False
