"""The register of batches that a person set aside."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from ingestion.lake import MANIFEST, write_atomically


class Rejection(BaseModel):
    """One batch set aside.

    Attributes:
        batch_id: `<source>/<table>/<received_date>`.
        reason: Why, in the person's words.
        rejected_at: When (UTC).
        rows: Rows set aside, those among them that were in quarantine already.
        last_file_no: The newest file landed by then: what comes later is judged anew.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    batch_id: str
    reason: str
    rejected_at: AwareDatetime
    rows: int
    last_file_no: int

    @property
    def table(self) -> tuple[str, str]:
        """Its source and table."""
        source, table, _ = self.batch_id.split("/")
        return source, table

    @property
    def received_date(self) -> str:
        """Its date, as written."""
        return self.batch_id.rsplit("/", 1)[1]


_REGISTER = TypeAdapter(tuple[Rejection, ...])


def read_rejections(lake: Path) -> tuple[Rejection, ...]:
    """Return every batch that is set aside, by batch id."""
    path = _path(lake)
    return _REGISTER.validate_json(path.read_bytes()) if path.exists() else ()


def write_rejections(lake: Path, rejections: Iterable[Rejection]) -> None:
    """Replace the register."""
    ordered = tuple(sorted(rejections, key=lambda rejection: rejection.batch_id))
    write_atomically(_path(lake), _REGISTER.dump_json(ordered))


def _path(lake: Path) -> Path:
    return lake / MANIFEST / "rejections.json"
