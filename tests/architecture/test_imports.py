"""Which Python package may import which, read from the syntax: nothing is run."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, repository_files

STAGES = frozenset(
    {
        *("activation", "expectations", "hygiene", "identity", "inference", "ingestion"),
        *("report", "verdicts"),
    }
)
PERMITTED: dict[str, frozenset[str]] = {
    "warehouse": frozenset(),
    "simulation": frozenset({"ingestion.contracts"}),
    "orchestration": STAGES | {"simulation", "warehouse"},
    **dict.fromkeys(STAGES, frozenset({"warehouse"})),
}
OUTSIDE = frozenset({"tests", "benchmarks"})
MODULES = [
    path for path in repository_files(ROOT) if path.suffix == ".py" and path.parts[0] not in OUTSIDE
]


def imported_names(source: str, module: str, *, is_package: bool) -> Iterator[str]:
    """Yield the full dotted name of everything a module imports, also by `import_module`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=origin, names=names, level=level):
                start = _anchor(module, level=level, is_package=is_package)
                prefix = ".".join(part for part in (start, origin) if part)
                yield from (f"{prefix}.{alias.name}" for alias in names)
            case ast.Call(
                func=ast.Attribute(attr="import_module")
                | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def breaches(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """Name each import of a module that its package may not make."""
    package = module.split(".", maxsplit=1)[0]
    permitted = PERMITTED[package] | {package}
    others = ", ".join(sorted(permitted - {package})) or "no other package"
    return [
        f"{module} imports {name}; {package} may import {others}"
        for name in imported_names(source, module, is_package=is_package)
        if name.split(".")[0] in PERMITTED and not any(_is_within(name, one) for one in permitted)
    ]


def _anchor(module: str, *, level: int, is_package: bool) -> str:
    if level == 0:
        return ""
    parts = module.split(".")
    return ".".join(parts[: len(parts) - level + is_package])


def _is_within(name: str, permitted: str) -> bool:
    return name == permitted or name.startswith(f"{permitted}.")


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_module_imports_only_what_its_package_may(path: Path) -> None:
    source = (ROOT / path).read_text()
    found = breaches(source, _module_name(path), is_package=path.name == "__init__.py")
    assert not found, "\n".join(found)


def test_every_package_has_its_line_in_the_permitted_edges() -> None:
    packages = {path.parts[0] for path in MODULES if path.name == "__init__.py"}
    assert packages <= set(PERMITTED), (
        f"add what these may import: {sorted(packages - set(PERMITTED))}"
    )


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("identity.resolver", "import orchestration.cli"),
        ("identity.resolver", "from hygiene import user_agents"),
        ("identity.resolver", "def late():\n    from hygiene.user_agents import run"),
        ("identity.resolver", "import importlib\nimportlib.import_module('hygiene.user_agents')"),
        ("simulation.world", "from ingestion import landing"),
        ("simulation.world", "import ingestion"),
        ("warehouse.door", "from ingestion.contracts import load_contracts"),
        ("verdicts.levels", "from inference.clustered_ratios import infer_clustered_ratios"),
    ],
)
def test_forbidden_import_is_caught(module: str, source: str) -> None:
    assert breaches(source, module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "identity.resolver",
            "from warehouse import read_frame\nfrom . import tiers\nfrom .tiers import STRONG",
        ),
        (
            "simulation.world",
            "from ingestion import contracts\nfrom ingestion.contracts import load_contracts",
        ),
        ("orchestration.cli", "import hygiene.user_agents, simulation"),
        ("hygiene.user_agents", "import device_detector"),
    ],
)
def test_permitted_import_passes(module: str, source: str) -> None:
    assert not breaches(source, module)


def test_relative_import_is_resolved_from_its_package() -> None:
    assert list(imported_names("from . import b", "a.c", is_package=False)) == ["a.b"]
    assert list(imported_names("from .b import x", "a", is_package=True)) == ["a.b.x"]
    assert list(imported_names("from ..b import x", "a.c.d", is_package=False)) == ["a.b.x"]
