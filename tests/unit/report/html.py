"""Read a page as strictly as no browser does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})


@dataclass
class Read:
    """What a page holds.

    Attributes:
        text: All its text.
        tags: Every element's name, in order.
        attributes: Every (element, attribute, value).
        faults: Elements that do not nest.
    """

    text: str = ""
    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.read = Read()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read.tags.append(tag)
        self.read.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read.tags.append(tag)
        self.read.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.read.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.read.text += data


def read(page: str) -> Read:
    """Parse a page; what was left open is a fault."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    parser.read.faults += [f"<{tag}> is not closed" for tag in parser.open]
    return parser.read
