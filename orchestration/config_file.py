"""Read a YAML file strictly: a key written twice is a fault, not a silent last one wins."""

from pathlib import Path
from typing import Any

import yaml

from orchestration.config_errors import ConfigError


class _StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses repeated keys."""


def _construct_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key_node, _ in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(
                None, None, "a key must be a word", key_node.start_mark
            )
        if key_node.value in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key_node.value!r} is written twice", key_node.start_mark
            )
        seen.add(key_node.value)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a configuration file's mapping.

    Raises:
        ConfigError: The file is missing, is no YAML, repeats a key, or is no mapping.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506
    except OSError as error:
        raise ConfigError(
            [f"{path}: cannot be read ({error.strerror}). Name a file with --config."]
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path.name}: {_where(error)}. Correct the YAML."]) from error
    if not isinstance(content, dict):
        line = f"{path.name}: must be a block of `key: value` lines. Start with `timezone:`."
        raise ConfigError([line])
    return content


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "is no UTF-8 YAML"
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else str(problem)
