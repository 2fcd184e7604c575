import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.feeds import Reading
from ingestion.readers import InputFile, Unreadable, blocks, read_tables


def read(paths: list[Path], reading: Reading) -> tuple[list[tuple[Any, ...]], list[str]]:
    """Return rows as (file_no, line, text or record) and the names of unreadable files."""
    files = [
        InputFile(file_no=number, path=path, name=path.name, size=path.stat().st_size)
        for number, path in enumerate(paths, 1)
    ]
    rows: list[tuple[Any, ...]] = []
    broken: list[str] = []
    with duckdb.connect() as connection:
        for result in read_tables(connection, files, reading):
            if isinstance(result, Unreadable):
                broken.append(result.file.name)
                continue
            rows.extend(
                (row["file_no"], row["line"], row.get("record", row["original"]))
                for row in result.to_pylist()
            )
    return sorted(rows, key=lambda row: row[:2]), broken


LINES = Reading(format="json_lines", columns=("a",))


def test_lines_of_plain_and_gzipped_files_keep_their_numbers(tmp_path: Path) -> None:
    plain, zipped = tmp_path / "a.json", tmp_path / "b.json"
    plain.write_bytes(b'\xef\xbb\xbf{"a":1}\n\n{"a":2}')
    zipped.write_bytes(gzip.compress(b'{"a":3}\r\n{"a":4}\n'))
    rows, broken = read([plain, zipped], LINES)
    assert [(f, n, t.strip()) for f, n, t in rows] == [
        (1, 1, '{"a":1}'),
        (1, 2, ""),
        (1, 3, '{"a":2}'),
        (2, 1, '{"a":3}'),
        (2, 2, '{"a":4}'),
    ]
    assert broken == []


def test_a_huge_file_is_read_in_blocks_with_the_same_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"".join(b'{"a":%d}\n' % n for n in range(1000)) + b"last")
    whole, _ = read([path], LINES)
    monkeypatch.setattr(blocks, "_BLOCK_BYTES", 100)
    monkeypatch.setattr(blocks, "GROUP_BYTES", 100)
    assert read([path], LINES)[0] == [(f, n, t) for f, n, t in whole]
    assert whole[-1] == (1, 1001, "last\n")


def test_bytes_that_are_no_utf8_stay_visible(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"caf\xe9\nplain\n")
    assert [text for _, _, text in read([path], LINES)[0]] == ["caf\\xe9\n", "plain\n"]


@pytest.mark.parametrize("damage", [lambda b: b[:-12], lambda b: b[:20] + b"\0\0\0\0" + b[24:]])
def test_a_broken_gzip_is_unreadable_and_the_others_are_read(tmp_path: Path, damage: Any) -> None:
    bad, good = tmp_path / "a.gz", tmp_path / "b.gz"
    text = "".join(f'{{"a":{n * 7919}}}\n' for n in range(500)).encode()
    bad.write_bytes(damage(gzip.compress(text)))
    good.write_bytes(gzip.compress(b'{"a":1}\n'))
    rows, broken = read([bad, good], LINES)
    assert broken == ["a.gz"]
    assert [(f, n) for f, n, _ in rows] == [(2, 1)]


def test_pages_give_one_text_per_record(tmp_path: Path) -> None:
    page, other = tmp_path / "page-1.json", tmp_path / "page-2.json"
    page.write_text(json.dumps({"data": [{"a": 1}, {"a": {"b": 2}}], "hasNextPage": False}))
    other.write_text('{"data": [')
    rows, broken = read([page, other], Reading(format="json_page", columns=("a",), records="data"))
    assert rows == [(1, 1, '{"a":1}'), (1, 2, '{"a":{"b":2}}')]
    assert broken == ["page-2.json"]


def test_avro_records_become_json_and_no_number_is_lost(tmp_path: Path) -> None:
    path, bad = tmp_path / "a.avro", tmp_path / "b.avro"
    schema = {
        "type": "record",
        "name": "m",
        "fields": [
            {"name": "id", "type": "string"},
            {"name": "x", "type": ["null", "double"]},
            {"name": "tags", "type": {"type": "array", "items": "string"}},
        ],
    }
    with path.open("wb") as file:
        records = [
            {"id": "1", "x": None, "tags": ["a"]},
            {"id": "2", "x": float("nan"), "tags": []},
        ]
        fastavro.writer(file, fastavro.parse_schema(schema), records)
    bad.write_bytes(path.read_bytes()[:-10])
    rows, broken = read([path, bad], Reading(format="avro", columns=("id",)))
    assert [json.loads(text) for _, _, text in rows] == [
        {"id": "1", "x": None, "tags": ["a"]},
        {"id": "2", "x": "nan", "tags": []},
    ]
    assert broken == ["b.avro"]


def test_parquet_values_become_texts_and_an_absent_column_is_empty(tmp_path: Path) -> None:
    path, bad = tmp_path / "a.parquet", tmp_path / "b.parquet"
    pq.write_table(
        pa.table({"id": [1, 2], "amount": pa.array(["0.10", None]), "list": [["x"], []]}), path
    )
    bad.write_bytes(b"PAR1 no PAR1")
    reading = Reading(format="parquet", columns=("id", "amount", "list", "gone"))
    rows, broken = read([path, bad], reading)
    assert rows == [
        (1, 1, {"id": "1", "amount": "0.10", "list": '["x"]', "gone": None}),
        (1, 2, {"id": "2", "amount": None, "list": "[]", "gone": None}),
    ]
    assert broken == ["b.parquet"]


def test_csv_records_are_found_again_after_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b',name\n1,"two\nlines"\n2\n3,a,b\n\n4,"open\n5,fine\n6,"also ""fine"""\n')
    reading = Reading(format="csv", columns=("column0", "name"))
    rows, _ = read([path], reading)
    assert rows == [
        (1, 2, {"column0": "1", "name": "two\nlines"}),
        (1, 4, None),
        (1, 5, None),
        (1, 7, None),
        (1, 8, {"column0": "5", "name": "fine"}),
        (1, 9, {"column0": "6", "name": 'also "fine"'}),
    ]


AVRO_SCHEMA = {"type": "record", "name": "m", "fields": [{"name": "id", "type": "string"}]}


def avro_file(path: Path, schema: Any, records: list[Any]) -> bytes:
    with path.open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(schema), records, codec="deflate")
    return path.read_bytes()


def test_whatever_is_wrong_with_an_avro_file_it_is_unreadable(tmp_path: Path) -> None:
    good = tmp_path / "a.avro"
    content = avro_file(good, AVRO_SCHEMA, [{"id": str(n * 7919)} for n in range(200)])
    middle = len(content) // 2
    for name, damaged in {
        "codec": content[:middle] + b"\0\xff" * 8 + content[middle + 16 :],
        "schema": content.replace(b'"name": "id"', b'"nAme": "id"'),
        "empty": b"",
    }.items():
        assert damaged != content
        (tmp_path / name).write_bytes(damaged)
    avro_file(tmp_path / "texts", "string", ["no record"])
    names = ["codec", "empty", "schema", "texts"]
    reading = Reading(format="avro", columns=("id",))
    rows, broken = read([good, *(tmp_path / name for name in names)], reading)
    assert (len(rows), broken) == (200, names)


def test_a_page_and_a_csv_with_damaged_gzip_are_unreadable(tmp_path: Path) -> None:
    numbers = [n * 7919 for n in range(500)]
    page, table = tmp_path / "a.json.gz", tmp_path / "a.csv.gz"
    for path, text in ((page, f'{{"data":{numbers}}}'), (table, f'id,all\n1,"{numbers}"\n')):
        whole = gzip.compress(text.encode())
        path.write_bytes(whole[:20] + b"\0\0\0\0" + whole[24:])
    pages = Reading(format="json_page", columns=("id",), records="data")
    assert read([page], pages) == ([], ["a.json.gz"])
    assert read([table], Reading(format="csv", columns=("id",))) == ([], ["a.csv.gz"])


def test_a_csv_header_that_never_ends_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"id\n' + "1\n" * 2000)
    assert read([path], Reading(format="csv", columns=("id",))) == ([], ["a.csv"])


def test_a_parquet_file_is_its_name_and_no_pattern(tmp_path: Path) -> None:
    plain, bracketed = tmp_path / "a1.parquet", tmp_path / "a[1].parquet"
    pq.write_table(pa.table({"id": [1]}), plain)
    pq.write_table(pa.table({"id": [2]}), bracketed)
    rows, _ = read([plain, bracketed], Reading(format="parquet", columns=("id",)))
    assert rows == [(1, 1, {"id": "1"}), (2, 1, {"id": "2"})]
