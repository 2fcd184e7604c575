"""How well the phrases of the seeds find what people write about, on texts written by hand."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.unit.macros.rendering import PROJECT, render
from tests.unit.themes.measure import THEMES, found_themes, measure, report

# Precision and recall on texts written after the phrases, and never looked at to better them.
FLOORS = {
    "invasive": (0.7, 0.15),
    "unwanted": (0.7, 0.65),
    "noisy": (0.7, 0.5),
    "misleading": (0.7, 0.3),
}


def themes_of(*texts: str) -> list[set[str]]:
    found: list[set[str]] = found_themes(pd.Series(texts)).tolist()
    return found


@pytest.mark.parametrize("theme", THEMES)
def test_themes_are_found_in_texts_never_seen(theme: str) -> None:
    measured = measure("held_out").loc[theme]
    precision, recall = FLOORS[theme]
    assert measured["precision"] >= precision
    assert measured["recall"] >= recall


@pytest.mark.parametrize("theme", THEMES)
def test_texts_the_phrases_were_written_for_are_found(theme: str) -> None:
    measured = measure("develop").loc[theme]
    assert measured["precision"] >= 0.90
    assert measured["recall"] >= 0.85
    assert measured["true_count"] >= 80


@pytest.mark.parametrize("split", ["develop", "held_out"])
def test_a_question_about_banking_has_no_theme(split: str) -> None:
    measured = measure(split)
    assert measured["banking_count"].max() >= 35
    assert measured["false_in_banking"].sum() <= 1


def test_the_page_reports_what_is_measured() -> None:
    page = (PROJECT / "docs/themes.md").read_text(encoding="utf-8")
    assert report() in page, "run `python -m tests.unit.themes.measure` and put its table there"


def test_spelling_does_not_matter() -> None:
    spelt = (
        "I didn't ask for advice",
        "I DIDN’T ASK FOR ADVICE!!",
        "i didnt ask for advice",
        "I  did not\nask for advíce",
        "Hello.I didn't ask for advice?Thanks",
    )
    assert themes_of(*spelt) == [{"noisy"}] * len(spelt)


def test_words_must_meet_in_one_sentence() -> None:
    assert themes_of("I want to turn off my card. Can you give me advice") == [{"other"}]
    assert themes_of("I get advice. How do I turn it off") == [{"unwanted"}]


def test_a_text_may_have_two_themes_and_no_text_has_other() -> None:
    assert themes_of("The tip was wrong. How do I turn the tips off?", "", "Hello") == [
        {"misleading", "unwanted"},
        {"other"},
        {"other"},
    ]


def test_every_rules_example_meets_its_rule() -> None:
    rules = pd.read_csv(PROJECT / "seeds/theme_rules.csv")
    examples = rules.drop_duplicates("rule_id")
    found = themes_of(*examples["example"])
    assert [theme in has for theme, has in zip(examples["theme"], found, strict=True)] == [
        True
    ] * len(examples)


def test_rules_name_groups_that_have_phrases() -> None:
    groups = set(pd.read_csv(PROJECT / "seeds/theme_phrases.csv")["word_group"])
    assert set(pd.read_csv(PROJECT / "seeds/theme_rules.csv")["word_group"]) == groups


def test_without_rules_everything_is_other(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as connection:
        connection.execute(
            "create table theme_phrases as select 'advice' as word_group, 'tips' as phrase;"
            "create table theme_rules (theme varchar, rule_id varchar, word_group varchar, "
            "is_needed boolean);"
            "create table texts as select 1 as text_key, 'too many tips' as text"
        )
        found = connection.execute(render('{{ text_themes("texts") }}')).fetchall()
    assert found == [(1, "other")]
