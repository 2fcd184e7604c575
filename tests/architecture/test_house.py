"""The house rules on every file of the repository, and for each rule the proof that it can fail."""

from pathlib import Path

import pytest

from tests.architecture import house
from tests.architecture.tree import ROOT, repository_files

FILES = repository_files(ROOT)
# The simulation writes the truth and the tests check against it; the others must do without.
PIPELINE = (
    "ingestion",
    "hygiene",
    "identity",
    "inference",
    "expectations",
    "warehouse",
    "activation",
)


def texts(*suffixes: str, under: str = "") -> list[tuple[Path, str]]:
    """Read the repository's files with one of the suffixes (all, without any) under a folder."""
    return [
        (path, (ROOT / path).read_text())
        for path in FILES
        if (not suffixes or path.suffix in suffixes) and path.is_relative_to(under)
    ]


def test_everything_has_its_place_in_the_tree() -> None:
    assert not house.strangers(FILES)


def test_no_file_is_longer_than_one_idea() -> None:
    assert not [
        str(path) for path, text in texts(*house.MOST_LINES) if house.is_too_long(path, text)
    ]


def test_no_file_names_a_place_on_a_machine() -> None:
    found = {str(path): lines for path, text in texts() if (lines := house.machine_paths(text))}
    assert not found


def test_every_package_says_what_belongs_in_it() -> None:
    packages = [(path, text) for path, text in texts(".py") if path.name == "__init__.py"]
    assert not [str(path) for path, text in packages if house.lacks_docstring(text)]


def test_lock_names_no_host() -> None:
    assert not house.odd_lock_lines((ROOT / "requirements.lock").read_text())


def test_assets_hold_no_logic() -> None:
    found = {
        str(path): house.long_assets(text) for path, text in texts(".py", under="orchestration")
    }
    assert not {path: names for path, names in found.items() if names}


def test_pipeline_does_not_know_the_truth() -> None:
    sources = [pair for stage in PIPELINE for pair in texts(".py", under=stage)]
    found = {str(path): lines for path, text in sources if (lines := [*house.truth_readers(text)])}
    assert not found


def test_make_explains_every_target() -> None:
    assert not house.unexplained_targets((ROOT / "Makefile").read_text())


def test_tree_leaves_out_what_git_ignores(tmp_path: Path) -> None:
    for name in ("kept.py", "data/big.parquet", "a/x.egg-info/y", "a/.git/z", "a/kept.sql"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text("data/\n*.egg-info/\n")
    assert [str(path) for path in repository_files(tmp_path)] == [
        ".gitignore",
        "a/kept.sql",
        "kept.py",
    ]


@pytest.mark.parametrize(
    "path", ["notes.md", "src/trustlift/x.py", "models/intermediate/x.sql", "models/x.sql"]
)
def test_stranger_is_caught(path: str) -> None:
    assert house.strangers([Path("Makefile"), Path("models/core/x.sql"), Path(path)])


@pytest.mark.parametrize(
    ("name", "most"), [("models/x.sql", 150), ("x.py", 400), ("macros/x.sql", 400)]
)
def test_long_file_is_caught(name: str, most: int) -> None:
    assert not house.is_too_long(Path(name), "x\n" * most)
    assert house.is_too_long(Path(name), "x\n" * (most + 1))


@pytest.mark.parametrize("folder", ["work", "root", "home", "Users"])
def test_machine_path_is_caught(folder: str) -> None:
    assert house.machine_paths(f"a\npath: /{folder}/someone/file") == [2]
    assert not house.machine_paths(f"data/{folder}/file and https://example.com/{folder}/x")


def test_package_without_docstring_is_caught() -> None:
    assert house.lacks_docstring("import os")
    assert not house.lacks_docstring('"""What belongs here."""')


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://registry.example/simple",
        "--extra-index-url https://registry.example/simple",
        "thing @ https://registry.example/thing.whl \\",
        "thing==1.0 ; python_version < '3' # via https://registry.example \\",
        "thing>=1.0 \\",
    ],
)
def test_lock_line_with_a_host_is_caught(line: str) -> None:
    pinned = f"thing==1.0 \\\n    --hash=sha256:{'0' * 64}"
    assert house.odd_lock_lines(f"{pinned}\n{line}") == [line]


def test_long_asset_is_caught() -> None:
    body = "\n".join(f"    step_{n}()" for n in range(11))
    assert house.long_assets(f'@dg.asset(name="a")\ndef a():\n    """Doc."""\n{body}') == ["a"]
    assert house.long_assets(f"@asset_check\ndef b():\n{body}") == ["b"]
    assert not house.long_assets(f"def helper():\n{body}")
    assert not house.long_assets(f'@asset\ndef c():\n    """Doc\n\n    x."""\n{body[:-14]}')


@pytest.mark.parametrize("text", ["truth", "data/truth", "../data/truth/customers.parquet"])
def test_reader_of_the_truth_is_caught(text: str) -> None:
    assert [*house.truth_readers(f'path = root / "{text}"')] == [1]
    assert not [*house.truth_readers('"""The truth about rows."""')]


def test_unexplained_target_is_caught() -> None:
    assert house.unexplained_targets(".PHONY: a b\na: ## Do it\n\tx\nb:\n\ty") == {"b"}
