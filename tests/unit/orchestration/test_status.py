from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestration.status import last_published_as_of, read_status, record_outcome
from tests.unit.orchestration.samples import BLOCKED

AS_OF = datetime(2026, 6, 28, tzinfo=UTC)
NOW = datetime(2026, 6, 28, 5, tzinfo=UTC)


def test_before_the_first_run_there_is_no_status(tmp_path: Path) -> None:
    assert read_status(tmp_path / "status.json") is None
    assert last_published_as_of(tmp_path / "status.json") is None


def test_a_blocked_run_says_what_blocks_and_keeps_what_was_published(tmp_path: Path) -> None:
    file = tmp_path / "published" / "status.json"
    record_outcome(file, "published", as_of=AS_OF, run_id="1", now=NOW)
    tomorrow = AS_OF + timedelta(days=1)
    record_outcome(file, "blocked", as_of=tomorrow, run_id="2", now=NOW, blocked=[BLOCKED])
    status = read_status(file)
    assert status is not None
    assert (status.state, status.as_of) == ("blocked", tomorrow.isoformat())
    assert status.blocked == (BLOCKED,)
    assert last_published_as_of(file) == AS_OF
    assert status.last_published_at == NOW.isoformat()


def test_publishing_ends_the_block(tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    record_outcome(file, "blocked", as_of=AS_OF, run_id="1", now=NOW, blocked=[BLOCKED])
    record_outcome(file, "published", as_of=AS_OF, run_id="2", now=NOW)
    status = read_status(file)
    assert status is not None
    assert status.blocked == ()
    assert status.last_published_as_of == AS_OF.isoformat()
    assert [path.name for path in tmp_path.iterdir()] == ["status.json"]
