"""Exit codes of every command, and the errors that carry them."""

from enum import IntEnum


class Exit(IntEnum):
    """What a command tells its caller."""

    PUBLISHED = 0
    FAILED = 1
    USAGE = 2
    BLOCKED = 3


class CommandError(Exception):
    """Stop a command with a message for the user and an exit code.

    Args:
        message: What happened, with the value and the rule.
        remedy: What the user does next.
        code: The exit code.
    """

    def __init__(self, message: str, *, remedy: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(f"{message} {remedy}".rstrip())
        self.message = message
        self.remedy = remedy
        self.code = code
