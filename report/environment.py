"""How every page is rendered: HTML escaped, and one way to write figures and moments."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse import counted, show_figure

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> "Environment":
    """Return the templates and their filters."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": _count,
        "figure": show_figure,
        "counted": counted,
        "moment": _moment,
    }
    return environment


def _count(number: int) -> str:
    return f"{number:,}"


def _moment(moment: datetime | str) -> str:
    time = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{time:%Y-%m-%d %H:%M} UTC"
