from report.sparkline import HEIGHT, Point, draw, thinned


def point(value: float | None, *, margin: float | None = 1.0, has_failed: bool = False) -> Point:
    return Point(value=value, margin=margin, has_failed=has_failed)


def test_a_higher_figure_is_drawn_higher_and_the_limit_among_them() -> None:
    line = draw([point(0.0), point(0.2)], limits=[0.1])
    [low, high] = [float(pair.split(",")[1]) for pair in line.lines[0].split()]
    assert 0 <= high < line.limits[0] < low <= HEIGHT


def test_the_line_is_interrupted_where_there_is_no_figure() -> None:
    line = draw([point(1.0), point(None, margin=None, has_failed=True), point(1.0)], limits=[])
    assert len(line.lines) == 2
    assert len(line.faults) == 1


def test_one_bad_day_is_seen_among_many_good_ones() -> None:
    days = [point(0.02) for _ in range(500)]
    days[123] = point(0.3, margin=-0.15, has_failed=True)
    assert len(thinned(days)) <= 60
    assert len(draw(days, limits=[0.15]).faults) == 1


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw([], limits=[]).lines == ()
