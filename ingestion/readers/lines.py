"""Lines that a regular expression takes apart, and the expression for web access logs."""

import re

COMBINED_LOG = (
    r"^(?P<ip>\S+) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] "
    r'"(?:(?P<method>[A-Z]+) (?P<path>\S+) (?P<protocol>[A-Z]+/[0-9.]+)|(?:[^"\\]|\\.)*)" '
    r"(?P<status>[0-9]{3}) (?P<bytes>[0-9]+|-) "
    r'"(?P<referrer>(?:[^"\\]|\\.)*)" "(?P<user_agent>(?:[^"\\]|\\.)*)"$'
)
"""The combined format of Apache and nginx.

`-` in it stands for nothing; what is no HTTP request leaves method, path and protocol empty.
"""


def group_names(pattern: str) -> list[str]:
    """Return the names of a pattern's groups in their order, placeholders for those without.

    Raises:
        re.error: The pattern is no regular expression.
    """
    compiled = re.compile(pattern)
    names = {place: name for name, place in compiled.groupindex.items()}
    return [names.get(place, f"_group{place}") for place in range(1, compiled.groups + 1)]
