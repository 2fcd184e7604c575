"""A small line of a figure over its dates, against its limits, as SVG that needs no script."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 180, 36
_MARGIN = 4
_MOST_POINTS = 60


@dataclass(frozen=True, kw_only=True)
class Point:
    """One figure.

    Attributes:
        value: The figure; None where none could be taken.
        margin: How far it is inside its limit, below 0 outside; None without a figure.
        has_failed: Whether it broke its limit or could not be evaluated.
    """

    value: float | None
    margin: float | None
    has_failed: bool


@dataclass(frozen=True, kw_only=True)
class Sparkline:
    """What the template draws; coordinates are in pixels from the upper left.

    Attributes:
        lines: The line's pieces, `x,y x,y …`; it is interrupted where there is no figure.
        limits: Heights of the limits.
        faults: Where figures that failed lie.
    """

    lines: tuple[str, ...]
    limits: tuple[float, ...]
    faults: tuple[tuple[float, float], ...]


def draw(points: Sequence[Point], *, limits: Sequence[float]) -> Sparkline:
    """Lay out a line.

    Args:
        points: By date. Where there are too many to tell apart, the worst of neighbours stands for
            them.
        limits: To draw beside it.
    """
    shown = thinned(points)
    known = [point.value for point in shown if point.value is not None]
    values = [*known, *limits] or [0.0]
    low, high = min(0.0, *values), max(values)
    height, step = HEIGHT - 2 * _MARGIN, (WIDTH - 2 * _MARGIN) / max(1, len(shown) - 1)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.0
        return round(HEIGHT - _MARGIN - share * height, 1)

    placed = [
        (round(_MARGIN + place * step, 1), y(low if point.value is None else point.value), point)
        for place, point in enumerate(shown)
    ]
    pieces: list[list[str]] = [[]]
    for across, down, point in placed:
        if point.value is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{across},{down}")
    return Sparkline(
        lines=tuple(" ".join(piece) for piece in pieces if piece),
        limits=tuple(y(limit) for limit in limits),
        faults=tuple((across, down) for across, down, point in placed if point.has_failed),
    )


def thinned(points: Sequence[Point]) -> list[Point]:
    """Let the worst of neighbours stand for them where there are too many to draw."""
    size = -(-len(points) // _MOST_POINTS) if points else 1
    return [_worst(points[start : start + size]) for start in range(0, len(points), size)]


def _worst(points: Sequence[Point]) -> Point:
    return min(
        points,
        key=lambda point: (
            not point.has_failed,
            float("inf") if point.margin is None else point.margin,
        ),
    )
