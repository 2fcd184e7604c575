"""Tell the configured sinks what needs a person."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path


def send_alert(
    kind: str, details: Mapping[str, object], *, files: Iterable[Path], now: datetime
) -> None:
    """Append one JSON line to every file sink.

    Args:
        kind: What happened, e.g. `publishing_blocked`.
        details: Figures, thresholds, owners and remedies; no personal data.
        files: The sinks.
        now: When it happened (UTC).
    """
    line = json.dumps({"at": now.isoformat(timespec="seconds"), "kind": kind, **details})
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as sink:
            sink.write(line + "\n")
