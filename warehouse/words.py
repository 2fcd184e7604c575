"""Write figures and counts for people, the same in verdicts, pages, alerts and on the screen."""

from decimal import Decimal
from math import isfinite

_WHOLE = 1000


def show_figure(figure: float | None) -> str:
    """Write a figure with four significant digits, whole from a thousand on, without an exponent.

    Args:
        figure: A rate, an age, a count; None for none.
    """
    if figure is None:
        return "none"
    if not isfinite(figure):
        return str(figure)
    return f"{figure:,.0f}" if abs(figure) >= _WHOLE else f"{Decimal(f'{figure:.4g}'):,f}"


def counted(number: int, noun: str) -> str:
    """Write how many there are, such as `1 row` and `2,000 rows`.

    Args:
        number: How many.
        noun: Of what, in the singular; its plural ends in s.
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
