import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.exits import CommandError, Exit
from orchestration.lock import current_holder, hold_writer_lock

NOW = datetime(2026, 6, 28, tzinfo=UTC)
HOLD = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from orchestration.lock import hold_writer_lock
with hold_writer_lock(Path(sys.argv[1]), now=datetime(2026, 1, 2, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(lock: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "warehouse" / ".lock"


@pytest.fixture
def holder(lock: Path) -> Iterator[subprocess.Popen[str]]:
    process = hold(lock, 60)
    yield process
    process.kill()
    process.wait()


def test_a_second_writer_is_told_who_holds_the_lock(
    lock: Path, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(CommandError) as caught, hold_writer_lock(lock, now=NOW):
        pass
    assert f"process {holder.pid}, since 2026-01-02T00:00:00+00:00" in str(caught.value)
    assert "--wait" in caught.value.remedy
    assert caught.value.code is Exit.FAILED


def test_the_lock_goes_with_its_process_however_it_dies(
    lock: Path, holder: subprocess.Popen[str]
) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with hold_writer_lock(lock, now=NOW):
        pass


def test_a_waiting_writer_gets_the_lock_when_it_is_free(lock: Path) -> None:
    process = hold(lock, 1.5)
    before = time.monotonic()
    with hold_writer_lock(lock, now=NOW, wait=True):
        assert time.monotonic() - before > 0.5
    process.wait()


def test_one_process_may_take_it_twice_and_keeps_it_until_the_outer_block_ends(lock: Path) -> None:
    with hold_writer_lock(lock, now=NOW):
        with hold_writer_lock(lock, now=NOW):
            pass
        assert current_holder(lock) == f"process {os.getpid()}, since {NOW.isoformat()}"
    assert current_holder(lock) is None


def test_nobody_holds_a_lock_that_was_never_taken(lock: Path) -> None:
    assert current_holder(lock) is None
    assert not lock.exists()
