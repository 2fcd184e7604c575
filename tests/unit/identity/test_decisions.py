from __future__ import annotations

from pathlib import Path

from tests.unit.identity.worlds import World, resolve


def test_a_match_joins_after_what_was_seen_the_most_probable_first(tmp_path: Path) -> None:
    world = World().link("ref:a", "email:a").see("ref:b", "ref:c")
    world.guard("ref:b", "date_of_birth", "1980").guard("ref:c", "date_of_birth", "1990")
    world.match("ref:a", "ref:b", probability=0.95).match("ref:a", "ref:c", probability=0.99)
    resolved = resolve(world, tmp_path)
    assert resolved.together("ref:a", "ref:c", "email:a")
    assert resolved.alone("ref:b")
    assert resolved.reviews == {("ref:a–ref:b", 2, "guard_date_of_birth")}


def test_a_match_that_no_guard_forbids_joins_two_customers_with_their_devices(
    tmp_path: Path,
) -> None:
    world = World().link("ref:a", "device:a").link("ref:b", "device:b", "device:kiosk")
    world.link("ref:a", "device:kiosk").match("ref:a", "ref:b", probability=0.9)
    resolved = resolve(world, tmp_path)
    assert resolved.summary.customer_count == 1
    assert resolved.reviews == set()


def test_a_refused_link_that_a_reviewer_calls_the_same_joins(tmp_path: Path) -> None:
    world = World()
    for name in "abc":
        world.link(f"ref:{name}", "email:office")
    assert not resolve(world, tmp_path).together("ref:a", "ref:b")
    resolved = resolve(world.decide("ref:a", "ref:b", "same"), tmp_path)
    # Two holders are left, which the mailbox may have.
    assert resolved.together("ref:a", "ref:b", "ref:c", "email:office")


def test_a_reviewer_may_say_whose_a_shared_device_is(tmp_path: Path) -> None:
    world = World().link("ref:a", "device:1").link("ref:b", "device:1")
    world.link("device:1", "anonymous:1")
    resolved = resolve(world.decide("device:1", "ref:a", "same"), tmp_path)
    assert resolved.together("ref:a", "device:1", "anonymous:1")
    assert resolved.reviews == set()


def test_what_a_reviewer_calls_different_stays_apart_on_every_way(tmp_path: Path) -> None:
    world = World().link("ref:a", "ref:b", "email:x").link("ref:b", "email:x")
    world.match("ref:a", "ref:b", probability=0.99)
    assert resolve(world, tmp_path).summary.customer_count == 1
    resolved = resolve(world.decide("ref:a", "ref:b", "different"), tmp_path)
    assert not resolved.together("ref:a", "ref:b")
    # The match is settled; what else would join them is not.
    assert resolved.reviews == {("email:x", 2, "guard_review")}
