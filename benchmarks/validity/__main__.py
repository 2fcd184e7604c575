"""How often the statistics are right where the truth is known: `python -m benchmarks.validity`.

Prints a table; the exit code is 1 if a line lies outside its band, a control's being one of
failure. With --write the table also takes its place in a document, between two lines that mark it.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.validity.answers import check_permissions, check_spikes, check_surveys
from benchmarks.validity.channels import check_channels
from benchmarks.validity.checks import Check, markdown
from benchmarks.validity.leaks import check_leaks
from benchmarks.validity.lifts import check_lifts, check_money
from benchmarks.validity.looks import (
    check_balance,
    check_looks,
    check_novelty,
    check_splits,
    check_weeks,
)
from benchmarks.validity.waits import check_opt_outs, check_waits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DRAWS, SEED = 4_000, 20_260_105
BEGIN, END = "<!-- validity: written by make validity -->", "<!-- end of validity -->"
SUBJECTS: tuple[Callable[[np.random.Generator, int], Iterator[Check]], ...] = (
    check_lifts,
    check_money,
    check_looks,
    check_splits,
    check_balance,
    check_novelty,
    check_waits,
    check_opt_outs,
    check_permissions,
    check_surveys,
    check_spikes,
    check_leaks,
    check_weeks,
    check_channels,
)


def main(arguments: list[str] | None = None) -> int:
    """Draw, print, and say by the exit code whether every line holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--write", type=Path, help="document whose marked table is replaced")
    chosen = parser.parse_args(arguments)
    checks = run(chosen.draws, chosen.seed)
    table = markdown(checks)
    print(table)
    if chosen.write is not None:
        chosen.write.write_text(replaced(chosen.write.read_text(), table))
    return int(not all(check.holds for check in checks))


def run(draws: int, seed: int) -> list[Check]:
    """Make every line of the table; each subject has a generator of its own."""
    generators = np.random.default_rng(seed).spawn(len(SUBJECTS))
    return [
        check
        for subject, rng in zip(SUBJECTS, generators, strict=True)
        for check in subject(rng, draws)
    ]


def replaced(document: str, table: str) -> str:
    """Put the table between its marks.

    Raises:
        ValueError: the document has not both marks.
    """
    pattern = re.compile(f"({re.escape(BEGIN)}\n).*?({re.escape(END)})", re.DOTALL)
    text, count = pattern.subn(lambda found: f"{found[1]}{table}\n{found[2]}", document)
    if count != 1:
        raise ValueError(f"the document has {count} places between {BEGIN!r} and {END!r}, not 1")
    return text


if __name__ == "__main__":
    sys.exit(main())
