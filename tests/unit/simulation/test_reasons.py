import numpy as np

from simulation.reasons import REASONS, Marks, judge


def reasons(**flags: object) -> list[str]:
    defaults = {"record": np.array([7, 7, 7]), "received": np.array([30, 10, 20])}
    return [REASONS[code] for code in judge(Marks(**{**defaults, **flags}))]  # type: ignore[arg-type]


def test_the_survivor_is_the_row_received_first() -> None:
    assert reasons() == ["duplicate", "kept", "duplicate"]


def test_a_quarantined_row_is_nobodys_original() -> None:
    broken = np.array([False, True, False])
    assert reasons(is_quarantined=broken) == ["duplicate", "quarantined", "kept"]


def test_the_first_reason_that_holds_wins() -> None:
    everything = np.array([True])
    order = ("is_bot", "is_test", "is_expired", "is_stale", "is_erased")
    expected = ("bot", "test", "expired_session", "stale", "erased")
    for place, reason in enumerate(expected):
        flags = dict.fromkeys(order[place:], everything)
        assert reasons(**flags) == ["duplicate", reason, "duplicate"]
