"""Render a model as dbt would for DuckDB, so that a test can run it on rows of its own."""

import re
from pathlib import Path
from typing import Any

import jinja2
import yaml

PROJECT = Path(__file__).parents[3]
_MACRO = re.compile(r"{%-?\s*macro\s+(\w+).*?{%-?\s*endmacro\s*-?%}", re.DOTALL)


class _Returned(Exception):  # noqa: N818 - a way out, not a fault
    def __init__(self, value: object) -> None:
        self.value = value


class _Adapter:
    """Give each dispatched macro its DuckDB form."""

    def __init__(self, environment: jinja2.Environment) -> None:
        self.environment = environment

    def dispatch(self, name: str) -> Any:
        return self.environment.globals[f"default__{name}"]


def render_model(path: str, **variables: object) -> str:
    """Return a model's SQL; `ref('x')` is table x, and `source('a', 'x')` is table x too.

    Args:
        path: Of the model, under `models`.
        variables: dbt vars that differ from those of `dbt_project.yml`.
    """
    text = (PROJECT / "models" / path).read_text(encoding="utf-8")
    return re.sub(r"\n\s*\n", "\n", render(text, **variables))


def render(text: str, **variables: object) -> str:
    """Return the SQL of a model's text, as `render_model` does."""
    defaults = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    environment = jinja2.Environment(autoescape=False)  # noqa: S701 - SQL, not HTML
    environment.add_extension("jinja2.ext.do")
    environment.globals.update(
        {
            "return": _return,
            "var": {**defaults, **variables}.__getitem__,
            "ref": lambda name: name,
            "source": lambda _schema, name: name,
            "config": lambda **_settings: "",
            "adapter": _Adapter(environment),
        }
    )
    for file in sorted((PROJECT / "macros").glob("*.sql")):
        # Each by itself, so that one that hands back a value does so to whoever called it.
        for macro in _MACRO.finditer(file.read_text(encoding="utf-8")):
            template = environment.from_string(macro[0])
            environment.globals[macro[1]] = _callable(template, macro[1])
    return environment.from_string(text).render()


def _return(value: object) -> object:
    if isinstance(value, str):
        return value
    raise _Returned(value)


def _callable(template: jinja2.Template, name: str) -> Any:
    def call(*args: object, **named: object) -> Any:
        # Made when it is called: a module sees the macros that were there when it was made.
        module = template.make_module()
        try:
            return getattr(module, name)(*args, **named)
        except _Returned as returned:
            return returned.value

    return call
