"""The user's one file, `trustlift.yml`: its shape and its rules."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from orchestration.as_of import parse_as_of
from orchestration.config_types import ConfiguredPath, PositiveInt, Share, Strict

CUSTOM = "custom"


def _moment(value: object) -> datetime | None:
    try:
        return None if value is None else parse_as_of(value)
    except ValueError as error:
        remedy = "write such a moment, or leave the key out: then it is now"
        rule = str(error)
        raise PydanticCustomError("as_of", "{rule}", {"rule": rule, "remedy": remedy}) from error


def _zone(value: object) -> object:
    if not isinstance(value, str) or value not in available_timezones():
        remedy = "write a name such as Europe/Madrid or UTC"
        raise PydanticCustomError("zone", "must be an IANA time zone", {"remedy": remedy})
    return value


class VendorSource(Strict):
    """Where a vendor's exports lie.

    Attributes:
        path: Folder of the exports, in the vendor's own layout.
        closed: No further delivery is expected, so age is no fault.
    """

    path: ConfiguredPath
    closed: bool = False


class CustomSource(Strict):
    """The user's own files; ingestion has the rules of each input's mapping.

    Attributes:
        path: Folder of the files.
        inputs: One mapping a table: which files, their format, which column feeds which field.
        closed: No further delivery is expected, so age is no fault.
    """

    path: ConfiguredPath
    inputs: list[dict[str, Any]] = Field(min_length=1)
    closed: bool = False


class Sources(BaseModel):
    """The sources by name: any that has a contract, and `custom`."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, VendorSource]

    custom: CustomSource | None = None

    @property
    def vendors(self) -> Mapping[str, VendorSource]:
        """The vendors' sources by name."""
        return self.__pydantic_extra__

    @property
    def folders(self) -> Mapping[str, Path]:
        """The folder of every configured source, by name."""
        vendors = {name: source.path for name, source in self.vendors.items()}
        return {**vendors, CUSTOM: self.custom.path} if self.custom else vendors

    @property
    def closed(self) -> frozenset[str]:
        """Names of the sources that deliver nothing more."""
        closed = {name for name, source in self.vendors.items() if source.closed}
        return frozenset(closed | {CUSTOM} if self.custom and self.custom.closed else closed)

    @property
    def is_live(self) -> bool:
        """Whether any source still delivers."""
        return bool(self.folders.keys() - self.closed)


class Policy(Strict):
    """Numbers that change what the marts say; each is the dbt var of the same name.

    Attributes:
        min_sample: A rate over fewer customers or answers is not shown.
        allowed_lateness_days: How long after a window closes its rows may still arrive.
        feedback_window_days: A prompt without an answer by then counts as unanswered.
        bot_events_per_minute: Faster than any person.
        bot_cadence_gaps: So many gaps like the one before make a rhythm.
        bot_cadence_share: Share of a day's gaps that must be so, 0-1.
        bot_cadence_tolerance: How far a gap may be off the one before, as a share of it, 0-1.
        bot_cadence_minutes: How long those gaps must last together.
        zombie_session_hours: A session this long has nobody in it.
        test_device_share: Share of testers' events on a device that makes it a test device, 0-1.
        frustrated_tap_gap_seconds: Taps closer than this belong to one burst.
        frustrated_tap_count: Taps in a burst that show frustration.
        frustrated_dismiss_seconds: An insight closed this fast was not wanted.
        helpful_gap: Difference in helpfulness worth acting on, 0-1.
        fdr_level: Accepted share of false discoveries.
    """

    min_sample: PositiveInt = 30
    allowed_lateness_days: int = Field(default=2, ge=0)
    feedback_window_days: PositiveInt = 7
    bot_events_per_minute: PositiveInt = 120
    bot_cadence_gaps: PositiveInt = 30
    bot_cadence_share: Share = 0.8
    bot_cadence_tolerance: Share = 0.1
    bot_cadence_minutes: PositiveInt = 10
    zombie_session_hours: PositiveInt = 12
    test_device_share: Share = 0.9
    frustrated_tap_gap_seconds: PositiveInt = 2
    frustrated_tap_count: PositiveInt = 3
    frustrated_dismiss_seconds: PositiveInt = 3
    helpful_gap: Share = 0.20
    fdr_level: Share = 0.05


class Target(Strict):
    """What a metric should reach, who set it, and why."""

    value: float
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class Targets(Strict):
    """Targets by metric; one left out keeps the value of `dbt_project.yml`."""

    return_adoption_rate: Target | None = None
    helpful_rate: Target | None = None


class FileSink(Strict):
    """A file that gets one JSON line an alert."""

    kind: Literal["file"]
    path: ConfiguredPath


class Alerts(Strict):
    """Where alerts go."""

    sinks: list[FileSink] = Field(default_factory=list)

    @property
    def files(self) -> list[Path]:
        """The files that get alerts."""
        return [sink.path for sink in self.sinks]


class Settings(Strict):
    """The whole file.

    Attributes:
        timezone: Zone of the company's calendar days.
        data_dir: Where the lake, the build and the published marts are kept.
        as_of: The moment to look from; None for now.
        sources: Where the exports lie.
        policy: Numbers that change what the marts say.
        targets: What metrics should reach.
        alerts: Who is told.
    """

    timezone: Annotated[str, BeforeValidator(_zone)]
    data_dir: ConfiguredPath
    as_of: Annotated[datetime | None, BeforeValidator(_moment)] = None
    sources: Sources
    policy: Policy = Policy()
    targets: Targets = Targets()
    alerts: Alerts = Alerts()

    @property
    def dbt_variables(self) -> dict[str, object]:
        """The dbt vars this file sets, flat; `as_of` comes from the run."""
        targets = {name: target for name, target in self.targets if target is not None}
        return {
            "timezone": self.timezone,
            **self.policy.model_dump(),
            **{f"target_{name}": target.value for name, target in targets.items()},
        }


def known_keys(*models: type[BaseModel]) -> Iterator[str]:
    """Yield every key the file may hold, to find what a misspelt one meant."""
    for model in models or _MODELS:
        yield from model.model_fields


_MODELS = (Settings, Policy, Targets, Target, Alerts, FileSink, VendorSource, CustomSource)
