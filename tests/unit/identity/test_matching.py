from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from identity.matching import matcher
from identity.matching.matcher import Matched
from identity.matching.model import read_model
from tests.unit.identity.contact_worlds import (
    build_of,
    key_of,
    make_contacts,
    pairs_of_one_key,
    pairs_of_people,
)

THRESHOLD = 0.95
CONTACTS = make_contacts(people=500)


def match(
    folder: Path, contacts: pd.DataFrame, learnt: pd.DataFrame = CONTACTS
) -> tuple[Matched, list[tuple[object, ...]]]:
    """Run the stage; return what it did and what it wrote."""
    with build_of(contacts, learnt) as connection:
        matched = matcher.run(connection, folder, threshold=THRESHOLD, min_records=300)
        rows = connection.execute("select * from matcher.contact_matches").fetchall()
    return matched, rows


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model of `CONTACTS` and all their scores."""
    folder = tmp_path_factory.mktemp("matching")
    match(folder, CONTACTS)
    return folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(trained, tmp_path / "scored"))


@pytest.fixture
def unscored(trained: Path, tmp_path: Path) -> Path:
    """A copy without the scores."""
    return Path(
        shutil.copytree(trained, tmp_path / "unscored", ignore=shutil.ignore_patterns("*.parquet"))
    )


def test_second_records_are_found_and_hardly_anybody_elses(folder: Path) -> None:
    matched, rows = match(folder, CONTACTS)
    found = {(left, right) for left, right, *_ in rows}
    truth = pairs_of_people(CONTACTS) - pairs_of_one_key(CONTACTS)
    assert matched.match_count == len(rows) == len(found)
    assert len(found & truth) / len(found) >= 0.99
    assert len(found & truth) / len(truth) >= 0.9
    assert not found & pairs_of_one_key(CONTACTS)


def test_the_smaller_key_is_left_and_both_records_were_there(folder: Path) -> None:
    seen = dict(zip(CONTACTS["identifier_key"], CONTACTS["first_seen_at"], strict=True))
    _, rows = match(folder, CONTACTS)
    for left, right, probability, weight, version, first_seen_at in rows:
        assert isinstance(left, str)
        assert isinstance(right, str)
        assert left < right
        assert isinstance(probability, float)
        assert THRESHOLD <= probability <= 1
        assert isinstance(weight, float)
        assert weight > 4
        assert version == rows[0][4]
        assert first_seen_at == max(seen[left], seen[right])


def test_what_was_scored_is_not_scored_again(folder: Path) -> None:
    matched, rows = match(folder, CONTACTS)
    assert matched.scored_count == 0
    assert rows


def test_whatever_the_order_the_pairs_are_the_same(folder: Path, unscored: Path) -> None:
    _, at_once = match(folder, CONTACTS)
    shuffled = CONTACTS.sample(frac=1, random_state=1)
    for size in (150, 400):
        match(unscored, shuffled.head(size))
    matched, in_parts = match(unscored, shuffled)
    assert matched.scored_count == len(CONTACTS) - 400
    assert in_parts == at_once


def test_a_corrected_record_is_scored_anew_and_one_that_is_gone_has_no_pair(folder: Path) -> None:
    _, before = match(folder, CONTACTS)
    left, right = (str(key) for key in before[0][:2])
    gone, corrected = (str(key) for key in before[1][:2])
    changed = CONTACTS[CONTACTS["identifier_key"] != gone].copy()
    is_left = changed["identifier_key"] == left
    changed.loc[is_left, ["first_name", "email", "phone"]] = ["xavier", "x@x.example", None]
    changed.loc[is_left, "date_of_birth"] = date(1931, 5, 5)
    matched, after = match(folder, changed)
    found = {tuple(row[:2]) for row in after}
    assert matched.scored_count == 1
    assert (left, right) not in found
    assert not [pair for pair in found if gone in pair]
    assert found <= {tuple(row[:2]) for row in before}
    assert corrected in set(changed["identifier_key"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Namesakes: nothing agrees that is meant to tell people apart.
        ({"date_of_birth": None, "email": "a@a.example"}, {"date_of_birth": None, "email": None}),
        # A household: another first name and another birthday behind addresses that look alike.
        (
            {"first_name": "ane", "email": "zubizarreta1@zu.example"},
            {"first_name": "mikel", "date_of_birth": date(1999, 11, 30)},
        ),
    ],
)
def test_namesakes_and_households_are_no_person(
    unscored: Path, one: dict[str, object], other: dict[str, object]
) -> None:
    shared = {
        "first_name": "ane",
        "last_name": "zubizarreta",
        "date_of_birth": date(1970, 1, 2),
        "city": "bilbao",
        "email": "zubizarreta2@zu.example",
        "phone": None,
    }
    both = pd.DataFrame([{**shared, **one}, {**shared, **other}]).assign(
        identifier_key=[key_of(10_001), key_of(10_002)],
        first_seen_at=pd.Timestamp("2026-03-01"),
        person=-1,
    )
    matched, rows = match(unscored, pd.concat([both, CONTACTS.head(5)]))
    assert matched.model is not None
    assert not [row for row in rows if row[0] in set(both["identifier_key"])]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_few_contacts_match_nobody_and_the_reason_is_said(tmp_path: Path, count: int) -> None:
    contacts = CONTACTS.head(count)
    matched, rows = match(tmp_path, contacts, contacts)
    assert rows == []
    assert matched.model is None
    assert matched.reason == f"{count} contact records are fewer than 300"


def test_contacts_that_share_nothing_teach_nothing(tmp_path: Path) -> None:
    fields = ("first_name", "last_name", "date_of_birth", "city", "phone")
    unknown = CONTACTS.assign(**dict.fromkeys(fields, None))
    matched, rows = match(tmp_path, unknown, unknown)
    assert rows == []
    assert matched.reason == "too few contact records agree in anything to learn from"


def test_until_a_period_is_over_all_that_is_there_is_learnt_from(folder: Path) -> None:
    as_learnt, _ = match(folder, CONTACTS)
    at_first, _ = match(folder, CONTACTS, CONTACTS.head(10))
    assert as_learnt.model is not None
    assert at_first.model == as_learnt.model


def test_other_records_to_learn_from_make_another_model_and_other_scores(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _ = match(folder, CONTACTS)
    assert before.model is not None
    learnt = replace(before.model, prior=before.model.prior * 2)
    monkeypatch.setattr(
        matcher, "train", lambda _, learnt_from: replace(learnt, learnt_from=learnt_from)
    )
    after, rows = match(folder, CONTACTS, CONTACTS.iloc[1:])
    assert after.model is not None
    assert after.model.version != before.model.version
    assert after.scored_count == len(CONTACTS)
    assert {row[4] for row in rows} == {after.model.version}
    assert read_model(folder / "match_model.json") == after.model


@pytest.mark.parametrize(
    "name", ["match_model.json", "scored_pairs.parquet", "scored_records.parquet"]
)
def test_what_was_kept_only_saves_time(folder: Path, name: str) -> None:
    _, before = match(folder, CONTACTS)
    (folder / name).write_text("torn")
    _, after = match(folder, CONTACTS)
    assert after == before


def test_the_model_names_nobody(trained: Path) -> None:
    text = (trained / "match_model.json").read_text(encoding="utf-8")
    said = [value for column in ("first_name", "email", "phone") for value in CONTACTS[column]]
    assert not [value for value in said if isinstance(value, str) and f'"{value}"' in text]
    assert "example" not in text
