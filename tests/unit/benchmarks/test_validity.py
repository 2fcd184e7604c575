"""The table of validity has every line, and says of each whether it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.validity import __main__ as validity
from benchmarks.validity.checks import Check, markdown


def test_a_few_draws_give_every_line_once() -> None:
    checks = validity.run(20, 1)
    names = [check.name for check in checks]
    assert len(names) == len(set(names))
    assert sum(check.is_control for check in checks) == 10
    assert all(0 <= check.found <= 100 for check in checks if "points" not in check.name)
    for wanted in ("A/A error", "p is uniform", "coverage,", "power,", "SRM", "hazard ratio"):
        assert any(wanted in name for name in names), wanted
    assert markdown(checks).count("\n") == len(checks) + 1


def test_the_same_seed_gives_the_same_table() -> None:
    assert validity.run(10, 3) == validity.run(10, 3)


@pytest.mark.parametrize(
    ("found", "holds"),
    [(3.6, False), (3.7, True), (6.4, True), (6.5, False), (float("nan"), False)],
)
def test_a_line_holds_within_its_band_only(found: float, *, holds: bool) -> None:
    check = Check("error", "0", 10, found, (3.7, 6.4))
    assert check.holds is holds
    assert ("does not hold" in markdown([check])) is not holds


def test_one_line_outside_of_its_band_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    good = Check("error", "0", 10, 5.0, (3.7, 6.4))
    for lines, code in (([good], 0), ([good, good._replace(found=9.0)], 1)):
        monkeypatch.setattr(validity, "run", lambda *_, lines=lines: lines)
        assert validity.main([]) == code


def test_the_table_takes_its_place_in_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "experiments.md"
    page.write_text(f"before\n{validity.BEGIN}\nold\n{validity.END}\nafter\n")
    check = Check("error", "0", 10, 5.0, (None, 6.4))
    monkeypatch.setattr(validity, "run", lambda *_: [check])
    validity.main(["--write", str(page)])
    table = markdown([check])
    assert page.read_text() == f"before\n{validity.BEGIN}\n{table}\n{validity.END}\nafter\n"
    with pytest.raises(ValueError, match="0 places"):
        validity.replaced("no marks", table)
