"""The order of the suite: what takes longest begins first, so that no core waits at the end."""

from pathlib import Path

import pytest

_INTEGRATION = Path(__file__).parent / "integration"
# Those that build a company which others read come apart: who reads it then finds it there.
_FIRST = [
    _INTEGRATION / name
    for name in (
        "kpis/test_interface.py",
        "test_repeatability.py",
        "test_faulty_batches.py",
        "test_erasure.py",
        "test_truth.py",
        "test_public_data.py",
        "live/test_whole_path.py",
        "test_dbt_unit_tests.py",
    )
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, then the other integration tests, then the rest."""
    rank = {path: place for place, path in enumerate(_FIRST)}

    def place(item: pytest.Item) -> int:
        if item.path in rank:
            return rank[item.path]
        return len(rank) + (_INTEGRATION not in item.path.parents)

    items.sort(key=place)
