import pytest

from warehouse import counted, show_figure


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        (None, "none"),
        (0.0, "0"),
        (0.15, "0.15"),
        (0.123456, "0.1235"),
        (0.00001, "0.00001"),
        (12.0, "12"),
        (999.96, "1,000"),
        (1234.4, "1,234"),
        (100_000.0, "100,000"),
        (-1_234_567.0, "-1,234,567"),
        (float("inf"), "inf"),
    ],
)
def test_a_figure_is_written_without_an_exponent(figure: float | None, shown: str) -> None:
    assert show_figure(figure) == shown


def test_one_of_a_thing_is_no_plural() -> None:
    assert [counted(n, "row") for n in (0, 1, 2_000)] == ["0 rows", "1 row", "2,000 rows"]
