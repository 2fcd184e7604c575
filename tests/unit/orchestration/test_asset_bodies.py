import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ASSETS = Path(__file__).parents[3] / "orchestration" / "assets"
LONGEST = 10
DECORATORS = {"asset", "multi_asset", "asset_check"}


def asset_bodies(file: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef) and any(map(is_asset, node.decorator_list)):
            yield node


def is_asset(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in DECORATORS


def length(body: ast.FunctionDef) -> int:
    last = body.body[-1].end_lineno
    assert last is not None
    return last - body.body[0].lineno + 1


@pytest.mark.parametrize("file", sorted(ASSETS.glob("*.py")), ids=lambda file: file.name)
def test_the_body_of_an_asset_only_calls_what_is_tested_elsewhere(file: Path) -> None:
    too_long = {body.name: length(body) for body in asset_bodies(file) if length(body) > LONGEST}
    assert not too_long


def test_assets_are_found_at_all() -> None:
    assert sum(1 for file in ASSETS.glob("*.py") for _ in asset_bodies(file)) >= 8
