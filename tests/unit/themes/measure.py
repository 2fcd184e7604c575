"""Precision and recall of the themes, on texts labelled by hand.

`python -m tests.unit.themes.measure` prints what docs/themes.md reports.
"""

import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from tests.unit.macros.rendering import PROJECT, render

THEMES = ("invasive", "unwanted", "noisy", "misleading")
_TEXTS = Path(__file__).with_name("theme_texts.csv")


def found_themes(texts: "pd.Series[str]") -> "pd.Series[Any]":
    """Give each text the set of its themes, by the macro and the seeds that the pipeline uses."""
    rows = pd.DataFrame({"text_key": range(len(texts)), "text": texts.to_numpy(object)})
    with duckdb.connect() as connection:
        connection.register("texts", rows)
        for seed in ("theme_phrases", "theme_rules"):
            connection.execute(
                f"create table {seed} as from read_csv('{PROJECT}/seeds/{seed}.csv', header=true)"
            )
        found = connection.execute(render('{{ text_themes("texts") }}')).df()
    return found.groupby("text_key")["theme"].agg(set).reindex(range(len(texts)))


def measure(split: str) -> pd.DataFrame:
    """Compare found themes with labelled ones.

    Args:
        split: `develop` for the texts the phrases were written for, `held_out` for the others.

    Returns:
        Per theme: precision, recall, how often it is true and found, and how many questions about
        banking there are and got it.
    """
    labelled = pd.read_csv(_TEXTS)
    labelled = labelled[labelled["split"] == split].reset_index(drop=True)
    found = found_themes(labelled["text"])
    is_banking = labelled["themes"] == "other"
    rows = []
    for theme in THEMES:
        is_true = labelled["themes"].str.split("|").map(lambda themes, t=theme: t in themes)
        is_found = found.map(lambda themes, t=theme: t in themes)
        hits = int((is_true & is_found).sum())
        rows.append(
            {
                "theme": theme,
                "precision": hits / max(int(is_found.sum()), 1),
                "recall": hits / int(is_true.sum()),
                "true_count": int(is_true.sum()),
                "found_count": int(is_found.sum()),
                "banking_count": int(is_banking.sum()),
                "false_in_banking": int((is_found & is_banking).sum()),
            }
        )
    return pd.DataFrame(rows).set_index("theme")


def report() -> str:
    """Lay out what is measured as a table of Markdown."""
    lines = [
        "| texts | theme | texts about it | precision | recall |",
        "|---|---|---|---|---|",
    ]
    for split, words in (("held_out", "never seen"), ("develop", "written for")):
        measured = measure(split)
        lines += [
            f"| {words} | {theme} | {row['true_count']:.0f} | {row['precision']:.2f} | "
            f"{row['recall']:.2f} |"
            for theme, row in measured.iterrows()
        ]
        false, count = measured["false_in_banking"].sum(), measured["banking_count"].max()
        lines.append(f"| {words} | any, in questions about banking | {count} | {false} found | |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(report())
