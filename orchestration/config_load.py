"""Load `trustlift.yml` and name everything that is wrong with it at once."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orchestration.config import Settings, known_keys
from orchestration.config_errors import ConfigError, closest, describe_errors
from orchestration.config_file import read_yaml
from orchestration.source_config import CUSTOM

DEFAULT_FILE = Path("trustlift.yml")


def load_settings(path: Path, *, environ: Mapping[str, str] | None = None) -> Settings:
    """Load and check the configuration.

    Args:
        path: The file.
        environ: The environment, by default the process's.

    Raises:
        ConfigError: It is missing, malformed or breaks a rule; one line a fault.
    """
    content = read_yaml(path)
    context = {
        "base": path.resolve().parent,
        "environ": os.environ if environ is None else environ,
        "cwd": Path.cwd(),
    }
    broken = [*_source_faults(content, file=path), *_custom_faults(content, file=path)]
    try:
        settings = Settings.model_validate(content, context=context)
    except ValidationError as error:
        lines = describe_errors(error.errors(), file=path, known_keys=known_keys())
        raise ConfigError([*lines, *broken]) from error
    if broken:
        raise ConfigError(broken)
    return settings


def _blocks(content: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Give the sources as they are written, whatever else is wrong with the file."""
    sources = content.get("sources")
    found = sources.items() if isinstance(sources, dict) else ()
    return {str(name): block for name, block in found if isinstance(block, dict)}


def _source_faults(content: Mapping[str, Any], *, file: Path) -> Iterator[str]:
    from ingestion.contracts import load_contracts

    known = sorted(load_contracts())
    for name, block in _blocks(content).items():
        if name not in known:
            vendors = [one for one in known if one != CUSTOM]
            remedy = closest(name, vendors) or f"Use one of {', '.join([*vendors, CUSTOM])}"
            given = f" = {block['path']}" if "path" in block else ""
            yield f"{file.name}: sources.{name}{given}: has no contract. {remedy}."


def _custom_faults(content: Mapping[str, Any], *, file: Path) -> Iterator[str]:
    from ingestion.contracts import ContractError, load_contracts
    from ingestion.custom import parse_inputs

    inputs = _blocks(content).get(CUSTOM, {}).get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        # The shape of the block is what is wrong, and is named with that of the others.
        return
    try:
        parse_inputs(
            inputs, load_contracts()[CUSTOM], file=file.name, key=f"sources.{CUSTOM}.inputs"
        )
    except ContractError as error:
        yield from (str(violation) for violation in error.violations)
