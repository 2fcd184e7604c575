"""Small batches of a reader are judged together, and none is lost or changes its place."""

from pathlib import Path

import pyarrow as pa
import pytest

from ingestion.readers import InputFile, Unreadable, gathering
from ingestion.readers.gathering import gathered


def table(*lines: int, column: str = "line") -> pa.Table:
    return pa.table({column: pa.array(lines, pa.int64())})


def test_what_follows_each_other_is_one_batch() -> None:
    (batch,) = gathered([table(1, 2), table(), table(3)])
    assert isinstance(batch, pa.Table)
    assert batch == table(1, 2, 3)
    assert len(batch["line"].chunks) == 1


def test_other_columns_begin_another_batch() -> None:
    batches = list(gathered([table(1), table(2, column="other"), table(3)]))
    assert batches == [table(1), table(2, column="other"), table(3)]


def test_a_batch_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_BYTES_AT_MOST", table(1, 2).nbytes)
    batches = list(gathered([table(1), table(2), table(3), table(4, 5, 6), table(7)]))
    assert batches == [table(1, 2), table(3), table(4, 5, 6), table(7)]


def test_what_cannot_be_read_is_handed_on() -> None:
    broken = Unreadable(InputFile(1, Path("a"), "a", 0), "EOFError")
    assert list(gathered([table(1), broken, table(2)])) == [broken, table(1, 2)]
    assert list(gathered([])) == []
