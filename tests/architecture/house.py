"""The house rules, each a function from text to what breaks it."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

# The tree of docs/architecture.md. What is not named here has no place at the top.
TOP_LEVEL = frozenset(
    {
        *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "Makefile"),
        *(
            "pyproject.toml",
            "requirements.lock",
            "dbt_project.yml",
            "profiles.yml",
            "trustlift.yml",
        ),
        *(
            "simulation",
            "ingestion",
            "seeds",
            "models",
            "macros",
            "hygiene",
            "identity",
            "inference",
            "verdicts",
        ),
        *("expectations", "activation", "report", "orchestration", "warehouse"),
        *("benchmarks", "examples", "tests", "docs"),
        *(".ci", ".editorconfig", ".gitignore", ".pre-commit-config.yaml", ".sqlfluff"),
        ".sqlfluffignore",
    }
)
STAGES = frozenset({"staging", "identity", "hygiene", "core", "marts"})
# Past this a model is two models; the dialect has to be one file, so macros get a module's length.
MOST_LINES = {".sql": 150, ".py": 400}
MOST_MACRO_LINES = 400
MOST_ASSET_LINES = 10

_MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:work|root|Users|home)/")
_LOCK_LINE = re.compile(
    r"\s+--hash=sha256:[0-9a-f]{64}( \\)?|[a-z0-9][\w.-]*(\[[\w,-]+\])?==[\w.!+]+( ; [^:/@]+)? \\"
)
_ASSET_DECORATORS = frozenset(
    {"asset", "multi_asset", "graph_asset", "dbt_assets", "asset_check", "multi_asset_check"}
)


def strangers(paths: Iterable[Path]) -> set[str]:
    """Name what stands at the top, or as a stage of `models`, without a place in the tree."""
    listed = tuple(paths)
    models = [path for path in listed if path.is_relative_to("models") and path.suffix == ".sql"]
    top = {path.parts[0] for path in listed} - TOP_LEVEL
    stages = {path.parts[1] for path in models} - STAGES
    return top | {f"models/{name}" for name in stages}


def is_too_long(path: Path, text: str) -> bool:
    """Say whether a file has more lines than one idea needs."""
    most = MOST_MACRO_LINES if path.parts[0] == "macros" else MOST_LINES[path.suffix]
    return len(text.splitlines()) > most


def machine_paths(text: str) -> list[int]:
    """Number the lines (from 1) that name a place on somebody's machine."""
    return [n for n, line in enumerate(text.splitlines(), 1) if _MACHINE_PATH.search(line)]


def lacks_docstring(source: str) -> bool:
    """Say whether a module does not begin by saying what it is for."""
    return not ast.get_docstring(ast.parse(source))


def odd_lock_lines(text: str) -> list[str]:
    """Return the lines of a lock that are neither a pin nor a hash, as one naming a host."""
    return [line for line in text.splitlines() if not _LOCK_LINE.fullmatch(line)]


def long_assets(source: str) -> list[str]:
    """Name the assets and asset checks whose body, docstring aside, is longer than glue is."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(_decorator(one) in _ASSET_DECORATORS for one in node.decorator_list)
        and _body_lines(node) > MOST_ASSET_LINES
    ]


def truth_readers(source: str) -> Iterator[int]:
    """Yield the lines where code, docstrings aside, names the simulator's folder of truth."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(text)) if re.fullmatch(r"(\S*/)?truth(/\S*)?", text):
                yield node.lineno


def unexplained_targets(makefile: str) -> set[str]:
    """Name the targets that `make` would not list."""
    phony = re.search(r"^\.PHONY:(.*)$", makefile, re.MULTILINE)
    targets = set(phony.group(1).split()) if phony else set()
    return targets - set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))


def _decorator(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 0
