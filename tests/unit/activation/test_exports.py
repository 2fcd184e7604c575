"""What is due leaves once, whatever happens midway; what is withheld never does."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import activation.exports
from activation import Exported, FollowUp, StoreError, export, read_due

NOW = datetime(2026, 4, 29, tzinfo=UTC)
ONE = FollowUp(
    flow_instance_id="fl1",
    customer_id="7",
    flow_id="loan_simulation",
    channel="email",
    amount=Decimal("5000.00"),
    currency_code="EUR",
    missing_step="term",
    deadline_at=NOW + timedelta(hours=9),
)
TWO = replace(ONE, flow_instance_id="fl2", amount=None, missing_step=None)
ADDRESSES = {"fl1": "cu001", "fl2": "cu002"}


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Exported]:
    """Export into a folder of the test's own."""

    def run(*due: FollowUp, hours: int = 0) -> Exported:
        return export(
            due,
            ADDRESSES,
            store=tmp_path / "state/exports.sqlite",
            folder=tmp_path / "outbox",
            now=NOW + timedelta(hours=hours),
        )

    return run


def lines(folder: Path) -> list[str]:
    """Read every line that a sending system would find."""
    return [
        line
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text().split("\n")
        if line
    ]


def killed(act: Callable[[], object]) -> None:
    """Do something in a process that ends without a word where `os._exit` says so."""
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    assert os.waitpid(child, 0)[1] != 0, "the process was not killed"


def test_a_line_is_what_braze_takes(run: Callable[..., Exported], tmp_path: Path) -> None:
    assert run(ONE, TWO).follow_ups == 2
    first, second = (json.loads(line) for line in lines(tmp_path / "outbox"))
    assert first == {
        "external_user_id": "cu001",
        "canvas_entry_properties": {
            "flow_id": "loan_simulation",
            "flow_instance_id": "fl1",
            "channel": "email",
            "amount": "5000.00",
            "currency_code": "EUR",
            "missing_step": "term",
            "deadline_at": "2026-04-29T09:00:00Z",
        },
        "send_to_existing_only": True,
    }
    assert not {"amount", "currency_code", "missing_step"} & set(second["canvas_entry_properties"])


def test_nothing_leaves_twice(run: Callable[..., Exported], tmp_path: Path) -> None:
    run(ONE)
    again = run(ONE, TWO, hours=1)
    assert (again.follow_ups, again.before) == (1, 1)
    assert run(ONE, TWO, hours=2) == Exported(files=(), follow_ups=0, before=2, unknown=0)
    assert len(lines(tmp_path / "outbox")) == 2


def test_whom_the_sending_system_cannot_know_is_counted_and_not_forgotten(
    run: Callable[..., Exported], tmp_path: Path
) -> None:
    stranger = replace(ONE, flow_instance_id="fl9")
    assert run(stranger).unknown == 1
    done = export(
        [stranger],
        {"fl9": "cu009"},
        store=tmp_path / "state/exports.sqlite",
        folder=tmp_path / "outbox",
        now=NOW,
    )
    assert done.follow_ups == 1


@pytest.mark.parametrize("is_written", [False, True])
def test_a_killed_export_is_finished_by_the_next_and_by_no_other_file(
    run: Callable[..., Exported],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_written: bool,
) -> None:
    write = activation.exports._write_whole

    def write_and_die(path: Path, content: str) -> None:
        if is_written:
            write(path, content)
        os._exit(9)

    with monkeypatch.context() as patched:
        patched.setattr(activation.exports, "_write_whole", write_and_die)
        killed(lambda: run(ONE))
    found = lines(tmp_path / "outbox")
    assert len(found) == is_written
    done = run(ONE, hours=3)
    assert len(done.files) == 1
    assert len(lines(tmp_path / "outbox")) == 1
    assert not is_written or lines(tmp_path / "outbox") == found
    assert run(ONE, hours=4).files == ()


def test_a_kill_before_anything_is_noted_loses_nothing(
    run: Callable[..., Exported], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(activation.exports, "braze_line", lambda *_: os._exit(9))
        killed(lambda: run(ONE))
    assert run(ONE).follow_ups == 1
    assert len(lines(tmp_path / "outbox")) == 1


def test_who_was_reminded_is_not_remembered(run: Callable[..., Exported], tmp_path: Path) -> None:
    run(ONE, TWO)
    assert b"cu00" not in (tmp_path / "state/exports.sqlite").read_bytes()


def test_a_damaged_memory_stops_the_export(run: Callable[..., Exported], tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/exports.sqlite").write_text("no database, only words" * 100)
    with pytest.raises(StoreError, match="would be exported once more"):
        run(ONE)
    assert lines(tmp_path / "outbox") == []


def test_what_is_withheld_or_late_is_not_due() -> None:
    connection = duckdb.connect()
    connection.execute(
        """
        create table flow_triggers_due as
        select
            'fl' || number as flow_instance_id, number as customer_id, 'loan' as flow_id,
            'email' as channel, cast(10 as decimal(18, 2)) as amount, 'EUR' as currency_code,
            'term' as missing_step, cast(deadline as timestamp) as deadline_at,
            reason is null as is_due
        from (values
            (1, '2026-04-29 00:00:01', null),
            (2, '2026-04-29 12:00:00', 'holdout'),
            (3, '2026-04-29 12:00:00', 'no_consent'),
            (4, '2026-04-29 00:00:00', null)
        ) as due (number, deadline, reason)
        """
    )
    due = read_due(connection, now=NOW)
    assert [one.flow_instance_id for one in due] == ["fl1"]
    assert due[0].amount == Decimal(10)
