"""Contact records of people whose truth is known, in a build database."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from warehouse import connect, write_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

_CONSONANTS, _VOWELS = "bcdfghjklmnprstvz", "aeiou"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def make_contacts(*, people: int, seed: int = 1) -> pd.DataFrame:
    """Draw contacts: every person one, a third of them another one with slips in it.

    Returns:
        The columns of `identity_contact_records`, and `person`.
    """
    rng = np.random.default_rng(seed)
    names = sorted({_name(rng) for _ in range(260)})
    cities = [_name(rng) for _ in range(15)]
    rows = []
    for person in range(people):
        first, last = (names[int(rng.integers(len(names)))] for _ in range(2))
        born = date(1950, 1, 1) + timedelta(days=int(rng.integers(0, 20_000)))
        row = {
            "person": person,
            "first_name": first,
            "last_name": last,
            "date_of_birth": born,
            "city": cities[int(rng.integers(len(cities)))],
            "email": f"{first}.{last}{person}@{'one' if rng.random() < 0.5 else 'two'}.example",
            "phone": f"+346{person:08d}",
        }
        rows.append(row)
        if rng.random() < 1 / 3:
            rows.append(_again(rng, row))
    contacts = pd.DataFrame(rows)
    contacts["identifier_key"] = [key_of(number) for number in range(len(contacts))]
    contacts["first_seen_at"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(
        np.arange(len(contacts)), unit="h"
    )
    return contacts


def key_of(number: int) -> str:
    """Return the identifier key of a contact."""
    return hashlib.md5(f"contact_id:{number}".encode(), usedforsecurity=False).hexdigest()


def build_of(contacts: pd.DataFrame, learnt: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """Return a build database that holds contacts, and those to learn from."""
    connection = connect(None)
    for table, frame in (("contact_records", contacts), ("training_records", learnt)):
        columns = frame.drop(columns="person").astype({"date_of_birth": "str"})
        write_table(connection, f"identity.identity_{table}", columns)
        connection.execute(
            f"alter table identity.identity_{table} alter date_of_birth type date "
            "using try_cast(date_of_birth as date)"
        )
    return connection


def pairs_of_people(contacts: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the pairs of keys that are one person, the smaller first."""
    return {
        (min(keys), max(keys))
        for keys in contacts.groupby("person")["identifier_key"].agg(tuple)
        if len(keys) == 2
    }


def pairs_of_one_key(contacts: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the pairs of keys that share a mailbox or a number, the smaller first."""
    return {
        (min(keys), max(keys))
        for column in ("email", "phone")
        for keys in contacts.groupby(column)["identifier_key"].agg(tuple)
        if len(keys) == 2
    }


def _again(rng: np.random.Generator, row: dict[str, object]) -> dict[str, object]:
    """Draw the second record of a person: another mailbox and number, and up to two slips."""
    again = {**row, "email": f"{_name(rng)}@three.example", "phone": None}
    if rng.random() < 0.2:
        again["email"] = row["email"]
    if rng.random() < 0.1:
        again["phone"] = row["phone"]
    for field in rng.choice(["first_name", "last_name", "date_of_birth", "none"], 2):
        if field == "date_of_birth":
            born = row["date_of_birth"]
            assert isinstance(born, date)
            again[field] = born.replace(day=1 + (born.day + 1) % 28)
        elif field != "none":
            again[field] = _slip(rng, str(row[field]))
    return again


def _slip(rng: np.random.Generator, text: str) -> str:
    place = int(rng.integers(1, len(text)))
    return text[:place] + _LETTERS[int(rng.integers(26))] + text[place + 1 :]


def _name(rng: np.random.Generator) -> str:
    def syllables() -> Iterable[str]:
        for _ in range(int(rng.integers(2, 4))):
            yield str(rng.choice(list(_CONSONANTS))) + str(rng.choice(list(_VOWELS)))

    return "".join(syllables()) + str(rng.choice(["", "n", "s", "r"]))
