"""Ask one library about one user agent."""

from __future__ import annotations

import functools
import re

from crawleruseragents import CRAWLER_USER_AGENTS_DATA, is_crawler
from device_detector import DeviceDetector


def crawler_name(agent: str) -> str | None:
    """Return the words by which crawler-user-agents knows the agent; None if it doesn't.

    Args:
        agent: a user agent that is not empty.
    """
    if not is_crawler(agent):
        return None
    matches = (pattern.search(agent) for pattern in _crawler_patterns())
    return next((match.group(0) for match in matches if match), "crawler")


def device_detector_name(agent: str) -> str | None:
    """Return device-detector's name of the bot; None if it takes the agent for none.

    Args:
        agent: a user agent that is not empty.
    """
    detector = DeviceDetector(agent, check_cache=False)
    # Bots only: operating system, client and device cost a thousand times more and decide nothing.
    detector.parse_bot()
    if not detector.is_bot():
        return None
    return str(detector.all_details["bot"].get("name") or "bot")


@functools.cache
def _crawler_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(entry["pattern"]) for entry in CRAWLER_USER_AGENTS_DATA)
