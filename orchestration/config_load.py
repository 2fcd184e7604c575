"""Load `trustlift.yml` and name everything that is wrong with it at once."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

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
    try:
        settings = Settings.model_validate(content, context=context)
    except ValidationError as error:
        lines = describe_errors(error.errors(), file=path, known_keys=known_keys())
        raise ConfigError(lines) from error
    broken = [*_source_faults(settings, file=path), *_custom_faults(settings, file=path)]
    if broken:
        raise ConfigError(broken)
    return settings


def _source_faults(settings: Settings, *, file: Path) -> Iterator[str]:
    from ingestion.contracts import load_contracts

    vendors = sorted(set(load_contracts()) - {CUSTOM})
    for name, source in settings.sources.vendors.items():
        if name not in vendors:
            remedy = closest(name, vendors) or f"Use one of {', '.join([*vendors, CUSTOM])}"
            yield f"{file.name}: sources.{name} = {source.path}: has no contract. {remedy}."


def _custom_faults(settings: Settings, *, file: Path) -> Iterator[str]:
    from ingestion.contracts import ContractError, load_contracts
    from ingestion.custom import parse_inputs

    custom = settings.sources.custom
    if custom is None:
        return
    contract = load_contracts()[CUSTOM]
    try:
        parse_inputs(custom.inputs, contract, file=file.name, key=f"sources.{CUSTOM}.inputs")
    except ContractError as error:
        yield from (str(violation) for violation in error.violations)
