"""Which stage a run is in, as its log says while it grows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

BEFORE_THE_FIRST = "start"
_STARTED = re.compile(r" INFO trustlift\.progress (.+) started$")


@dataclass
class StageWatch:
    """Follows the log of one run.

    Attributes:
        log: The log, which is not there before the run.
        begun_at: When each stage was seen to begin, in seconds since the run began.
    """

    log: Path
    begun_at: dict[str, float] = field(default_factory=lambda: {BEFORE_THE_FIRST: 0.0})
    _lines: TextIO | None = None

    def look(self, seconds: float) -> None:
        """Note what has begun since the last look.

        Args:
            seconds: Since the run began.
        """
        if self._lines is None:
            if not self.log.exists():
                return
            self._lines = self.log.open(encoding="utf-8")
        for line in self._lines:
            if found := _STARTED.search(line):
                self.begun_at[found[1]] = seconds

    def close(self) -> None:
        """Let go of the log."""
        if self._lines is not None:
            self._lines.close()

    def durations(self, ended_at: float) -> Mapping[str, float]:
        """Return how long each stage took, with what lay between it and the next.

        Args:
            ended_at: Seconds from the run's beginning to its end.
        """
        ends = [*list(self.begun_at.values())[1:], ended_at]
        return {
            stage: end - begun
            for (stage, begun), end in zip(self.begun_at.items(), ends, strict=True)
        }
