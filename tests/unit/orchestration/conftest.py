from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

MINIMAL: dict[str, Any] = {"timezone": "UTC", "data_dir": "data", "sources": {}}


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[..., Path]:
    def write(**changes: Any) -> Path:
        file = tmp_path / "trustlift.yml"
        file.write_text(yaml.safe_dump({**MINIMAL, **changes}))
        return file

    return write
