"""What was kept from an earlier run is kept only while the same code would make it again."""

import copy
from typing import Any

import pytest

from orchestration.code_digest import code_digest

MANIFEST: dict[str, Any] = {
    "nodes": {
        "model.keys": {
            "name": "keys",
            "checksum": {"checksum": "1"},
            "depends_on": {"nodes": ["model.stg", "source.raw"]},
        },
        "model.stg": {
            "name": "stg",
            "checksum": {"checksum": "2"},
            "depends_on": {"nodes": ["seed.names"]},
        },
        "seed.names": {"name": "names", "checksum": {"checksum": "3"}, "depends_on": {}},
        "model.other": {
            "name": "other",
            "checksum": {"checksum": "4"},
            "depends_on": {"nodes": ["model.keys"]},
        },
    },
    "macros": {
        "macro.trustlift.digest": {"package_name": "trustlift", "macro_sql": "md5(x)"},
        "macro.dbt.run": {"package_name": "dbt", "macro_sql": "run"},
    },
}


def digest_of(manifest: dict[str, Any], **variables: object) -> str:
    return code_digest(manifest, variables, models=("keys",))


@pytest.mark.parametrize("node", ["model.keys", "model.stg", "seed.names"])
def test_changes_with_what_the_model_is_built_from(node: str) -> None:
    changed = copy.deepcopy(MANIFEST)
    changed["nodes"][node]["checksum"]["checksum"] = "new"
    assert digest_of(changed) != digest_of(MANIFEST)


def test_changes_with_a_macro_and_with_a_variable() -> None:
    changed = copy.deepcopy(MANIFEST)
    changed["macros"]["macro.trustlift.digest"]["macro_sql"] = "sha256(x)"
    assert digest_of(changed) != digest_of(MANIFEST)
    assert digest_of(MANIFEST, timezone="UTC") != digest_of(MANIFEST, timezone="CET")


@pytest.mark.parametrize(("kind", "name"), [("nodes", "model.other"), ("macros", "macro.dbt.run")])
def test_does_not_change_with_anything_else(kind: str, name: str) -> None:
    changed = copy.deepcopy(MANIFEST)
    del changed[kind][name]
    assert digest_of(changed) == digest_of(MANIFEST)
