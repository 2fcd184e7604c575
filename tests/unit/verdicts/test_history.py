"""The log of verdicts: what was said stays, and a correction is one line more."""

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from verdicts.history import HISTORY, read_log, revised, write_log

FIRST, LATER = datetime(2026, 2, 1), datetime(2026, 3, 1)  # noqa: DTZ001 - as the log has them


def said(verdict: str, *, week: int = 5, feature: str = "insights") -> dict[str, object]:
    return {
        "feature_id": feature,
        "week_start_date": date(2026, 1, week),
        "verdict": verdict,
        "rule": "stay",
        "reasons": f"because {verdict}",
    }


def lines(log: pa.Table) -> list[tuple[object, ...]]:
    names = ("week_start_date", "revision", "issued_as_of", "verdict")
    return [tuple(line[name] for name in names) for line in log.to_pylist()]


def test_the_first_word_is_revision_one() -> None:
    log = revised(HISTORY.empty_table(), [said("watch")], issued_as_of=FIRST)
    assert lines(log) == [(date(2026, 1, 5), 1, FIRST, "watch")]


def test_what_is_said_again_adds_nothing() -> None:
    log = revised(HISTORY.empty_table(), [said("watch")], issued_as_of=FIRST)
    assert revised(log, [said("watch")], issued_as_of=LATER).equals(log)


def test_a_correction_is_a_line_more() -> None:
    log = revised(HISTORY.empty_table(), [said("watch"), said("fix", week=12)], issued_as_of=FIRST)
    log = revised(log, [said("watch"), said("sunset", week=12)], issued_as_of=LATER)
    assert lines(log) == [
        (date(2026, 1, 5), 1, FIRST, "watch"),
        (date(2026, 1, 12), 1, FIRST, "fix"),
        (date(2026, 1, 12), 2, LATER, "sunset"),
    ]


def test_what_turns_back_is_said_a_third_time() -> None:
    log = HISTORY.empty_table()
    for verdict in ("watch", "fix", "watch"):
        log = revised(log, [said(verdict)], issued_as_of=FIRST)
    assert [line[1] for line in lines(log)] == [1, 2, 3]


def test_a_week_that_is_gone_stays_in_the_log() -> None:
    log = revised(HISTORY.empty_table(), [said("watch")], issued_as_of=FIRST)
    assert revised(log, [], issued_as_of=LATER).equals(log)


def test_a_log_reads_as_it_was_written(tmp_path: Path) -> None:
    log = revised(HISTORY.empty_table(), [said("watch")], issued_as_of=FIRST)
    write_log(tmp_path / "verdicts" / "history.parquet", log)
    assert read_log(tmp_path / "verdicts" / "history.parquet").equals(log)


def test_before_the_first_publish_the_log_is_empty(tmp_path: Path) -> None:
    assert read_log(tmp_path / "none.parquet").num_rows == 0


def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "history.parquet"
    file.write_text("not a log")
    with pytest.raises(ValueError, match=r"is no log of verdicts .*backups"):
        read_log(file)
