"""Where a run reads and writes, and which build an `as_of` belongs to."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestration.as_of import stamp
from orchestration.status import last_published_as_of


@dataclass(frozen=True, kw_only=True)
class Places:
    """Folders and files of one run.

    Attributes:
        data_dir: The data root.
        root: Where this run builds: the data root, or a folder of its own for an older `as_of`.
    """

    data_dir: Path
    root: Path

    @property
    def lake(self) -> Path:
        """The landed rows, shared by every `as_of`."""
        return self.data_dir / "lake"

    @property
    def pulled(self) -> Path:
        """What was read live, a folder a source, in the layout of the source's exports."""
        return self.data_dir / "pulled"

    @property
    def looks_back(self) -> Path:
        """Folder of what was built for an older `as_of`, one folder each."""
        return self.data_dir / "as_of"

    @property
    def lock(self) -> Path:
        """The one writer's lock: there is one lake, so there is one lock."""
        return self.data_dir / "warehouse" / ".lock"

    @property
    def warehouse(self) -> Path:
        """Folder of the build."""
        return self.root / "warehouse"

    @property
    def build(self) -> Path:
        """The build database."""
        return self.warehouse / "build.duckdb"

    @property
    def run_log(self) -> Path:
        """What Dagster and dbt said."""
        return self.warehouse / "run.log"

    @property
    def user_agent_cache(self) -> Path:
        """Verdicts on user agents, which do not depend on `as_of`."""
        return self.data_dir / "warehouse" / "user_agents.parquet"

    @property
    def published(self) -> Path:
        """Folder of the snapshot that analysts read."""
        return self.root / "published"

    @property
    def status(self) -> Path:
        """What the last run came to."""
        return self.published / "status.json"

    @property
    def validation(self) -> Path:
        """The validation history: a record and a page of each run, and their index."""
        return self.root / "validation"

    @property
    def alerts(self) -> Path:
        """Which alerts are open and unsent: about the current build, never about a look back."""
        return self.data_dir / "alerts" / "ledger.sqlite"

    @property
    def activation(self) -> Path:
        """What has left for sending systems, and its memory: it outlives every build."""
        return self.data_dir / "activation"

    @property
    def heartbeat(self) -> Path:
        """When a run last published the current build."""
        return self.data_dir / "alerts" / "heartbeat.json"

    @property
    def is_current(self) -> bool:
        """Whether this is what analysts read, and not a look back."""
        return self.root == self.data_dir

    @property
    def publishes(self) -> Path:
        """When each snapshot was published, and what had landed by then."""
        return self.published / "publishes.jsonl"

    @property
    def identity_state(self) -> Path:
        """What the last publish knew of customers; its predecessors are in `backups` beside it."""
        return self.root / "identity" / "state.npz"

    @property
    def matching(self) -> Path:
        """The model that compares contact records, and what it has scored."""
        return self.root / "identity" / "matching"

    @property
    def identity_candidate(self) -> Path:
        """What this run knows of customers, until it publishes."""
        return self.root / "identity" / "candidate.npz"

    @property
    def verdict_log(self) -> Path:
        """What was said of features when; its predecessors are in `backups` beside it."""
        return self.root / "verdicts" / "history.parquet"

    @property
    def verdict_candidate(self) -> Path:
        """The log with what this run says, until it publishes."""
        return self.root / "verdicts" / "candidate.parquet"


def main_places(data_dir: Path) -> Places:
    """Give the places of the current build."""
    return Places(data_dir=data_dir, root=data_dir)


def choose_places(data_dir: Path, *, as_of: datetime) -> Places:
    """Choose where a run builds, by what is published now."""
    published = last_published_as_of(main_places(data_dir).status)
    return places_for(data_dir, as_of=as_of, last_published=published)


def places_for(data_dir: Path, *, as_of: datetime, last_published: datetime | None) -> Places:
    """Choose where a run builds.

    A look back must not replace what analysts read now, nor turn customer ids back.

    Args:
        data_dir: The data root.
        as_of: The moment the run looks from.
        last_published: The moment the published snapshot looks from, if there is one.
    """
    if last_published is None or as_of >= last_published:
        return main_places(data_dir)
    return Places(data_dir=data_dir, root=main_places(data_dir).looks_back / stamp(as_of))
