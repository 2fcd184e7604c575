"""What a contract says: a source, its tables, their fields."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic import Field as Declared

from ingestion.contracts.types import lake_type

Format = Literal["json_lines", "json_page", "avro", "parquet", "csv"]
Personal = Literal["direct", "pseudonymous"]


def _as_sequence(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_sequence)]


class Strict(BaseModel):
    """Refuse unknown keys and later changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Field(Strict):
    """One field of a table.

    Attributes:
        name: Its name in the lake.
        type: Its contract type (`ingestion.contracts.types`).
        source_name: Its name in the vendor's record; `parent.child` for a value inside a JSON
            object.
        required: A row without it goes to quarantine.
        expected: Normally filled; its emptiness is counted.
        lenient: A value of another type is kept out of the column instead of sending its row to
            quarantine; it is reported as drift.
        from_path: Its value is read from the file's path (the table's `type_path`).
        personal: Class of personal data, None for none.
        identifier: Types of identifier that it may hold; a vendor's own id is a `profile_id`.
    """

    name: str
    type: str
    source_name: str = Declared(alias="from")
    required: bool = False
    expected: bool = False
    lenient: bool = False
    from_path: bool = False
    personal: Personal | None = None
    identifier: Names = ()

    @property
    def parent(self) -> str | None:
        """Name of the JSON object in the vendor's record that holds the field, if one does."""
        parent, dot, _ = self.source_name.partition(".")
        return parent if dot else None

    @property
    def child(self) -> str:
        """Name of the field inside its JSON object."""
        return self.source_name.partition(".")[2]

    @property
    def lake_type(self) -> str:
        """SQL type of the field's column in the lake."""
        return lake_type(self.type) or "VARCHAR"


class Skew(Strict):
    """How a vendor corrects a client's clock: `client + (received - sent)`.

    Attributes:
        client: Field of the client's time of the event.
        sent: Field of the client's time of sending it.
        received: Field of the server's time of receiving it.
        tolerance_seconds: A difference below it is taken for the way and not for a wrong clock.
    """

    client: str
    sent: str
    received: str
    tolerance_seconds: int = Declared(default=0, ge=0)


class TableContract(Strict):
    """One table of a source.

    Attributes:
        source: Name of the source.
        name: Name of the table.
        canonical: The canonical input table that it feeds.
        description: What one row is.
        files: Globs of its files, relative to the source's root; empty for `custom`.
        format: How its files are written; None for `custom`, where the user says it.
        records: Key of the record list in a page (`json_page`).
        ignored: The vendor's columns that are known and not kept; any other is kept as drift.
        key: Fields that tell two rows apart; empty when the source gives none.
        nullable_key: Parts of the key that may be empty.
        near_key: Fields that a client repeats when it sends the same row again under a new id.
        nullable_near_key: Parts of the near key that may be empty.
        is_versioned: A row is a version of its record, not the record.
        event_at: Field that says when it happened.
        skew: How that time is computed where the field is empty; None if it is not.
        received_at: Field that says when it was received.
        received_path: Regex on the path: a date, and perhaps an hour.
        has_hourly_files: Every hour has a file, an empty one where nothing happened, so that an
            hour without a file is lost; `received_path` says which hour.
        type_path: Regex on the path whose group fills the `from_path` field.
        sla_hours: Age at receipt beyond which a row is stale; None for no limit.
        owner: Who answers for it.
        fields: The fields by name, in the lake's column order.
    """

    source: str
    name: str
    canonical: str
    description: str = ""
    files: Names = ()
    format: Format | None = None
    records: str | None = None
    ignored: Names = ()
    key: Names = ()
    nullable_key: Names = ()
    near_key: Names = ()
    nullable_near_key: Names = ()
    is_versioned: bool = False
    event_at: str
    skew: Skew | None = None
    received_at: str | None = None
    received_path: str | None = None
    has_hourly_files: bool = False
    type_path: str | None = None
    sla_hours: int | None = Declared(default=None, gt=0)
    owner: str
    fields: Mapping[str, Field] = Declared(min_length=1)

    @property
    def counted_fields(self) -> tuple[Field, ...]:
        """Fields whose emptiness counts as missing: the required and the expected ones."""
        return tuple(f for f in self.fields.values() if f.required or f.expected)


class SourceContract(Strict):
    """One source and its tables by name."""

    source: str
    owner: str
    description: str = ""
    sla_hours: int | None = None
    received_path: str | None = None
    ignored: Names = ()
    tables: Mapping[str, TableContract] = Declared(min_length=1)
