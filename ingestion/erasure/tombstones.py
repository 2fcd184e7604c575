"""Tombstones: what is remembered of the forgotten, so that no delivery brings them back.

Each is a keyed digest (HMAC) of a token. Without the key it says nothing; a plain digest of an
e-mail address or a phone number would be found by trying them all. The key comes from the
environment, or from a file that is made when it is first needed.
"""

import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.lake import write_atomically

KEY_VARIABLE = "TRUSTLIFT_ERASURE_KEY"
_SHORTEST_KEY = 32
_SCHEMA = pa.schema(
    [
        pa.field("digest", pa.string(), nullable=False),
        pa.field("until", pa.timestamp("us")),
    ]
)
_CHECK = b"trustlift.key_check"
FOREVER = datetime(9999, 12, 31, 23, 59, 59, 999_999)  # noqa: DTZ001 - as the lake's times
"""The last moment of a tombstone that holds for good."""


class KeyMissingError(ValueError):
    """There are tombstones, and not the key that they were made with."""


@dataclass(frozen=True)
class Tombstones:
    """The tombstones of a lake.

    Attributes:
        key: What digests are made with; empty as long as nobody was forgotten.
        until: The last moment that each digest is about, `FOREVER` for all (UTC, naive).
    """

    key: bytes = field(default=b"", repr=False)
    until: Mapping[str, datetime] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.until)

    def digest(self, token: str) -> str:
        """Return the keyed digest of a token."""
        return hmac.digest(self.key, token.encode(), "sha256").hex()

    def found(self, tokens: Iterable[str]) -> dict[str, datetime]:
        """Return the tokens that have a tombstone, each with the last moment it is about."""
        known = self.until
        return {token: known[digest] for token in tokens if (digest := self.digest(token)) in known}

    def with_others(self, others: Mapping[str, datetime]) -> "Tombstones":
        """Return these and others; of two about one digest the later moment holds."""
        until = dict(self.until)
        for digest, moment in others.items():
            until[digest] = max(moment, until.get(digest, moment))
        return Tombstones(self.key, until)


def erasure_folder(lake: Path) -> Path:
    """Return the folder of what is remembered of erasures."""
    return lake / "_erasures"


def read_tombstones(lake: Path) -> Tombstones:
    """Return the tombstones of a lake, none if nobody was forgotten.

    Raises:
        KeyMissingError: The key that they were made with is not there.
    """
    path = _path(lake)
    if not path.exists():
        return Tombstones()
    table = pq.read_table(path, schema=_SCHEMA)
    said = pq.read_schema(path).metadata[_CHECK].decode()
    key = _given_key(lake)
    if key is None or _check(key) != said:
        raise KeyMissingError(
            f"{path} was made with another key than the one given: forgotten people could come "
            f"back unnoticed. Set {KEY_VARIABLE} to the key, or put {_key_path(lake)} back."
        )
    moments = (FOREVER if moment is None else moment for moment in table["until"].to_pylist())
    return Tombstones(key, dict(zip(table["digest"].to_pylist(), moments, strict=True)))


def open_tombstones(lake: Path) -> Tombstones:
    """Return the tombstones of a lake, with a key made if there is none yet.

    Raises:
        KeyMissingError: The key that they were made with is not there, or is too short to be one.
    """
    known = read_tombstones(lake)
    if known.key:
        return known
    key = _given_key(lake)
    if key is None:
        write_secret(_key_path(lake), secrets.token_hex(_SHORTEST_KEY))
        key = _given_key(lake)
    if key is None or len(key) < _SHORTEST_KEY:
        raise KeyMissingError(
            f"{KEY_VARIABLE} must be a secret of at least {_SHORTEST_KEY} characters. Make one, "
            "or unset it: a key is then made and kept beside the tombstones."
        )
    return Tombstones(key)


def write_tombstones(lake: Path, tombstones: Tombstones) -> None:
    """Replace the tombstones of a lake; their order says nothing."""
    digests = sorted(tombstones.until)
    moments = [tombstones.until[digest] for digest in digests]
    table = pa.table(
        {"digest": digests, "until": [None if one == FOREVER else one for one in moments]},
        schema=_SCHEMA.with_metadata({_CHECK: _check(tombstones.key).encode()}),
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    write_atomically(_path(lake), sink.getvalue().to_pybytes())


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _given_key(lake: Path) -> bytes | None:
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return given.encode()
    path = _key_path(lake)
    return path.read_bytes().strip() if path.exists() else None


def _check(key: bytes) -> str:
    return hmac.digest(key, _CHECK, "sha256").hex()


def _path(lake: Path) -> Path:
    return erasure_folder(lake) / "tombstones.parquet"


def _key_path(lake: Path) -> Path:
    return erasure_folder(lake) / "key"
