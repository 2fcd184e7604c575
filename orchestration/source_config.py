"""The block `sources` of `trustlift.yml`: where each source's data come from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ingestion.calendars import Calendar
from orchestration.config_types import ConfiguredPath
from orchestration.delivery import Delivery
from orchestration.pull_config import Postgres, Reading, ZendeskApi, ZigpollApi

CUSTOM = "custom"


class VendorSource(Delivery):
    """Where a vendor's exports lie.

    Attributes:
        path: Folder of the exports, in the vendor's own layout.
    """

    path: ConfiguredPath


class LiveSource(Delivery):
    """A vendor whose exports lie in a folder, or that is read live.

    Attributes:
        path: Folder of the exports, in the vendor's own layout.
    """

    path: ConfiguredPath | None = None

    @property
    def reading(self) -> Reading | None:
        """How it is read live; None if it is not."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _say_how(self) -> "LiveSource":
        if (self.path is None) == (self.reading is None):
            rule = "must be read either from the files of a `path` or live, and not both ways"
            remedy = "write one of the two"
            raise PydanticCustomError("source", "{rule}", {"rule": rule, "remedy": remedy})
        return self


class DatabaseSource(LiveSource):
    """A vendor whose data may be read from Postgres."""

    postgres: Postgres | None = None

    @property
    def reading(self) -> Reading | None:
        """How it is read live; None if it is not."""
        return self.postgres


class ZendeskSource(LiveSource):
    """Zendesk."""

    rest: ZendeskApi | None = None

    @property
    def reading(self) -> Reading | None:
        """How it is read live; None if it is not."""
        return self.rest


class ZigpollSource(LiveSource):
    """Zigpoll."""

    rest: ZigpollApi | None = None

    @property
    def reading(self) -> Reading | None:
        """How it is read live; None if it is not."""
        return self.rest


class CustomSource(Delivery):
    """The user's own files; ingestion has the rules of each input's mapping.

    Attributes:
        path: Folder of the files.
        inputs: One mapping a table: which files, their format, which column feeds which field.
    """

    path: ConfiguredPath
    inputs: list[dict[str, Any]] = Field(min_length=1)


AnySource = VendorSource | LiveSource | CustomSource


class Sources(BaseModel):
    """The sources by name: any that has a contract, and `custom`."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, VendorSource]

    core_banking: DatabaseSource | None = None
    zendesk: ZendeskSource | None = None
    zigpoll: ZigpollSource | None = None
    custom: CustomSource | None = None

    @property
    def all(self) -> Mapping[str, AnySource]:
        """Every configured source by name."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {
            **self.__pydantic_extra__,
            **{name: source for name, source in named.items() if source is not None},
        }

    @property
    def vendors(self) -> Mapping[str, VendorSource | LiveSource]:
        """The vendors' sources by name."""
        return {name: s for name, s in self.all.items() if not isinstance(s, CustomSource)}

    @property
    def folders(self) -> Mapping[str, Path]:
        """The folder of every source that is read from files, by name."""
        return {name: s.path for name, s in self.all.items() if s.path is not None}

    @property
    def readings(self) -> Mapping[str, Reading]:
        """How every source is read that is read live, by name."""
        live = {n: s.reading for n, s in self.all.items() if isinstance(s, LiveSource)}
        return {name: reading for name, reading in live.items() if reading is not None}

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """The days on which each source is due, by name."""
        return {name: source.calendar for name, source in self.all.items()}

    @property
    def closed(self) -> frozenset[str]:
        """Names of the sources that deliver nothing more."""
        return frozenset(name for name, source in self.all.items() if source.closed)

    @property
    def is_live(self) -> bool:
        """Whether any source still delivers."""
        return bool(self.all.keys() - self.closed)


MODELS = (
    VendorSource,
    DatabaseSource,
    ZendeskSource,
    ZigpollSource,
    CustomSource,
    Postgres,
    ZendeskApi,
    ZigpollApi,
)
"""Every block below `sources`."""
