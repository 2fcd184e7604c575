"""Ways in which records break: each takes a sound one and gives one broken record."""

import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]

_HUGE = 100_000
_DEEP = 3_000
_ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\u202e\ufeff\U0001f4a3",
    "null",
    "NaN",
    "-Infinity",
    "'; drop table kept; --",
    "{{ as_of() }}",
    "../../../etc/passwd",
    "1e999",
    "0x1F",
    "١٢٣",
)
_ODD_TIMES = (
    "2999-12-31T23:59:59Z",
    "9999-12-31 23:59:59.999999",
    "292278994-08-17T07:12:55.807Z",
    "-0044-03-15 12:00:00",
    "0000-00-00 00:00:00",
    "2026-02-30T12:00:00Z",
    "2026-03-29T02:30:00 Europe/Madrid",
    "1969-12-31T23:59:59Z",
    "infinity",
    "24:61:61",
)
_ODD_NUMBERS = (
    0,
    -1,
    2**31,
    -(2**63),
    2**63,
    2**64,
    10**40,
    -0.0,
    1e308,
    5e-324,
    12.7,
    -999_999_999_999.99,
)
_LITERALS = ("NaN", "Infinity", "-Infinity", "1e999", "-1E+9999", "01", "+1", ".5", "undefined")


def odd_value(rng: random.Random) -> object:
    """Return a value of a type or size that nobody expects, which JSON can hold."""
    return rng.choice(
        (
            lambda: rng.choice(_ODD_TEXTS),
            lambda: rng.choice(_ODD_TIMES),
            lambda: rng.choice(_ODD_NUMBERS),
            lambda: rng.choice((None, True, False)),
            list,
            dict,
            lambda: [[{"a": [None]}]] * 3,
            lambda: {"$": {"": {"a.b": 1}}},
            lambda: nested(rng.randint(2, 200)),
            lambda: "x" * rng.randint(1_000, _HUGE),
        )
    )()


def nested(depth: int) -> object:
    """Return lists in lists."""
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def odd_record(record: Mapping[str, Any], rng: random.Random) -> Record:
    """Replace, remove or add some fields; the result is JSON without exception."""
    odd = dict(record)
    for _ in range(rng.randint(1, 3)):
        name = rng.choice(sorted(odd) or ["field"])
        change = rng.random()
        if change < 0.7:
            odd[name] = odd_value(rng)
        elif change < 0.85:
            odd.pop(name, None)
        else:
            odd[rng.choice(("", "_row_id", "received_date", name.upper(), "é" * 300))] = 1
    return odd


def odd_line(line: bytes, rng: random.Random) -> bytes:
    """Break one line of JSON; the result is one line that is not blank."""
    broken = rng.choice(_LINE_FAULTS)(line, rng).replace(b"\n", b" ").replace(b"\r", b" ")
    return broken if broken.strip(b" \t\x0b\x0c\x1c\x1d\x1e\x1f\x85") else b"?" + broken


def _odd_fields(line: bytes, rng: random.Random) -> bytes:
    return json.dumps(odd_record(json.loads(line), rng)).encode()


def _truncated(line: bytes, rng: random.Random) -> bytes:
    return line[: rng.randrange(1, len(line))]


def _beheaded(line: bytes, rng: random.Random) -> bytes:
    return line[rng.randrange(1, len(line)) :]


def _binary(line: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(rng.randint(1, len(line)))


def _invalid_unicode(line: bytes, rng: random.Random) -> bytes:
    odd = rng.choice((b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\\udc00x", b"\\u00zz"))
    place = line.index(b'": "') + 4 if b'": "' in line else line.index(b'":"') + 3
    return line[:place] + odd + line[place:]


def _flipped(line: bytes, rng: random.Random) -> bytes:
    text = bytearray(line)
    for _ in range(rng.randint(1, 8)):
        text[rng.randrange(len(text))] ^= 1 << rng.randrange(8)
    return bytes(text)


def _bomb(line: bytes, rng: random.Random) -> bytes:
    depth = rng.randint(100, _DEEP)
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}")))
    bomb = opening * depth + b"1" + closing * rng.choice((0, depth))
    return rng.choice((bomb, line.rstrip()[:-1] + b',"bomb":' + bomb + b"}"))


def _literal(line: bytes, rng: random.Random) -> bytes:
    record = json.loads(line)
    name = rng.choice(sorted(record))
    record[name] = "@literal@"
    return json.dumps(record).replace('"@literal@"', rng.choice(_LITERALS)).encode()


def _twice(line: bytes, rng: random.Random) -> bytes:
    name = json.dumps(rng.choice(sorted(json.loads(line)))).encode()
    return line.rstrip()[:-1] + b"," + name + b":0}"


def _no_object(line: bytes, rng: random.Random) -> bytes:
    del line
    return rng.choice((b"null", b"[]", b"{}", b'""', b"0", b"true", b"[{}]", b"}{", b"\x00"))


def _marked(line: bytes, rng: random.Random) -> bytes:
    return rng.choice((b"\xef\xbb\xbf", b"\x1f\x8b", b"PK\x03\x04", b"\x00" * 9)) + line


_LINE_FAULTS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_odd_fields,) * 8,
    _truncated,
    _beheaded,
    _binary,
    _invalid_unicode,
    _flipped,
    _flipped,
    _bomb,
    _literal,
    _literal,
    _twice,
    _no_object,
    _marked,
)


def odd_file(content: bytes, rng: random.Random) -> bytes:
    """Break a whole file so that no reader of its format can open it."""
    return rng.choice(
        (
            b"",
            content[: max(1, len(content) // rng.randint(2, 9))],
            rng.randbytes(64) + content[64:],
            rng.randbytes(len(content)),
        )
    )


def odd_for_avro(types: object, rng: random.Random) -> object:
    """Return an extreme value that an Avro type still admits."""
    options = types if isinstance(types, list) else [types]
    chosen = rng.choice(options)
    if isinstance(chosen, dict):
        chosen = chosen["type"]
    values: dict[str, Callable[[], object]] = {
        "null": lambda: None,
        "string": lambda: rng.choice((*_ODD_TEXTS, *_ODD_TIMES, "x" * _HUGE)),
        "int": lambda: rng.choice((0, -1, 2**31 - 1, -(2**31))),
        "long": lambda: rng.choice((0, -1, 2**63 - 1, -(2**63), 253_402_300_800)),
        "float": lambda: rng.choice((float("nan"), float("inf"), -0.0)),
        "double": lambda: rng.choice((float("nan"), float("-inf"), 1e308)),
        "boolean": lambda: rng.choice((True, False)),
        "bytes": lambda: rng.randbytes(20),
        "array": list,
        "map": dict,
    }
    return values[str(chosen)]()


def odd_moment(rng: random.Random) -> datetime:
    """Return a moment far from any that a customer has seen."""
    return rng.choice(
        (
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
            datetime(2999, 12, 31, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        )
    )
