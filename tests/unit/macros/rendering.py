"""Render a model as dbt would for DuckDB, so that a test can run it on rows of its own."""

import re
from pathlib import Path
from typing import Any

import jinja2
import yaml

PROJECT = Path(__file__).parents[3]


class _Adapter:
    """Give each dispatched macro its DuckDB form."""

    def __init__(self) -> None:
        self.macros: dict[str, Any] = {}

    def dispatch(self, name: str) -> Any:
        def call(*args: object) -> Any:
            return self.macros[f"default__{name}"](*args)

        return call


def render_model(path: str, **variables: object) -> str:
    """Return a model's SQL; `ref('x')` is table x, and `source('a', 'x')` is table x too.

    Args:
        path: Of the model, under `models`.
        variables: dbt vars that differ from those of `dbt_project.yml`.
    """
    defaults = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    known = {**defaults, **variables}
    adapter = _Adapter()
    environment = jinja2.Environment(autoescape=False)  # noqa: S701 - SQL, not HTML
    environment.globals.update(
        {
            # dbt's `return` hands back a value where a plain template would print it.
            "return": lambda value: value,
            "var": known.__getitem__,
            "ref": lambda name: name,
            "source": lambda _schema, name: name,
            "config": lambda **_settings: "",
            "adapter": adapter,
        }
    )
    files = sorted((PROJECT / "macros").glob("*.sql"))
    texts = "\n".join(file.read_text(encoding="utf-8") for file in files)
    adapter.macros = vars(environment.from_string(texts).module)
    environment.globals.update(
        {name: value for name, value in adapter.macros.items() if not name.startswith("_")}
    )
    model = (PROJECT / "models" / path).read_text(encoding="utf-8")
    return re.sub(r"\n\s*\n", "\n", environment.from_string(model).render())
