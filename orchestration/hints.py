"""Commands that a message tells the user to run, complete as they stand."""

import shlex
from pathlib import Path

from orchestration.config_load import DEFAULT_FILE


def command_line(command: str, config_file: Path) -> str:
    """Complete a command: the reason that `reject` wants, and a configuration not the default."""
    if command.startswith("trustlift reject"):
        command += ' --reason "…"'
    is_default = config_file.resolve() == DEFAULT_FILE.resolve()
    return command if is_default else f"{command} --config {shlex.quote(str(config_file))}"
