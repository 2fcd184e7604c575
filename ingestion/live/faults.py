"""What a pull says when it could not read; no message holds a secret or a row's content."""


class PullError(Exception):
    """A source could not be read.

    Args:
        message: What was found: the value and the rule.
        remedy: What to do.
    """

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")


class TableError(PullError):
    """One table of a source could not be read; its other tables can."""
