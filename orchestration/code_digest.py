"""Tell whether the code that made a table is still the code that would make it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_PROJECT = "trustlift"


def code_digest(
    manifest: Mapping[str, Any], variables: Mapping[str, object], *, models: tuple[str, ...]
) -> str:
    """Digest all that decides what some models make of the same raw rows.

    Args:
        manifest: dbt's manifest, as dbt wrote it.
        variables: The dbt vars that they may read.
        models: Names of the models.

    Returns:
        A digest that changes with one of the models, with a model or seed that it is built from,
        with any macro, and with any of the variables.
    """
    nodes = manifest["nodes"]
    waiting = [one for one, node in nodes.items() if node["name"] in models]
    read: dict[str, object] = {}
    while waiting:
        one = waiting.pop()
        if one in nodes and one not in read:
            read[one] = nodes[one]["checksum"]
            waiting += nodes[one]["depends_on"].get("nodes", [])
    macros = {
        one: macro["macro_sql"]
        for one, macro in manifest["macros"].items()
        if macro["package_name"] == _PROJECT
    }
    text = json.dumps([read, macros, dict(variables)], sort_keys=True, default=str)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
