import os
from pathlib import Path

import pytest

from ingestion import discovery
from ingestion.discovery import digest_files, matching
from ingestion.stat_cache import StatCache, signature
from tests.unit.ingestion.worlds import World, event


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were read to be hashed."""
    names: list[str] = []
    original = discovery._digest

    def counted(root: Path, name: str, cache: StatCache) -> discovery.FoundFile:
        names.append(name)
        return original(root, name, cache)

    monkeypatch.setattr(discovery, "_digest", counted)
    return names


class Clockless(StatCache):
    """Take every file for an old one: a test cannot set when an inode changed."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._trusted_before = 2**63


def digests(folder: Path, cache: StatCache) -> list[str]:
    found = list(digest_files(folder / "in", ["a", "b"], cache))
    cache.save()
    return [file.sha256 for file in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a").write_bytes(b"one")
    (tmp_path / "in/b").write_bytes(b"two")
    return tmp_path


def test_files_that_did_not_change_are_not_read_again(folder: Path, hashed: list[str]) -> None:
    before = digests(folder, Clockless(folder / "cache"))
    assert hashed == ["a", "b"]
    assert digests(folder, Clockless(folder / "cache")) == before
    assert hashed == ["a", "b"]


def test_new_content_of_the_same_size_and_time_is_seen(folder: Path, hashed: list[str]) -> None:
    path = folder / "in/a"
    before = digests(folder, Clockless(folder / "cache"))
    status = path.stat()
    path.unlink()
    path.write_bytes(b"six")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    after = digests(folder, Clockless(folder / "cache"))
    assert after[0] != before[0]
    assert after[1] == before[1]
    assert hashed == ["a", "b", "a"]


def test_a_file_changed_just_before_the_cache_was_written_is_not_trusted(
    folder: Path, hashed: list[str]
) -> None:
    for _ in range(2):
        digests(folder, StatCache(folder / "cache"))
    assert hashed == ["a", "b", "a", "b"]
    # Long after, the cache is believed: its own time is what counts.
    later = signature((folder / "in/a").stat())[1] + 10**10
    os.utime(folder / "cache", ns=(later, later))
    digests(folder, StatCache(folder / "cache"))
    assert hashed == ["a", "b", "a", "b"]


def test_a_damaged_cache_is_an_empty_one(folder: Path, hashed: list[str]) -> None:
    (folder / "cache").write_bytes(b"{")
    assert digests(folder, Clockless(folder / "cache"))
    assert hashed == ["a", "b"]


def test_a_lake_without_its_cache_is_the_same(world: World) -> None:
    world.write_events([event(1)])
    world.land()
    before = world.content()
    for path in (world.lake / "_cache").iterdir():
        path.unlink()
    assert world.land().rows_landed == 0
    assert world.content() == before


@pytest.mark.parametrize(
    ("glob", "matches", "others"),
    [
        ("a*.csv", ["a.csv", "a1.csv"], ["a/b.csv", "a.csv.gz", "A.csv"]),
        ("**/x?.gz", ["x1.gz", "a/b/x2.gz"], ["x.gz", "x12.gz", "x/.gz"]),
        ("[0-9][!a-c]", ["1d", "9-"], ["1a", "xd", "1/"]),
        ("p.q#[^]+(1)", ["p.q#^+(1)"], ["pxq#^+(1)", "p.q#a+(1)"]),
    ],
)
def test_a_glob_stays_inside_a_folder(glob: str, matches: list[str], others: list[str]) -> None:
    assert matching([*matches, *others], [glob]) == matches
