"""`trustlift explain`: a person learns from the published row what the verdict is and why."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from orchestration.explain_command import print_verdict, read_verdict
from orchestration.screen import make_console
from tests.unit.orchestration.calling import call
from tests.unit.verdicts.stories import POLICY, judged
from verdicts.rows import WEEKLY, rows_of
from warehouse import connect, write_table

Write = Callable[..., Path]
STORIES = {
    "challenge": ("4*good", "2*bad", "bad+fix", "bad"),
    "forecast": ("4*good", "2*good+works"),
    "tips": ("good", "2*blocked"),
}


@pytest.fixture
def config(write_config: Write, tmp_path: Path) -> Path:
    rows = [
        row
        for feature, story in STORIES.items()
        for row in rows_of(feature, judged(*story), policy=POLICY)
    ]
    weekly = pa.Table.from_pylist(rows, schema=WEEKLY)
    snapshot = connect(tmp_path / "data" / "published" / "kpi.duckdb")
    write_table(snapshot, "main.weekly", weekly)
    snapshot.execute(
        "create table kpi_feature_verdicts_weekly as select *, 'ok' as data_quality, "
        "case when feature_id = 'tips' then 'fix' else verdict end as first_verdict, "
        "feature_id = 'tips' as is_corrected, 1 as revision from weekly"
    )
    snapshot.close()
    return write_config()


def test_a_person_learns_what_since_when_why_and_what_next(
    monkeypatch: pytest.MonkeyPatch, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "explain", "challenge", "--config", config) == 0
    told = capsys.readouterr().out
    words = " ".join(told.split())
    for expected in (
        "challenge: fix",
        "Week of 2026-02-23. Rollout: hold.",
        "Fix since the week of 2026-02-09, 3 weeks with data: low trust 2 weeks running (limit 2).",
        "Fix clock: 4 weeks left, fix 1.",
        "trust low: weekly opt-outs 10 % (9.11–10.97 %), limit 0.75 %",
        "from 2026-03-30: 3 weeks of high trust on exposure after the fix (0 so far), else sunset",
    ):
        assert expected in words
    assert max(len(line) for line in told.splitlines()) <= 80


def test_a_row_names_metric_and_experiment(
    monkeypatch: pytest.MonkeyPatch, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "explain", "forecast", "--config", config) == 0
    assert "account_retention of e1 +0.05" in " ".join(capsys.readouterr().out.split())


def test_a_reader_is_told_what_to_mind(
    monkeypatch: pytest.MonkeyPatch, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "explain", "tips", "--config", config) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "corrected by late data: it was first said to be fix" in told
    assert "without data for 2 weeks" in told


def test_any_day_of_the_week_names_it(
    monkeypatch: pytest.MonkeyPatch, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--week", "2026-02-08", "--json")
    assert call(monkeypatch, "explain", "challenge", "--config", config, *asked) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["week_start_date"], row["verdict"]) == ("2026-02-02", "watch")


def test_an_unknown_feature_is_answered_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "explain", "chalenge", "--config", config) == 2
    said = capsys.readouterr().err
    assert "'chalenge' has no verdict" in said
    assert "Give one of: challenge, forecast, tips." in said


def test_a_week_without_a_verdict_is_answered_with_those_that_have_one(
    monkeypatch: pytest.MonkeyPatch, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--week", "2026-05-08")
    assert call(monkeypatch, "explain", "tips", "--config", config, *asked) == 2
    assert "from the week of 2026-01-05 to that of 2026-01-19" in capsys.readouterr().err


def test_before_the_first_publish_it_says_so(
    monkeypatch: pytest.MonkeyPatch, write_config: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "explain", "tips", "--config", write_config()) == 1
    assert "Nothing is published yet. Run " in capsys.readouterr().err


def test_what_was_published_without_verdicts_is_told(
    monkeypatch: pytest.MonkeyPatch,
    write_config: Write,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    connect(tmp_path / "data" / "published" / "kpi.duckdb").close()
    assert call(monkeypatch, "explain", "tips", "--config", write_config()) == 1
    assert "has no kpi_feature_verdicts_weekly" in capsys.readouterr().err


def test_what_another_version_published_is_told(
    monkeypatch: pytest.MonkeyPatch, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = connect(config.parent / "data" / "published" / "kpi.duckdb")
    snapshot.execute("alter table kpi_feature_verdicts_weekly drop column entered_because")
    snapshot.close()
    assert call(monkeypatch, "explain", "tips", "--config", config) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "of another version: kpi_feature_verdicts_weekly has no entered_because. Run " in said


def test_every_row_can_be_printed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = config.parent / "data" / "published" / "kpi.duckdb"
    for feature in STORIES:
        row = read_verdict(snapshot, feature, week=date(2026, 1, 5), run="trustlift run")
        print_verdict(make_console(), row)
        assert f"{feature}: " in capsys.readouterr().out
